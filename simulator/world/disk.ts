// The hub's disk: a folder that can be lost in part. In: the real database's files, and commits. Out: after a crash, another folder that holds what a disk
// would have kept: everything that was written when the process alone has died, only what was flushed when the power has gone. Where the
// hub says nothing of flushing, SQLite has flushed at each commit; a planted defect may say otherwise.

import { appendFileSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../hub/store.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { isStorageFault } from '../../hub/storage-fault.ts';
import type { DeviceId } from '../../shared/identity.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import type { Random } from '../random.ts';

export interface Disk {
  dir(): string;
  /** The store with every step told. */
  watched(store: Store, onStep: (step: string) => void, onCommit: OnCommit): Store;
  /** Moves to a folder with what is left; the old one stays until `forgetOld`, for its files are still open. */
  crash(kind: 'killed' | 'power lost'): void;
  forgetOld(): void;
  /** Commits are flushed only now and then: what a wrong setting of the database does. */
  flushEveryCommits: number;
  remove(): void;
}

/** After a commit: the channels that it has written. */
export type OnCommit = (channels: readonly Written[]) => void;

export interface Written {
  readonly device: DeviceId;
  readonly number: ChannelNumber;
}

/** In memory where the system has such a place: a month of commits is not a month of flushing a real disk. */
function freshFolder(): string {
  const memory = '/dev/shm';
  return mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'tallystick-world-'));
}

/** Of worlds that are not closed yet: a process that is told to end in the middle of one leaves nothing behind. */
const open = new Set<string>();
process.on('exit', () => open.forEach(removeFolder));

function removeFolder(top: string): void {
  rmSync(top, { recursive: true, force: true });
  open.delete(top);
}

const WAL = `${DATABASE_FILE}-wal`;
const TORN_BYTES = 600;

export function createDisk(random: Random): Disk {
  const top = freshFolder();
  open.add(top);
  let generation = 0;
  let commits = 0;
  const dirOf = (number: number): string => join(top, String(number));
  const flushedDir = join(top, 'flushed');
  mkdirSync(dirOf(0));

  function noteCommit(): void {
    if (disk.flushEveryCommits === 1) return;
    if (commits++ % disk.flushEveryCommits === 0) copyFolder(dirOf(generation), flushedDir);
  }

  const disk: Disk = {
    dir: () => dirOf(generation),
    watched: (store, onStep, onCommit) => watchedStore(store, { onStep, onCommit, noteCommit }),
    crash(kind) {
      const lost = kind === 'power lost' && disk.flushEveryCommits > 1 && existsSync(flushedDir);
      copyFolder(lost ? flushedDir : dirOf(generation), dirOf(generation + 1));
      generation++;
      // The frame that was being written when the power went.
      if (kind === 'power lost') appendFileSync(join(dirOf(generation), WAL), tornBytes(random));
    },
    forgetOld: () => rmSync(dirOf(generation - 1), { recursive: true, force: true }),
    flushEveryCommits: 1,
    remove: () => removeFolder(top),
  };
  return disk;
}

function tornBytes(random: Random): Buffer {
  const bytes = Buffer.alloc(random.integer(0, TORN_BYTES));
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.integer(0, 255);
  return bytes;
}

/** Without the database's shared memory and the lock, which no crash leaves behind in a meaningful state. */
export function copyFolder(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(from)) {
    if (name.endsWith('-shm') || name === 'hub.lock') continue;
    const path = join(from, name);
    if (statSync(path).isDirectory()) copyFolder(path, join(to, name));
    else copyFileSync(path, join(to, name));
  }
}

interface Watching {
  readonly onStep: (step: string) => void;
  readonly onCommit: OnCommit;
  readonly noteCommit: () => void;
}

/** Every group of rows: there is no telling which of them a crash must not come between. */
const ROWS = [
  'devices',
  'channels',
  'segments',
  'tariffs',
  'books',
  'batches',
  'heads',
  'payouts',
  'routes',
  'evidence',
  'grants',
  'firmware',
  'quarantine',
  'particulars',
  'persons',
  'wallets',
  'places',
  'sales',
  'budgets',
  'claimDays',
  'lots',
  'reservations',
  'returns',
  'retention',
] as const;

function watchedStore(store: Store, { onStep, onCommit, noteCommit }: Watching): Store {
  let written: Written[] = [];
  const rows = Object.fromEntries(ROWS.map((name) => [name, steppedRows(name, store[name], onStep)])) as Pick<
    Store,
    (typeof ROWS)[number]
  >;
  const { channels } = rows;
  return {
    ...store,
    ...rows,
    channels: {
      ...channels,
      open(device, payer, channel, nowSeconds) {
        written.push({ device, number: channel.terms.channel });
        channels.open(device, payer, channel, nowSeconds);
      },
      advance(device, channel, nowSeconds) {
        written.push({ device, number: channel.terms.channel });
        channels.advance(device, channel, nowSeconds);
      },
    },
    atomically(write) {
      onStep('begin');
      const result = store.atomically(() => {
        const answer = write();
        onStep('commit');
        return answer;
      });
      const changed = written;
      written = [];
      noteCommit();
      onCommit(changed);
      onStep('committed');
      return result;
    },
  };
}

function steppedRows<Rows extends object>(name: string, rows: Rows, onStep: (step: string) => void): Rows {
  const entries = Object.entries(rows) as Array<[string, (...args: unknown[]) => unknown]>;
  const stepped = entries.map(([verb, run]) => {
    const step = `${name}.${verb}`;
    return [
      verb,
      (...args: unknown[]) => {
        onStep(step);
        return run(...args);
      },
    ];
  });
  return Object.fromEntries(stepped) as Rows;
}

/** A database that is full or busy now is tried again at the next tick, as the shipped hub does. */
export function unlessRefused(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!isStorageFault(error)) throw error;
  }
}
