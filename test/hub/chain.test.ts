// The books as a hash chain: what posting writes, what an earlier database becomes, and what the schema refuses of entries.

import Database from 'better-sqlite3';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { accountIdOf } from '../../hub/ids.ts';
import { makeHubKey } from '../../hub/key.ts';
import type { Entry } from '../../hub/ledger.ts';
import { entryHash, ledgerStart } from '../../hub/ledger.ts';
import { MIGRATIONS } from '../../hub/migrations.ts';
import { sha256 } from '../../hub/proofs.ts';
import type { Store } from '../../hub/store.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { openStore } from '../../hub/store.ts';
import { freshFolder } from './fixture.ts';

/** The step that made the books a chain is the fifth. */
const BEFORE_THE_CHAIN = 4;

function expectChained(store: Store): void {
  let before = ledgerStart(store.hub, sha256);
  for (const posted of store.books.entriesFrom(1)) {
    expect(posted.hash).toBe(entryHash(before, posted, sha256));
    before = posted.hash;
  }
  expect(store.books.head().hash).toBe(before);
}

const owed = (amountMicros: number): Entry['postings'] => [
  { account: accountIdOf('alice'), currency: 'EUR', amountMicros: -amountMicros },
  { account: accountIdOf('bob'), currency: 'EUR', amountMicros },
];

test('each entry is hashed onto the one before, and none is left out', () => {
  const store = openStore(freshFolder());
  store.atomically(() => {
    for (const name of ['alice', 'bob']) store.devices.account(name, 1);
    expect(store.books.post({ kind: 'claim', postings: owed(5) }, 10)).toBe(1);
    expect(
      store.books.post({ kind: 'refund', key: 'refund:r1', refersTo: 1, text: 'jammed – sorry', postings: owed(-2) }, 11),
    ).toBe(2);
  });
  expectChained(store);
  expect(store.books.numberOf('refund:r1')).toBe(2);
  expect(store.books.find(2)).toMatchObject({ refersTo: 1, text: 'jammed – sorry' });
  expect(store.books.balanceMicros(accountIdOf('bob'), 'EUR')).toBe(3);
  store.close();
});

test('a key is taken once', () => {
  const store = openStore(freshFolder());
  const twice = (): unknown =>
    store.atomically(() => {
      for (const name of ['alice', 'bob']) store.devices.account(name, 1);
      store.books.post({ kind: 'top-up', key: 'top-up:7', postings: owed(5) }, 10);
      store.books.post({ kind: 'top-up', key: 'top-up:7', postings: owed(5) }, 10);
    });
  expect(twice).toThrow('UNIQUE');
  expect(store.books.head().entry).toBe(0);
  store.close();
});

test('a database from before the chain is carried over, with its keys', () => {
  const dataDir = freshFolder();
  mkdirSync(dataDir, { recursive: true });
  const key = makeHubKey(dataDir);
  const db = new Database(join(dataDir, DATABASE_FILE));
  for (const step of MIGRATIONS.slice(0, BEFORE_THE_CHAIN)) db.exec(step);
  db.pragma(`user_version = ${BEFORE_THE_CHAIN}`);
  db.prepare("INSERT INTO hub (one, public_key, root) VALUES (1, ?, 't')").run(Buffer.from(key, 'latin1'));
  const [alice, bob] = ['alice', 'bob'].map((name) => Buffer.from(accountIdOf(name), 'latin1').toString('hex'));
  const batch = 'ab'.repeat(16);
  db.exec(`
    INSERT INTO accounts VALUES ('${alice}', 'alice', 1), ('${bob}', 'bob', 1);
    INSERT INTO batches VALUES ('${batch}', 1, 'prepared', 5);
    INSERT INTO entries VALUES (1, 'claim', NULL, 4), (2, 'settlement', '${batch}', 6);
    INSERT INTO postings VALUES (1, 0, '${alice}', 'EUR', -5), (1, 1, '${bob}', 'EUR', 5), (2, 0, '${alice}', 'EUR', 5), (2, 1, '${bob}', 'EUR', -5);
  `);
  db.close();
  const store = openStore(dataDir);
  expect([...store.books.entriesFrom(1)].map(({ kind, key: own }) => [kind, own])).toEqual([
    ['claim', undefined],
    ['settlement', `settlement:${batch}`],
  ]);
  expectChained(store);
  expect(store.books.postingsOf(1)).toEqual(owed(5));
  store.close();
});

test('an entry cannot be left out of the numbers', () => {
  const dataDir = freshFolder();
  openStore(dataDir).close();
  const db = new Database(join(dataDir, DATABASE_FILE));
  const insert = (entry: number): unknown =>
    db.prepare("INSERT INTO entries (entry, kind, posted_at_seconds, hash) VALUES (?, 'claim', 1, zeroblob(32))").run(entry);
  expect(() => insert(2)).toThrow('without gaps');
  insert(1);
  db.close();
});
