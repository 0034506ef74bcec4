// When rows are raised, and that what was acknowledged outlives everything that the hub does beside it: folding while a group gathers, and files that take turns while a record is being written. Time and the disk's answers are the
// test's own; journal, lanes, fold and database are the hub's.

import Database from 'better-sqlite3';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { Asker } from '../../hub/commits.ts';
import { messageCounter } from '../../hub/counters.ts';
import type { Fast } from '../../hub/fast.ts';
import { openFast } from '../../hub/fast.ts';
import type { Journal } from '../../hub/journal.ts';
import { ENTRY_BYTES, HEAD_BYTES, journalEntries, openJournal, readEntry } from '../../hub/journal.ts';
import type { Account } from '../../hub/account.ts';
import type { Lane } from '../../hub/lane.ts';
import type { Turns } from '../../hub/turns.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import { freshFolder, startStore } from './fixture.ts';
import { among, openLaneRoom } from './lane-room.ts';

interface Steps extends Turns {
  /** All that is for the next turn, and what that asks for. */
  run(ms?: number): void;
}

const STEP_MS = 10;

/** Time passes from run to run. */
function steps(): Steps {
  const soon: Array<() => void> = [];
  const timers = new Set<{ readonly atMs: number; readonly run: () => void }>();
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    soon: (run) => void soon.push(run),
    after(ms, run) {
      const timer = { atMs: nowMs + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    run(ms = STEP_MS) {
      nowMs += ms;
      for (const timer of timers) if (timer.atMs <= nowMs && timers.delete(timer)) soon.push(timer.run);
      for (let next = soon.shift(); next !== undefined; next = soon.shift()) next();
    },
  };
}

interface HeldJournal extends Journal {
  /** The disk has done what it was asked for. */
  release(): void;
  /** As if there were more in the file. */
  moreBytes: number;
}

function heldJournal(dataDir: string): HeldJournal {
  const journal = openJournal(dataDir, { atOnce: true });
  const held: Array<() => void> = [];
  return {
    ...journal,
    moreBytes: 0,
    bytes() {
      return this.moreBytes + journal.bytes();
    },
    append: (record, done) => journal.append(record, (error) => void held.push(() => done(error))),
    release: () => held.splice(0).forEach((tell) => tell()),
  };
}

interface Room {
  readonly fast: Fast;
  readonly turns: Steps;
  readonly journal: HeldJournal;
  /** What receipts have said. */
  readonly receipts: number[];
  readonly pay: (units: number) => void;
  readonly paySigned: (units: number) => void;
  readonly row: () => Account;
  readonly rowUnits: () => number;
  /** The database takes nothing so many times. */
  readonly refuse: (times: number) => void;
}

function openRoom({ drawEveryMs = 5000 } = {}): Room {
  const store = startStore();
  const { known, device, payer } = openLaneRoom(store, { chainUnits: 100, limitUnits: 1000 });
  const id = payer.config.device;
  store.atomically(() => {
    for (const channel of device.channels.values()) store.channels.open(id, device.row.payer, channel, 100);
  });
  const journal = heldJournal(store.dataDir);
  const turns = steps();
  const now = () => ({ nowMs: turns.nowMs(), nowSeconds: 100 + Math.floor(turns.nowMs() / 1000) });
  let refusals = 0;
  const atomically = <T>(write: () => T): T => {
    if (refusals-- > 0) throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL');
    return store.atomically(write);
  };
  const parts = { store: { ...store, atomically }, known, turns, journal, now, drawEveryMs };
  const fast = openFast({ ...parts, counter: messageCounter(), log: pino({ level: 'silent' }), onEnd: () => undefined });
  const receipts: number[] = [];
  const asker: Asker = { pendingRuns: 0, answer: (_pubacks, units) => receipts.push(units), refuse: () => {}, judge: () => {} };
  const take = (message: Bytes): void => {
    const { data, at, end } = among(message);
    expect(fast.take(asker, fast.laneOf(id) as Lane, data, at, end, 1)).toBe(true);
  };
  return {
    ...{ fast, turns, journal, receipts },
    pay: (units) => take(payer.payword(1, units)),
    paySigned: (units) => take(payer.signed(1, units)),
    row: () => store.channels.account(id, 1 as ChannelNumber) ?? expect.fail(),
    rowUnits: () => store.channels.standing(id, 1 as ChannelNumber).acceptedUnits,
    refuse: (times) => void (refusals = times),
  };
}

test.each([
  { drawEveryMs: 5000, expectedMs: 5000 },
  { drawEveryMs: 3_600_000, expectedMs: 600_000 },
])(
  'rows are raised as often as claims are drawn, and every ten minutes at least: $drawEveryMs',
  ({ drawEveryMs, expectedMs }) => {
    const { turns, journal, pay, row, rowUnits } = openRoom({ drawEveryMs });
    turns.run(2000);
    pay(1);
    turns.run(0);
    journal.release();
    turns.run(expectedMs - 1);
    expect(rowUnits()).toBe(0);
    turns.run(1);
    expect(row()).toMatchObject({ acceptedUnits: 1, changedAtSeconds: 102 }); // when it was accepted
  },
);

test('rows are raised at once when the file holds enough, and again after a second when the database refuses', () => {
  const { turns, journal, pay, refuse, rowUnits } = openRoom();
  journal.moreBytes = 4 * 1024 * 1024;
  refuse(2);
  pay(1);
  turns.run(0);
  journal.release();
  const seen = [0, 999, 1, 999, 1].map((ms) => {
    turns.run(ms);
    return rowUnits();
  });
  expect(seen).toEqual([0, 0, 0, 0, 1]);
});

test.each(['pay', 'paySigned'] as const)(
  '%s: what comes into a group after the hub has looked at its books is carried, too',
  (pay) => {
    const { fast, turns, journal, receipts, rowUnits, ...room } = openRoom();
    room[pay](1);
    turns.run(); // its group is being written
    room[pay](2);
    turns.run();
    fast.fold();
    room[pay](3); // into the group of 2, which was folded already
    turns.run();
    journal.release();
    turns.run();
    journal.release();
    expect(receipts.at(-1)).toBe(3);
    fast.close(); // a clean end, which empties the journal
    expect(rowUnits()).toBe(3);
  },
);

test('a record that takes longer than the files take turns leaves no gap before the next', async () => {
  const dataDir = freshFolder();
  const journal = openJournal(dataDir);
  onTestFinished(() => journal.close());
  const append = (units: number, entries: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const bytes = entries * ENTRY_BYTES;
      const buffer = Buffer.alloc(HEAD_BYTES + bytes);
      for (let i = 0; i < entries; i++) buffer.writeUInt32BE(units, HEAD_BYTES + i * ENTRY_BYTES + 12);
      journal.append({ buffer, bytes, signedBytes: 0 }, (error) => (error === undefined ? resolve() : reject(error)));
    });
  await append(1, 1);
  const slow = append(2, 3000); // too large for this thread: it is not durable yet
  journal.turnOver();
  journal.turnOver();
  await slow;
  await append(3, 1);
  expect(new Set([...journalEntries(dataDir)].map((entry) => readEntry(entry).units))).toContain(3);
});
