// One hub per data folder. In: the folder. Out: a lock that lasts until it is released or the process dies, however it dies, because the operating system
// holds it: an exclusive SQLite transaction on a file of its own, not a file with a process number.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { HubRefused } from './refused.ts';

export interface Lock {
  release(): void;
}

// A connection that nothing refers to is closed by the garbage collector, and its lock is gone: what is held is referred to from here.
const HELD = new Set<Database.Database>();

export function lockData(dataDir: string): Lock {
  const lock = tryLock(join(dataDir, 'hub.lock'));
  if (lock !== undefined) return lock;
  throw new HubRefused('already-running', `another hub is running on ${dataDir}; stop it, or choose another data folder`);
}

/** Held by whoever talks to rails: two would tell them everything twice, which is harmless and nobody's wish. `undefined` while another does. */
export function lockRails(dataDir: string): Lock | undefined {
  return tryLock(join(dataDir, 'rails.lock'));
}

function tryLock(path: string): Lock | undefined {
  const db = new Database(path, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if ((error as { code?: unknown }).code !== 'SQLITE_BUSY') throw error;
    return undefined;
  }
  HELD.add(db);
  return {
    release() {
      HELD.delete(db);
      db.close();
    },
  };
}
