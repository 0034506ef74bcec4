// The pump brings the machine to rest after anything that happened: a turn, the word it gives, the status, and the timers. In: the machine and its
// link. Out: the same, with nothing left that could be done now. It must never go on after a fault as if it were none: the board says so and tries again.

import { STATES, writeStatus } from '../shared/status.ts';
import { CODE_FAULT, showCode } from './checks.ts';
import { hear } from './hear.ts';
import type { Link } from './link.ts';
import { sessionOf } from './link.ts';
import type { Machine } from './machine.ts';
import { walk } from './machine.ts';
import type { Meter } from './meter.ts';
import type { Profile } from './profile.ts';
import { compute } from './seal.ts';
import { isLow, leftUnits } from './serving.ts';
import { sendStatus, sendUp } from './session-sending.ts';
import { takeBytes } from './session-taking.ts';
import { isClosed, newestNumber, standingOf } from './snapshot.ts';
import { turn } from './turn.ts';
import { verifyOffer, WAITING } from './update.ts';
import type { Progress } from './work.ts';
import { workOnce } from './work.ts';

const WORK_PAUSE_MS = 1;
const FAULT_RETRY_MS = 1000;

export interface Running {
  readonly m: Machine;
  meter: Meter;
  profile: Profile;
  link: Link;
  halted: boolean;
  /** Something has happened that the next slice of work takes to its end. */
  stirred: boolean;
  /** What was metered has been taken over since the watch last looked. */
  beaten: boolean;
  /** Of the next beat, the next slice of work, the next word that comes due. */
  beatTimer: number | undefined;
  workTimer: number | undefined;
  dueTimer: number | undefined;
  /** The status that the hub was last told, as one number; -1 when it has to be told again. */
  announced: number;
  /** The prepaid balance was low when it was last looked at. */
  low: boolean;
  /** Why the last connection ended, so that the console is told once. */
  lastOver: string;
}

/** Runs what may fail: a board that lacks memory for a moment, or whose flash refuses, says so and tries again. True when it went well. */
export function guarded(r: Running, run: (r: Running) => void): boolean {
  if (r.halted) return false;
  try {
    run(r);
    return true;
  } catch (error) {
    const reason = (error as Error).message;
    if (reason !== r.m.faultReason) {
      r.m.board.log('fault: ' + reason);
      showCode(r.m.board, CODE_FAULT);
    }
    r.m.faultReason = reason;
    wake(r, FAULT_RETRY_MS);
    return false;
  }
}

function wake(r: Running, ms: number): void {
  r.m.board.cancel(r.dueTimer);
  r.dueTimer = r.m.board.after(ms, function () {
    r.dueTimer = undefined;
    pump(r);
  });
}

/** Tells the hub when state or channel have changed: the status is retained, for people's eyes. */
function announce(r: Running): void {
  const session = sessionOf(r.link);
  if (session === undefined) return;
  const state = standingOf(r.m, r.meter.pendingUnits, '').state;
  const told = newestNumber(r.m) * 8 + STATES.indexOf(state) * 2 + (r.low ? 1 : 0);
  if (told === r.announced) return;
  r.announced = told;
  if (isClosed(r.m, r.meter.pendingUnits)) r.m.board.log('closed');
  sendStatus(session, writeStatus(state, newestNumber(r.m), r.m.book.registerUnits));
}

/** One slice. What takes long runs with nothing else in memory beside it: links first, for a payment may wait for one. */
function slice(m: Machine): Progress {
  if (m.walked === undefined) return compute(m.sealer) || verifyOffer(m.update) ? 'more' : workOnce(m);
  if (!walk(m) || m.waiting === undefined) return 'more';
  m.waiting = undefined;
  return 'ready';
}

/** What it changes in the record is recorded before anything else happens. */
function hearOne(r: Running): void {
  const payload = r.link.heard;
  r.link.heard = '';
  takeBytes(r.link, '');
  hear(r.m, payload);
  if (r.m.dirty) pump(r);
  else stir(r);
}

function workOnSlice(r: Running): void {
  if (r.link.heard !== '') hearOne(r);
  else if (r.stirred) pump(r);
  else workAhead(r);
}

function workAhead(r: Running): void {
  const progress = slice(r.m);
  if (progress === 'more') work(r);
  if (progress === 'ready') pumpOnce(r);
  if (progress === 'none' && r.m.board.tidy !== undefined) r.m.board.tidy();
}

/** After what nobody waits for: the event that brought it ends first, and what else it brought is pumped with it. */
export function stir(r: Running): void {
  r.stirred = true;
  work(r);
}

function work(r: Running): void {
  if (r.workTimer !== undefined) return;
  r.workTimer = r.m.board.after(WORK_PAUSE_MS, function () {
    r.workTimer = undefined;
    guarded(r, workOnSlice);
  });
}

/** The word goes out when everything that made it is gone from memory. */
function pumpOnce(r: Running): void {
  const session = sessionOf(r.link);
  const message = turn(r.m, session !== undefined && session.inFlight === '');
  if (message !== '') sendUp(r.link, message);
  else if (r.m.waitMs >= 0) wake(r, r.m.waitMs);
  work(r);
}

/** The profile switches off, or on again, what may be served; people are told once that little is left. */
export function refresh(r: Running): void {
  const pendingUnits = r.meter.pendingUnits;
  const low = isLow(r.m, pendingUnits);
  if (low && !r.low) r.m.board.log('low balance: ' + leftUnits(r.m, pendingUnits) + ' units left');
  r.low = low;
  r.profile.refresh();
}

/** New firmware starts when all is recorded, nothing is in flight and nobody is being served. */
function restartWhenQuiet(r: Running): void {
  const update = r.m.update;
  if (update === undefined || update.code !== WAITING || r.meter.pendingUnits > 0 || r.profile.use('busy')) return;
  const session = sessionOf(r.link);
  if (session !== undefined && (session.inFlight !== '' || update.due)) return;
  r.halted = true;
  update.slots.restart();
}

/** After what somebody waits for: a use, a beat. */
export function pump(r: Running): void {
  r.stirred = false;
  const rested = guarded(r, pumpOnce);
  if (rested && r.m.faultReason !== '') {
    r.m.faultReason = '';
    showCode(r.m.board, 0);
  }
  if (r.halted) return;
  refresh(r);
  announce(r);
  if (rested) restartWhenQuiet(r);
}
