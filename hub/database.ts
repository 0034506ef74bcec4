// The database file: opened durable, brought up to date, and bound to the hub's key. In: the data folder. Out: a connection that survives power loss, or one sentence saying why not. A commit
// that returns is on the disk: `synchronous` is FULL on every open, and checked.

import { accessSync, chmodSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import type { Bytes } from '../shared/bytes.ts';
import { DEFAULT_ROOT } from '../shared/topics.ts';
import { blobOf, bytesOf } from './blob.ts';
import { lendChainedHash } from './chain-earlier.ts';
import { KEY_FILE, makeHubKey, readHubKey } from './key.ts';
import { MIGRATIONS } from './migrations.ts';
import { HubRefused } from './refused.ts';
import { adoptRows, describeRecorded } from './store-records.ts';

export const DATABASE_FILE = 'hub.db';
const SYNCHRONOUS_FULL = 2;
const BUSY_MS = 5000;

export function openDatabase(dataDir: string, readonly: boolean): Database.Database {
  const path = join(dataDir, DATABASE_FILE);
  if (readonly && !existsSync(path)) {
    throw new HubRefused('no-data', `expected a hub's data in ${dataDir}, found none; start a hub there first`);
  }
  try {
    if (!readonly) {
      makeFolder(dataDir);
      accessSync(dataDir, constants.W_OK | constants.X_OK);
    }
    const db = new Database(path, { readonly, fileMustExist: readonly, timeout: BUSY_MS });
    if (!readonly) chmodSync(path, 0o600); // it holds the devices' MAC keys; the files beside it take the same mode
    if (!readonly) db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('trusted_schema = OFF');
    db.pragma('secure_delete = ON'); // what is erased is written over
    return db;
  } catch (error) {
    throw asRefusal(error, dataDir);
  }
}

/** With the folders above it, step by step: Node's own way of making several never returns where a file system says of a folder that is there that it is not, as /proc does. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process was faster
  }
}

export function migrate(db: Database.Database, dataDir: string, readonly: boolean): void {
  const versionOf = (): number => db.pragma('user_version', { simple: true }) as number;
  const found = versionOf();
  const known = MIGRATIONS.length;
  if (found > known) {
    const sentence = `the database in ${dataDir} is of version ${found}, this program knows versions up to ${known}; use a later tallystick`;
    throw new HubRefused('later-database', sentence);
  }
  if (found === known) return;
  if (readonly) {
    const sentence = `the database in ${dataDir} is of version ${found}, expected ${known}; start the hub there once to bring it up to date`;
    throw new HubRefused('earlier-database', sentence);
  }
  const step = db.transaction(() => {
    lendChainedHash(db);
    const from = versionOf(); // another process may have been faster
    const recorded = describeRecorded(db);
    for (const sql of MIGRATIONS.slice(from)) db.exec(sql);
    adoptRows(db, recorded);
    db.pragma(`user_version = ${known}`);
  });
  step.immediate();
}

/** The public key that this database belongs to; the first open of a new folder makes it. */
export function hubKeyOf(db: Database.Database, dataDir: string, readonly: boolean): Bytes {
  const read = (): Bytes | undefined => {
    const row = db.prepare<[], { public_key: Buffer }>('SELECT public_key FROM hub').get();
    return row === undefined ? undefined : bytesOf(row.public_key);
  };
  if (readonly) {
    const known = read();
    if (known === undefined) throw new HubRefused('no-data', `the database in ${dataDir} is empty; start a hub there first`);
    return known;
  }
  const settleKey = db.transaction((): Bytes => {
    const known = read();
    const held = readHubKey(dataDir);
    if (known === undefined) {
      const made = held ?? makeHubKey(dataDir);
      db.prepare('INSERT INTO hub (one, public_key, root) VALUES (1, ?, ?)').run(blobOf(made), DEFAULT_ROOT);
      return made;
    }
    if (held === known) return known;
    const found = held === undefined ? 'is missing' : 'is another one';
    throw new HubRefused(
      'foreign-key',
      `the key of this database, ${join(dataDir, KEY_FILE)}, ${found}; restore it from a backup`,
    );
  });
  return settleKey.immediate();
}

/** Asked for before each group of messages: prepared once, and not at each asking. */
export function versionReader(db: Database.Database): () => number | undefined {
  const statement = db.prepare<[], number>('PRAGMA data_version').pluck();
  return () => statement.get();
}

export function watcherOf(db: Database.Database): () => boolean {
  const readVersion = versionReader(db);
  let version = readVersion();
  return () => {
    const before = version;
    version = readVersion();
    return version !== before;
  };
}

export function emptyLog(db: Database.Database): boolean {
  const [answer] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
  return answer?.busy === 0;
}

export function assertDurable(db: Database.Database): void {
  const synchronous = db.pragma('synchronous', { simple: true });
  const journal = db.pragma('journal_mode', { simple: true });
  if (synchronous !== SYNCHRONOUS_FULL || journal !== 'wal') {
    throw new Error(`expected a WAL database with synchronous=2 (FULL), got ${String(journal)} with ${String(synchronous)}`);
  }
}

/** What opening or writing may fail with, as a sentence for the operator; anything else as it came. */
export function asRefusal(error: unknown, dataDir: string): unknown {
  const code = (error as { code?: unknown }).code;
  if (error instanceof HubRefused || typeof code !== 'string') return error;
  const why = (error as Error).message;
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    return new HubRefused(
      'damaged-data',
      `${join(dataDir, DATABASE_FILE)} is not a usable database (${why}); restore it from a backup`,
      error,
    );
  }
  if (code.startsWith('SQLITE_CONSTRAINT') || code === 'SQLITE_ERROR') return error;
  return new HubRefused(
    'unwritable-data',
    `cannot write to the data folder ${dataDir} (${why}); free some space, or choose one that this user may write to`,
    error,
  );
}
