// One MQTT session on one connection: hello, subscription, pings, one PUBLISH in flight. In: what to send, and the broker's packets. Out: events,
// the last of which says why it is over. It must never take an acknowledgement for a receipt, nor trust a broker that has gone silent.

import type { Bytes } from '../shared/bytes.ts';
import type { DeviceId } from '../shared/identity.ts';
import { topicOf } from '../shared/topics.ts';
import type { Leaf } from '../shared/topics.ts';
import type { Board, Socket } from './board.ts';
import type { Packet, PacketReader } from './mqtt.ts';
import {
  CONNACK,
  connectPacket,
  duplicateOf,
  PINGREQ,
  PINGRESP,
  PUBACK,
  pubackPacket,
  PUBLISH,
  publishPacket,
  readPublish,
  retainedPacket,
  SUBACK,
  subscribePacket,
  takePacket,
  uint16At,
} from './mqtt.ts';

/** From the first byte out to the subscription's answer. */
const GREETING_MS = 10000;
const ACK_MS = 5000;
/** 2023: no clock that is right says less. */
const EARLIEST_MS = 1.7e12;
const MAX_TRIES = 3;
const SUBSCRIBE_ID = 65535;
const REFUSALS: readonly string[] = [
  '',
  'protocol version',
  'client id',
  'hub not ready',
  'user name or password',
  'not authorised',
];

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

export interface SessionEvents {
  /** The payload of the retained last will. */
  readonly willPayload: () => Bytes;
  readonly onUp: () => void;
  /** The broker has acknowledged what was in flight. */
  readonly onFree: () => void;
  /** Something came on `down`. */
  readonly onMessage: (payload: Bytes) => void;
  readonly onOver: (reason: string) => void;
}

/** One for the board's whole life: it goes from connection to connection, because each object more is memory. */
export interface Session extends PacketReader {
  readonly board: Board;
  readonly device: DeviceId;
  readonly config: SessionConfig;
  readonly events: SessionEvents;
  /** What the link does when a connection is over. */
  readonly over: (session: Session, reason: string) => void;
  phase: 'over' | 'greeting' | 'up';
  /** The last payload that came on `down`. */
  heard: Bytes;
  /** Counts beginnings and ends, so that an earlier connection has no voice. */
  turn: number;
  socket: Socket | undefined;
  /** Timers set so far, for whoever watches whether the session gets on. */
  signs: number;
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
function setTimer(session: Session, ms: number): void {
  session.signs++;
  if (session.timer !== undefined) session.board.cancel(session.timer);
  session.timer = session.board.after(ms, function () {
    session.timer = undefined;
    if (session.phase === 'up') ping(session);
    else fail(session, 'no answer from ' + session.config.host + ':' + session.config.port);
  });
}

function stopAckTimer(session: Session): void {
  if (session.ackTimer !== undefined) session.board.cancel(session.ackTimer);
  session.ackTimer = undefined;
}

/** Ends the connection without a word to anyone. */
export function endSession(session: Session): void {
  if (session.timer !== undefined) session.board.cancel(session.timer);
  session.timer = undefined;
  stopAckTimer(session);
  session.phase = 'over';
  session.turn++;
  const socket = session.socket;
  session.socket = undefined;
  if (socket !== undefined) socket.end();
}

function fail(session: Session, reason: string): void {
  if (session.phase === 'over') return;
  endSession(session);
  session.over(session, reason);
}

function send(session: Session, bytes: Bytes): void {
  if (session.socket !== undefined) session.socket.write(bytes);
}

function topic(session: Session, leaf: Leaf): string {
  return topicOf(session.config.root, session.device, leaf);
}

function sayHello(session: Session): void {
  const fields = {
    client: session.device,
    user: session.device,
    password: session.config.password,
    keepaliveSeconds: session.config.keepaliveSeconds,
    willTopic: topic(session, 'status'),
    willPayload: session.events.willPayload(),
  };
  send(session, connectPacket(fields));
}

function awaitPing(session: Session): void {
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

/** What a packet means to others; it is told when the packet's reader is gone from memory. */
type News = 'none' | 'up' | 'free' | 'message';

function takeConnack(session: Session, packet: Packet): void {
  const code = packet.body.charCodeAt(1);
  if (code === 0) {
    send(session, subscribePacket(SUBSCRIBE_ID, topic(session, 'down')));
    return;
  }
  const why = REFUSALS[code];
  fail(session, 'the hub refused the connection: ' + (why === undefined ? 'code ' + code : why));
}

function takeSuback(session: Session, packet: Packet): News {
  if (packet.body.charCodeAt(2) > 1) {
    fail(session, 'the hub refused the subscription');
    return 'none';
  }
  session.phase = 'up';
  session.reason = '';
  awaitPing(session);
  return 'up';
}

function takePublish(session: Session, packet: Packet): News {
  const publish = readPublish(packet);
  if (publish === undefined) {
    fail(session, 'the hub sent a malformed PUBLISH');
    return 'none';
  }
  if (publish.id > 0) send(session, pubackPacket(publish.id));
  if (publish.topic !== topic(session, 'down')) return 'none';
  session.heard = publish.payload;
  return 'message';
}

function takePuback(session: Session, packet: Packet): News {
  if (session.inFlight === '' || uint16At(packet.body, 0) !== session.packetId) return 'none';
  stopAckTimer(session);
  session.inFlight = '';
  session.proven = true;
  return 'free';
}

/** A broker may publish before it has said that the board is subscribed. */
function takeOne(session: Session, packet: Packet): News {
  if (packet.type === PUBLISH) return takePublish(session, packet);
  if (session.phase === 'greeting') {
    if (packet.type === CONNACK) takeConnack(session, packet);
    return packet.type === SUBACK ? takeSuback(session, packet) : 'none';
  }
  if (packet.type === PUBACK) return takePuback(session, packet);
  if (packet.type === PINGRESP) {
    session.pinged = false;
    session.proven = true;
  }
  return 'none';
}

/** Takes packets until one is news to others. */
function takePackets(session: Session): News {
  let news: News = 'none';
  while (session.phase !== 'over' && news === 'none') {
    const packet = takePacket(session);
    if (packet === 'partial') return 'none';
    if (packet === 'broken') fail(session, 'the hub sent what is no MQTT');
    else news = takeOne(session, packet);
  }
  return news;
}

function takeBytes(session: Session, bytes: Bytes): void {
  session.held += bytes;
  let news = takePackets(session);
  while (news !== 'none') {
    if (news === 'up') session.events.onUp();
    if (news === 'free') session.events.onFree();
    if (news === 'message') session.events.onMessage(session.heard);
    news = takePackets(session);
  }
}

/** A certificate is not valid yet to a board whose clock still stands at 1970. */
export function unreachable(session: Session): string {
  const config = session.config;
  const clock = config.tls === undefined || session.board.nowMs() > EARLIEST_MS ? '' : '; wrong clock: configure --sntp';
  return 'could not connect to ' + config.host + ':' + config.port + clock;
}

/** Connects and says hello; everything else is told by events. False when a connection could not even be begun. */
export function openSession(session: Session): boolean {
  const config = session.config;
  session.phase = 'greeting';
  session.held = '';
  session.pinged = false;
  session.proven = false;
  session.packetId = 0;
  session.inFlight = '';
  session.turn++;
  const turn = session.turn;
  setTimer(session, GREETING_MS);
  session.socket = session.board.connect(
    config.host,
    config.port,
    {
      onOpen: function () {
        if (turn === session.turn) sayHello(session);
      },
      onData: function (bytes) {
        if (turn === session.turn) takeBytes(session, bytes);
      },
      onClose: function () {
        if (turn !== session.turn) return;
        session.socket = undefined;
        fail(session, session.phase === 'up' ? 'the connection was closed' : unreachable(session));
      },
    },
    config.tls,
  );
  if (session.socket !== undefined) return true;
  endSession(session);
  return false;
}

/** Says it again with the DUP flag; after the last try the connection is given up. */
function awaitAck(session: Session): void {
  session.signs++;
  session.ackTimer = session.board.after(ACK_MS, function () {
    session.ackTimer = undefined;
    session.tries++;
    if (session.tries >= MAX_TRIES) {
      fail(session, 'the hub stopped acknowledging');
      return;
    }
    send(session, duplicateOf(session.inFlight));
    awaitAck(session);
  });
}

/** Sends on `up` with QoS 1; only while nothing is in flight. */
export function sendUp(session: Session, payload: Bytes): void {
  if (session.phase !== 'up' || session.inFlight !== '') throw new Error('the session is not free');
  session.packetId = (session.packetId % 65000) + 1;
  session.inFlight = publishPacket(topic(session, 'up'), session.packetId, payload);
  session.tries = 0;
  send(session, session.inFlight);
  awaitAck(session);
}

/** Replaces the retained status. */
export function sendStatus(session: Session, payload: Bytes): void {
  send(session, retainedPacket(topic(session, 'status'), payload));
}
