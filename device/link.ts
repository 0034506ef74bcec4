// The link: joins the network and keeps one MQTT session alive. In: options and events. Out: a session, while there is one. It comes back with
// growing pauses whose jitter is made from the device's own name, because a board has no randomness.

import type { Bytes } from '../shared/bytes.ts';
import type { WifiConfig } from '../shared/config.ts';
import type { Board } from './board.ts';
import type { Session, SessionEvents, SessionOptions } from './session.ts';
import { endSession, openSession, unreachable } from './session.ts';

const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 60000;

export interface Link {
  readonly board: Board;
  readonly options: SessionOptions;
  readonly events: SessionEvents;
  session: Session | undefined;
  /** Why there is no session, for people; '' while there is one. */
  reason: string;
  attempts: number;
  readonly jitter: Bytes;
  pauseTimer: number | undefined;
  halted: boolean;
}

/** `onOver` is told of every attempt that failed, too. */
export function createLink(board: Board, options: SessionOptions, events: SessionEvents): Link {
  return {
    board: board,
    options: options,
    events: events,
    session: undefined,
    reason: 'not started',
    attempts: 0,
    jitter: board.sha256(options.device),
    pauseTimer: undefined,
    halted: false,
  };
}

/** 0.5 s, 1 s, 2 s ... 60 s, each stretched by up to half, so that a fleet does not come back as one. */
export function pauseMs(jitter: Bytes, attempts: number): number {
  const pause = FIRST_PAUSE_MS * (1 << (attempts < 7 ? attempts : 7));
  return Math.floor((pause < MAX_PAUSE_MS ? pause : MAX_PAUSE_MS) * (1 + jitter.charCodeAt(attempts % jitter.length) / 512));
}

function stopPause(link: Link): void {
  if (link.pauseTimer !== undefined) link.board.cancel(link.pauseTimer);
  link.pauseTimer = undefined;
}

function pause(link: Link): void {
  link.pauseTimer = link.board.after(pauseMs(link.jitter, link.attempts), function () {
    link.pauseTimer = undefined;
    open(link);
  });
  link.attempts++;
}

function over(link: Link, reason: string): void {
  const session = link.session;
  if (session !== undefined && session.proven) link.attempts = 0;
  link.session = undefined;
  link.reason = reason;
  pause(link);
  link.events.onOver(reason);
}

function open(link: Link): void {
  const events = link.events;
  const session = openSession(link.board, link.options, {
    willPayload: events.willPayload,
    onUp: function () {
      link.reason = '';
      events.onUp();
    },
    onFree: events.onFree,
    onMessage: events.onMessage,
    onOver: function (reason) {
      over(link, reason);
    },
  });
  link.session = session;
  if (session.socket !== undefined) return;
  endSession(session);
  over(link, unreachable(session));
}

/** Joins the network, then connects; when the network comes back later, a pause is cut short. */
export function startLink(link: Link, wifi: WifiConfig | undefined): void {
  link.reason = 'joining the network';
  link.board.joinNetwork(wifi, function () {
    if (link.halted || link.session !== undefined) return;
    stopPause(link);
    open(link);
  });
}

/** Without a word to the hub. */
export function haltLink(link: Link): void {
  link.halted = true;
  link.reason = 'halted';
  stopPause(link);
  if (link.session !== undefined) endSession(link.session);
  link.session = undefined;
}

/** The session, while it is up. */
export function sessionOf(link: Link): Session | undefined {
  const session = link.session;
  return session !== undefined && session.phase === 'up' ? session : undefined;
}
