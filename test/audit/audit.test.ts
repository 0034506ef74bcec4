// The audit of a whole data folder: sound books pass, and what is wrong is named by its row.

import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { drawClaims } from '../../hub/draw.ts';
import { statementOf } from '../../hub/statement.ts';
import { hubKeysIn } from '../../hub/audit/keys.ts';
import { auditTables } from '../../hub/audit/run.ts';
import { tableRows } from '../../hub/store-tables.ts';
import { freshFolder } from '../hub/fixture.ts';
import { DAY_SECONDS, openBusiness, START_SECONDS } from './business.ts';
import { originalOf } from './tampering.ts';
import { makeBusiness } from './whole-business.ts';

test('books that only the hub has written pass', () => {
  const store = makeBusiness(freshFolder());
  onTestFinished(() => store.close());
  const { faults, checked } = auditTables(store.tables, hubKeysIn(store.dataDir), { all: true });
  expect(faults).toEqual([]);
  expect(Object.fromEntries(checked)).toMatchObject({ channels: 15, devices: 8, batches: 3, 'batch lines': 19, payouts: 13 });
});

test('they pass, and statements add up, after the clock was set back by days between two claims', () => {
  const { store, payers, take } = openBusiness(freshFolder());
  onTestFinished(() => store.close());
  const timed = payers[4] ?? expect.fail('no payer under prices by time');
  const noon = START_SECONDS + 10 * DAY_SECONDS;
  for (const [i, at] of [noon, noon - 5 * DAY_SECONDS, noon - 4 * DAY_SECONDS, noon + DAY_SECONDS].entries()) {
    take(timed, [...(i === 0 ? [timed.commitment(1)] : []), timed.payword(1, 9 * (i + 1))], at);
    drawClaims(store, at + 60);
  }
  expect(auditTables(store.tables, hubKeysIn(store.dataDir), { all: true }).faults).toEqual([]);
  const day = Math.floor(noon / DAY_SECONDS);
  for (const [fromDay, untilDay] of [
    [0, day + 9],
    [day, day + 1],
    [day + 1, day + 2],
    [day - 5, day],
  ] as const) {
    const told = statementOf(store, 'alice', { fromDay, untilDay }, noon);
    expect(told.currencies.map(({ channels }) => channels.map(({ units }) => units))).toEqual([
      fromDay === 0 ? [36] : fromDay === day ? [27] : fromDay > day ? [9] : [],
    ]);
  }
});

interface Day {
  readonly device: string;
  readonly number: number;
  readonly day: number;
  readonly units: number;
}

test('units that were moved from one day of claims to another are found where they cost nothing, too', () => {
  const folder = freshFolder();
  makeBusiness(folder).close();
  const { bare, schema, keys } = originalOf(folder);
  const db = new Database(bare);
  onTestFinished(() => void db.close());
  const [first, last] = db
    .prepare<[], Day>(
      `SELECT d.* FROM claim_days AS d JOIN (SELECT device, number FROM claim_days GROUP BY device, number
       HAVING count(DISTINCT units) = 2 AND sum(micros) = 0 LIMIT 1) USING (device, number) ORDER BY day`,
    )
    .all() as [Day, Day];
  const write = db.prepare('UPDATE claim_days SET units = ? WHERE device = ? AND number = ? AND day = ?');
  write.run(last.units, first.device, first.number, first.day);
  write.run(first.units, last.device, last.number, last.day);
  const tables = { ...tableRows(db), schema: () => schema, expectedSchema: () => schema };
  expect(auditTables(tables, keys).faults).toMatchObject([
    { table: 'claim_days', row: `${last.device}/${last.number}/${last.day}` },
  ]);
});
