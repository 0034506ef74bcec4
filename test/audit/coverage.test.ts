// The list of what guards the database is complete and true: every table and column stands in it, and nothing that is not there.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { COVERAGE } from '../../hub/coverage.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { freshFolder, startStore } from '../hub/fixture.ts';
import { makeBusiness } from './whole-business.ts';

test('every table of the schema says what guards it, or why no money rests on it', () => {
  const store = startStore();
  onTestFinished(() => store.close());
  expect([...store.tables.tables().keys()].filter((table) => COVERAGE[table] === undefined)).toEqual([]);
  expect(Object.keys(COVERAGE).filter((table) => !store.tables.tables().has(table))).toEqual([]);
});

test('columns that are recorded, or left aside, are columns of their tables', () => {
  const columns = startStore().tables.tables();
  const named = Object.entries(COVERAGE).flatMap(([table, coverage]) => {
    if (coverage.kind === 'left') return [];
    const recorded = coverage.kind === 'proven' ? (coverage.recorded ?? []) : [];
    return [...recorded, ...Object.keys(coverage.except ?? {})].map((column) => [table, column] as const);
  });
  expect(named.filter(([table, column]) => columns.get(table)?.includes(column) !== true)).toEqual([]);
});

/** Tables that the business of the edits leaves empty, each with the reason. */
const EMPTY: Readonly<Record<string, string>> = {};

test('the business that is edited at random has rows in every table', () => {
  const folder = freshFolder();
  makeBusiness(folder).close();
  const db = new Database(join(folder, DATABASE_FILE), { readonly: true });
  onTestFinished(() => void db.close());
  const tables = db
    .prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
    .pluck()
    .all();
  const empty = tables.filter((table) => db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() === undefined);
  expect(tables.length).toBeGreaterThan(40);
  expect(empty).toEqual(Object.keys(EMPTY));
});

/** A column that is added to a table of the `proven` kind is guarded by nothing until the audit knows of it. */
test('tables that the audit proves have just the columns that it proves', () => {
  const columns = startStore().tables.tables();
  const proven = Object.entries(COVERAGE).filter(([, coverage]) => coverage.kind === 'proven');
  expect(Object.fromEntries(proven.map(([table]) => [table, columns.get(table)?.join(' ')]))).toMatchInlineSnapshot(`
    {
      "batch_lines": "batch line device number from_units to_units from_micros to_micros",
      "channels": "device number payer payee tariff limit_units accepted_units charged_micros claimed_units claimed_micros settled_units settled_micros link_units link signed_payload signed_signature closed changed_at_seconds",
      "claim_days": "device number day units micros entry",
      "commitments": "device number payload signature opened_at_seconds",
      "entries": "entry kind key refers_to text posted_at_seconds hash",
      "postings": "entry line account currency amount_micros",
      "record_salts": "of_table of_key salt",
      "records": "record of_table of_key sealed",
      "segments": "device number sequence element to_units from_seconds until_seconds chosen",
      "wallet_balances": "account currency held_micros",
    }
  `);
});
