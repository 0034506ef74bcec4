// The pump brings the machine to rest after anything that happened: issue, record, speak, announce, and set the timers. In: the machine and its
// link. Out: the same, with nothing left that could be done now. It must never say what is not recorded: the record is written
// first, and after a failed write the board keeps silent and tries again.

import type { Bytes } from '../shared/bytes.ts';
import { writeStatus } from '../shared/status.ts';
import { writePaywordVoucher } from '../shared/voucher.ts';
import type { Units } from '../shared/units.ts';
import type { Channel } from './book.ts';
import { writeBook } from './book.ts';
import { linkAt } from './chain.ts';
import { currentChannel, dropUnspoken, issueUnits, openChannel } from './issue.ts';
import type { Link } from './link.ts';
import { sessionOf } from './link.ts';
import { CODE_FAULT, showCode } from './checks.ts';
import { sendStatus, sendUp } from './session.ts';
import type { Machine } from './machine.ts';
import { chainOf } from './machine.ts';
import type { Meter } from './meter.ts';
import type { Profile } from './profile.ts';
import type { Word } from './outbox.ts';
import { nextDueMs, nextWord, noteSent } from './outbox.ts';
import { isLow, leftUnits } from './serving.ts';
import { isClosed, newestNumber, standingOf } from './snapshot.ts';
import { saveNext } from './storage.ts';
import { nextReport, WAITING } from './update.ts';
import { workOnce } from './work.ts';

const WORK_PAUSE_MS = 1;
const FAULT_RETRY_MS = 1000;

export interface Running {
  readonly m: Machine;
  readonly meter: Meter;
  readonly profile: Profile;
  readonly link: Link;
  halted: boolean;
  /** Of the next beat, the next slice of work, the next word that comes due. */
  beatTimer: number | undefined;
  workTimer: number | undefined;
  dueTimer: number | undefined;
  /** The status that the hub was last told; '' when it has to be told again. */
  announced: string;
  /** The prepaid balance was low when it was last looked at. */
  low: boolean;
  /** Why the last connection ended, so that the console is told once. */
  lastOver: string;
}

/** Runs what may fail: a board that lacks memory for a moment, or whose flash refuses, says so and tries again. True when it went well. */
export function guarded(r: Running, run: () => void): boolean {
  if (r.halted) return false;
  try {
    run();
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
  if (r.dueTimer !== undefined) r.m.board.cancel(r.dueTimer);
  r.dueTimer = r.m.board.after(ms, function () {
    r.dueTimer = undefined;
    pump(r);
  });
}

/** A channel that was prepared ahead brings its terms and its signature; any other makes them when it is open. */
function openNext(m: Machine): boolean {
  const channel = openChannel(m.book, m.settings.config.chainUnits);
  if (channel === undefined) return false;
  m.dirty = true;
  const ahead = m.ahead;
  m.ahead = undefined;
  if (ahead !== undefined && ahead.number === channel.number && ahead.openedRegisterUnits === channel.openedRegisterUnits) {
    channel.payload = ahead.payload;
    channel.commitment = ahead.commitment;
  }
  return true;
}

/** Moves the backlog into channels, opening the next when one is full; while the hub refuses to be paid, units wait in the backlog. */
function issueAll(m: Machine): void {
  if (m.stopReason !== '') return;
  let open = true;
  while (open) {
    if (issueUnits(m.book)) m.dirty = true;
    const wanted = currentChannel(m.book) === undefined && (m.book.backlogUnits > 0 || !m.closeAsked);
    open = wanted && openNext(m);
  }
}

function closeAll(m: Machine): void {
  if (m.book.backlogUnits > 0) return;
  if (dropUnspoken(m.book)) m.dirty = true;
  for (const channel of m.book.channels) channel.closing = true;
}

function record(m: Machine): void {
  if (!m.dirty) return;
  if (!saveNext(m.storage, writeBook(m.book)))
    throw new Error('the record could not be written to flash; nothing is sent until it is');
  m.dirty = false;
}

function messageOf(m: Machine, word: Word): Bytes {
  const channel: Channel = word.channel;
  switch (word.kind) {
    case 'commitment':
      return channel.commitment;
    case 'closing':
      return channel.lastWord;
    case 'voucher': {
      const link = linkAt(chainOf(m, channel.number, channel.chainUnits), word.units);
      return link === '' ? '' : writePaywordVoucher(channel.number, word.units as Units, link);
    }
  }
}

function speak(r: Running): void {
  const session = sessionOf(r.link);
  if (session === undefined || session.inFlight !== '') return;
  const m = r.m;
  const nowMs = m.board.nowMs();
  const word = nextWord(m.book.channels, nowMs);
  if (word !== undefined) {
    const message = messageOf(m, word);
    if (message === '') {
      m.waiting = word.channel; // the last slice of work on its link pumps again
      return;
    }
    if (word.kind !== 'commitment') m.sentVouchers++;
    noteSent(word, nowMs);
    sendUp(session, message);
    return;
  }
  const waitMs = nextDueMs(m.book.channels, nowMs);
  if (waitMs >= 0) wake(r, waitMs);
  const update = m.update;
  if (update === undefined) return;
  if (r.announced === '') update.due = true; // the hub may be another one than before
  const report = nextReport(update);
  if (report !== '') sendUp(session, report);
}

/** Tells the hub when state or channel have changed: the status is retained, for people's eyes. */
function announce(r: Running): void {
  const session = sessionOf(r.link);
  if (session === undefined) return;
  const state = standingOf(r.m, r.meter.pendingUnits, '').state;
  const told = state + newestNumber(r.m) + r.low;
  if (told === r.announced) return;
  r.announced = told;
  if (isClosed(r.m, r.meter.pendingUnits)) r.m.board.log('closed');
  sendStatus(session, writeStatus(state, newestNumber(r.m), r.m.book.registerUnits));
}

function work(r: Running): void {
  if (r.workTimer !== undefined) return;
  r.workTimer = r.m.board.after(WORK_PAUSE_MS, function () {
    r.workTimer = undefined;
    guarded(r, function () {
      const progress = workOnce(r.m);
      if (progress === 'more') work(r);
      if (progress === 'ready') pumpOnce(r);
      if (progress === 'none' && r.m.board.tidy !== undefined) r.m.board.tidy();
    });
  });
}

function pumpOnce(r: Running): void {
  issueAll(r.m);
  if (r.m.closeAsked) closeAll(r.m);
  record(r.m);
  speak(r);
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

/** After anything that happened. */
export function pump(r: Running): void {
  const rested = guarded(r, function () {
    pumpOnce(r);
  });
  if (rested && r.m.faultReason !== '') {
    r.m.faultReason = '';
    showCode(r.m.board, 0);
  }
  if (r.halted) return;
  refresh(r);
  announce(r);
  if (rested) restartWhenQuiet(r);
}
