// The hub's journal on the modelled disk: the real one, whose records take a while, and which can be found half written. In: records of the hub, and the hub's end. Out: the journal's files as a disk would
// hold them, and word of each record that is durable. It must never call a record durable that the files do not hold.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal, Record } from '../../hub/journal.ts';
import { JOURNAL_FILES, openJournal } from '../../hub/journal.ts';
import { isStorageFault } from '../../hub/storage-fault.ts';
import type { Turns } from '../../hub/turns.ts';
import type { Random } from '../random.ts';

export interface JournalWatch {
  /** Throws what the disk says, or ends the hub. */
  readonly onStep: (step: string) => void;
  readonly onDurable: (record: Record) => void;
  readonly turns: Turns;
  readonly random: Random;
}

export interface WatchedJournal extends Journal {
  /** The hub has died: of the record that was being written, the files hold the beginning. */
  tear(): void;
  /** What the disk still takes its time for is written now; false if there is nothing. */
  finish(): boolean;
}

/** Most records are on the disk before the hub's next turn, some a little later; now and then a disk stands still, for longer than folding waits. */
const SLOW_SHARE = 0.25;
const SLOW_MS_MAX = 20;
const STALL_SHARE = 0.01;
const STALL_MS_MAX = 5000;

function takesMs(random: Random): number {
  const drawn = random.next();
  if (drawn < STALL_SHARE) return random.integer(1, STALL_MS_MAX);
  return drawn < SLOW_SHARE ? random.integer(1, SLOW_MS_MAX) : 0;
}

export function watchedJournal(dataDir: string, { onStep, onDurable, turns, random }: JournalWatch): WatchedJournal {
  const journal = openJournal(dataDir, { atOnce: true });
  let writing: Record | undefined;
  let hurry: (() => void) | undefined;
  return {
    ...journal,
    append(record, done) {
      const refusal = refusalOf(() => onStep('journal.append'));
      if (refusal !== undefined) return done(refusal);
      writing = record;
      const write = (): void => {
        hurry = undefined;
        journal.append(record, (error) => {
          writing = undefined;
          if (error === undefined) {
            onStep('journal.durable');
            onDurable(record);
          }
          done(error);
        });
      };
      const ms = takesMs(random);
      if (ms === 0) return write();
      const cancel = turns.after(ms, write);
      hurry = () => {
        cancel();
        write();
      };
    },
    finish() {
      if (hurry === undefined) return false;
      hurry();
      return true;
    },
    tear() {
      if (writing === undefined) return;
      const before = filesIn(dataDir);
      journal.append(writing, () => undefined);
      filesIn(dataDir).forEach((after, i) => tearFile(dataDir, i, before[i] as Buffer, after, random));
    },
  };
}

function refusalOf(step: () => void): Error | undefined {
  try {
    step();
    return undefined;
  } catch (error) {
    if (!isStorageFault(error)) throw error;
    return error;
  }
}

function filesIn(dataDir: string): Buffer[] {
  return JOURNAL_FILES.map((name) => readFileSync(join(dataDir, name)));
}

/** From somewhere in what is new, the file is as it was. */
function tearFile(dataDir: string, file: number, before: Buffer, after: Buffer, random: Random): void {
  if (after.equals(before)) return;
  const from = after.findIndex((byte, i) => byte !== before[i]);
  const kept = random.integer(from, after.length);
  const torn = Buffer.concat([after.subarray(0, kept), before.subarray(kept)]);
  writeFileSync(join(dataDir, JOURNAL_FILES[file] as string), torn);
}
