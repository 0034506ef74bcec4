// The link: joins the network and keeps one MQTT session alive. In: a configuration and events. Out: a session that comes back with growing
// pauses, whose jitter is made from the device's own name, because a board has no randomness.

import type { Bytes } from '../shared/bytes.ts';
import type { WifiConfig } from '../shared/config.ts';
import type { DeviceId } from '../shared/identity.ts';
import type { Board } from './board.ts';
import type { Session, SessionConfig, SessionEvents } from './session.ts';
import { endSession } from './session.ts';
import { openSession, unreachable } from './session-opening.ts';
import { wide } from './wide.ts';

const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 60000;

export type Link = Session;

/** 0.5 s, 1 s, 2 s ... 60 s, each stretched by up to half, so that a fleet does not come back as one. */
export function pauseMs(jitter: Bytes, attempts: number): number {
  const pause = FIRST_PAUSE_MS * (1 << (attempts < 7 ? attempts : 7));
  return Math.floor((pause < MAX_PAUSE_MS ? pause : MAX_PAUSE_MS) * (1 + jitter.charCodeAt(attempts % jitter.length) / 512));
}

function stopPause(link: Link): void {
  link.board.cancel(link.pauseTimer);
  link.pauseTimer = undefined;
}

function pause(link: Link): void {
  link.moved = true;
  link.pauseTimer = link.board.after(pauseMs(link.board.sha256(link.device), link.attempts), function () {
    link.pauseTimer = undefined;
    open(link);
  });
  link.attempts++;
}

/** Whoever is told that it is over asks for the next attempt. */
export function connectLater(link: Link, reason: string): void {
  if (link.proven) link.attempts = 0;
  link.reason = reason;
  pause(link);
}

function open(link: Link): void {
  if (!openSession(link)) link.events.tell('over', unreachable(link));
}

/** It tells of every attempt that failed, too. */
export function createLink(board: Board, device: DeviceId, config: SessionConfig, events: SessionEvents): Link {
  return {
    board: board,
    device: device,
    config: config,
    events: events,
    phase: 'over',
    heard: '',
    turn: wide(0),
    moved: false,
    held: '',
    socket: undefined,
    timer: undefined,
    pinged: false,
    proven: false,
    packetId: 0,
    inFlight: '',
    tries: 0,
    ackTimer: undefined,
    reason: 'not started',
    attempts: 0,
    pauseTimer: undefined,
    halted: false,
  };
}

/** Joins the network, then connects; when the network comes back later, a pause is cut short. */
export function startLink(link: Link, wifi: WifiConfig | undefined): void {
  link.reason = 'joining the network';
  link.board.joinNetwork(wifi, function () {
    if (link.halted || link.phase !== 'over') return;
    stopPause(link);
    open(link);
  });
}

/** Without a word to the hub. */
export function haltLink(link: Link): void {
  link.halted = true;
  link.reason = 'halted';
  stopPause(link);
  endSession(link);
}

/** The session, while it is up. */
export function sessionOf(link: Link): Session | undefined {
  return link.phase === 'up' ? link : undefined;
}
