// What the database refuses of the books by itself, asked by a stranger's tool; and what stays without a record when such a tool writes what the database allows.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { hubKeysIn } from '../../hub/audit/keys.ts';
import { auditTables } from '../../hub/audit/run.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { freshFolder } from '../hub/fixture.ts';
import { makeBusiness } from './whole-business.ts';

function strangerIn(folder: string): Database.Database {
  const db = new Database(join(folder, DATABASE_FILE));
  db.pragma('foreign_keys = ON');
  onTestFinished(() => void db.close());
  return db;
}

const ENTRY = `INSERT INTO entries SELECT max(entry) + 1, 'claim', NULL, NULL, NULL, 0, zeroblob(32) FROM entries`;

describe('the database refuses', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tallystick-test-'));
    makeBusiness(folder).close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    ['an entry after one that is not whole', `${ENTRY}; ${ENTRY}`, 'the postings of the entry before do not sum to zero'],
    [
      'an entry after one that does not sum to zero',
      `${ENTRY}; INSERT INTO postings SELECT max(entry), 0, (SELECT min(account) FROM accounts), 'EUR', 5 FROM entries;
       INSERT INTO postings SELECT max(entry), 1, (SELECT max(account) FROM accounts), 'EUR', -4 FROM entries; ${ENTRY}`,
      'the postings of the entry before do not sum to zero',
    ],
    [
      'a posting for an earlier entry',
      `INSERT INTO postings SELECT 1, 99, min(account), 'EUR', 5 FROM accounts`,
      'postings are added to the newest entry only',
    ],
    ['another key for a device', `UPDATE devices SET public_key = randomblob(32)`, 'a device keeps its key and its accounts'],
    ['another payer for a device', `UPDATE devices SET payer = payee`, 'a device keeps its key and its accounts'],
    ['a device that is let in again', `UPDATE devices SET revoked_at_seconds = NULL WHERE revoked_at_seconds > 0`, 'once'],
    ['another key for the hub', `UPDATE hub SET public_key = randomblob(32)`, 'the hub keeps its key'],
    ['a hub without a key', `DELETE FROM hub`, 'the hub keeps its key'],
    ['a record that is changed', `UPDATE records SET of_key = 'another'`, 'records are never changed'],
    ['a record that is taken out', `DELETE FROM records`, 'records are never deleted'],
  ])('%s', (_name, sql, why) => {
    const db = strangerIn(folder);
    db.exec('BEGIN');
    expect(() => db.exec(sql)).toThrow(why);
    db.exec('ROLLBACK');
  });
});

test.each([
  ['a row put in', `INSERT INTO grants SELECT device, 5000, 0 FROM grants`, 'grants', 'no record says that it was ever written'],
  ['a row changed', `UPDATE devices SET credit_micros = 7`, 'devices', 'it is not what record'],
])('what a stranger may write has no record: %s', (_name, sql, table, what) => {
  const folder = freshFolder();
  const store = makeBusiness(folder);
  onTestFinished(() => store.close());
  strangerIn(folder).exec(sql);
  const [first] = auditTables(store.tables, hubKeysIn(folder)).faults;
  expect(first).toMatchObject({ table, what: expect.stringContaining(what) as string });
});
