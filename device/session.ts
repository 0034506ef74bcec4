// One MQTT session on one connection: what is known of it, its timers, its pings and its end. In: what to send, and silence. Out: bytes on the socket, and
// why it is over. It must never trust a broker that has gone silent.

import type { Bytes } from '../shared/bytes.ts';
import type { DeviceId } from '../shared/identity.ts';
import { topicOf } from '../shared/topics.ts';
import type { Leaf } from '../shared/topics.ts';
import type { Board, Socket } from './board.ts';
import type { PacketReader } from './mqtt.ts';
import { PINGREQ } from './mqtt.ts';

/** The part of the configuration that is about the connection. */
export interface SessionConfig {
  readonly password: string;
  readonly host: string;
  readonly port: number;
  /** Through TLS. */
  readonly tls?: string | undefined;
  readonly root: string;
  readonly keepaliveSeconds: number;
}

/** It is up; the broker has acknowledged what was in flight; something came on `down`; the connection is over, for this reason. */
export type News = 'up' | 'free' | 'message' | 'over';

/** Two functions and not one for each event, because each that is held is memory. */
export interface SessionEvents {
  /** The payload of the retained last will. */
  readonly willPayload: () => Bytes;
  /** With the reason of an end. */
  readonly tell: (news: News, reason: string) => void;
}

/** One for the board's whole life: it goes from connection to connection, because each object more is memory. */
export interface Session extends PacketReader {
  readonly board: Board;
  readonly device: DeviceId;
  readonly config: SessionConfig;
  readonly events: SessionEvents;
  phase: 'over' | 'greeting' | 'up';
  /** The payload that came on `down` and is still to be heard, else ''. */
  heard: Bytes;
  /** Counts beginnings and ends, so that an earlier connection has no voice. */
  turn: number;
  socket: Socket | undefined;
  /** A timer was set since the watch last looked: the session gets on. */
  moved: boolean;
  /** The greeting's time-out, then the next ping. */
  timer: number | undefined;
  pinged: boolean;
  /** The broker has answered something: what failed later is no failed attempt to connect. */
  proven: boolean;
  packetId: number;
  /** The PUBLISH that waits for its PUBACK; '' when free. */
  inFlight: Bytes;
  tries: number;
  ackTimer: number | undefined;
  /** The link's own: why nothing is up, for people, '' while it is; attempts in a row that failed; the pause before the next. */
  reason: string;
  attempts: number;
  pauseTimer: number | undefined;
  halted: boolean;
}

/** For the greeting's answer, then for the next ping. */
export function setTimer(session: Session, ms: number): void {
  session.moved = true;
  session.board.cancel(session.timer);
  session.timer = session.board.after(ms, function () {
    session.timer = undefined;
    if (session.phase === 'up') ping(session);
    else fail(session, 'no answer from ' + session.config.host + ':' + session.config.port);
  });
}

export function stopAckTimer(session: Session): void {
  session.board.cancel(session.ackTimer);
  session.ackTimer = undefined;
}

/** Ends the connection without a word to anyone. */
export function endSession(session: Session): void {
  session.board.cancel(session.timer);
  session.timer = undefined;
  stopAckTimer(session);
  session.phase = 'over';
  session.turn++;
  const socket = session.socket;
  session.socket = undefined;
  if (socket !== undefined) socket.end();
}

export function fail(session: Session, reason: string): void {
  if (session.phase === 'over') return;
  endSession(session);
  session.events.tell('over', reason);
}

export function send(session: Session, bytes: Bytes): void {
  if (session.socket !== undefined) session.socket.write(bytes);
}

export function topic(session: Session, leaf: Leaf): string {
  return topicOf(session.config.root, session.device, leaf);
}

export function awaitPing(session: Session): void {
  setTimer(session, session.config.keepaliveSeconds * 500);
}

/** Twice in a keepalive; when the last one is still unanswered, the other side is gone. */
function ping(session: Session): void {
  if (session.pinged) {
    fail(session, 'the hub stopped answering');
    return;
  }
  session.pinged = true;
  send(session, PINGREQ);
  awaitPing(session);
}
