// The hub's journal on the modelled disk, and the auditor's own reading of it, beside the shipped reader.

import { expect, onTestFinished, test } from 'vitest';
import Database from 'better-sqlite3';
import { ENTRY_BYTES, HEAD_BYTES, journalEntries, readEntry } from '../../hub/journal.ts';
import { toBase64url } from '../../shared/bytes.ts';
import type { DeviceId } from '../../shared/identity.ts';
import { ownJournal } from '../../simulator/audit/own-journal.ts';
import { seededRandom } from '../../simulator/random.ts';
import { createClock } from '../../simulator/world/clock.ts';
import type { WatchedJournal } from '../../simulator/world/journal.ts';
import { watchedJournal } from '../../simulator/world/journal.ts';
import { virtualTurns } from '../../simulator/world/turns.ts';
import { freshFolder } from '../hub/fixture.ts';

const ENTRIES = 3;

/** A record of three devices, each with so many units. */
function recordOf(units: number): { buffer: Buffer; bytes: number; signedBytes: number } {
  const buffer = Buffer.alloc(HEAD_BYTES + ENTRIES * ENTRY_BYTES);
  for (let i = 0; i < ENTRIES; i++) {
    const at = HEAD_BYTES + i * ENTRY_BYTES;
    buffer.fill(i + 1, at, at + 8);
    buffer.writeUInt32BE(1, at + 8);
    buffer.writeUInt32BE(units, at + 12);
  }
  return { buffer, bytes: ENTRIES * ENTRY_BYTES, signedBytes: 0 };
}

interface Room {
  readonly dataDir: string;
  readonly journal: WatchedJournal;
  readonly clock: ReturnType<typeof createClock>;
  readonly own: ReturnType<typeof ownJournal>;
}

function room(seed: number, onStep: (step: string) => void = () => undefined): Room {
  const [dataDir, clock, own] = [freshFolder(), createClock(), ownJournal()];
  const turns = virtualTurns(clock, 1, (run) => run());
  const random = seededRandom(seed, 'journal');
  const journal = watchedJournal(dataDir, { onStep, onDurable: (record) => own.durable(record), turns, random });
  onTestFinished(() => journal.close());
  return { dataDir, journal, clock, own };
}

const unitsIn = (dataDir: string): number[] => [...journalEntries(dataDir)].map((entry) => readEntry(entry).units);

/** Appends until a record waits for the disk; how many are durable by then. */
function writeUntilOneWaits({ journal, clock, own }: Room): number {
  for (let units = 1; ; units++) {
    let isDone = false;
    journal.append(recordOf(units), () => (isDone = true));
    if (!isDone) return units - 1;
    expect(own.units(toBase64url('\x01'.repeat(8)) as DeviceId, 1)).toBe(units);
    clock.passTo(clock.nowMs + 1);
  }
}

test('whatever is left of the record that was being written, all before it are there, and of itself all or nothing', () => {
  const seen = new Set<number>();
  for (let seed = 1; seed <= 60; seed++) {
    const one = room(seed);
    const durable = writeUntilOneWaits(one);
    one.journal.tear();
    const found = unitsIn(one.dataDir);
    const before = Array.from({ length: durable * ENTRIES }, (_, i) => 1 + Math.floor(i / ENTRIES));
    expect(found.slice(0, before.length), `seed ${seed}`).toEqual(before);
    expect([0, ENTRIES], `seed ${seed}`).toContain(found.length - before.length);
    seen.add(found.length - before.length);
  }
  expect(seen).toContain(0); // some were torn
});

test('a slow disk answers later, and only then is the record durable', () => {
  const one = room(5);
  const durable = writeUntilOneWaits(one);
  const device = toBase64url('\x02'.repeat(8)) as DeviceId;
  expect(Math.max(-1, one.own.units(device, 1))).toBe(durable === 0 ? -1 : durable);
  one.clock.passTo(one.clock.nowMs + 1000);
  expect(one.own.units(device, 1)).toBe(durable + 1);
  expect(Math.max(...unitsIn(one.dataDir))).toBe(durable + 1);
});

test('a record that the disk refuses is not durable, and what ends the hub goes through', () => {
  const full = new Database.SqliteError('database or disk is full', 'SQLITE_FULL');
  const refused = room(1, () => {
    throw full;
  });
  let answer: Error | undefined;
  refused.journal.append(recordOf(1), (error) => (answer = error));
  expect(answer).toBe(full);
  expect(unitsIn(refused.dataDir)).toEqual([]);
  const killed = room(1, (step) => {
    if (step === 'journal.append') throw new Error('killed');
  });
  expect(() => killed.journal.append(recordOf(1), () => undefined)).toThrow('killed');
});

test('a hub that is asked to stop does what would come within a moment, in order, and leaves the rest', () => {
  const clock = createClock();
  const turns = virtualTurns(clock, 5, (run) => run());
  const ran: string[] = [];
  turns.after(1000, () => ran.push('far'));
  turns.after(50, () => ran.push('later'));
  turns.soon(() => {
    ran.push('soon');
    turns.soon(() => ran.push('what came of it'));
  });
  turns.after(3, () => ran.push('cancelled'))();
  turns.hurry();
  expect(ran).toEqual(['soon', 'what came of it', 'later']);
  turns.stop();
  clock.passTo(10_000);
  expect(ran).toHaveLength(3);
});
