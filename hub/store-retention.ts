// What has had its time, in the database: counted and deleted by kind. In: a kind and a moment. Out: how many rows. Which kinds there are and how long each is kept is decided elsewhere; no table that money
// rests on is named here.

import type { Database } from 'better-sqlite3';
import { dayOf, QUARTERS_PER_DAY, quarterAt } from './till.ts';

/** All but persons, which are erased and not deleted. */
export type RowKind = 'refused-samples' | 'replays' | 'sale-quarters' | 'revoked-presence' | 'firmware-reports' | 'rail-notes';

export interface RetentionRows {
  /** What the operator has decided; `null`: for good. */
  decided(): ReadonlyMap<string, number | null>;
  decide(kind: string, days: number | null, nowSeconds: number): void;
  /** How many are older than the moment. */
  count(kind: RowKind, beforeSeconds: number): number;
  /** Deletes at most so many; how many it were. Within the caller's transaction. */
  forget(kind: RowKind, beforeSeconds: number, atMost: number): number;
  /** Names of accounts that have a person, no device in use and no entry since then, in the order of their names. */
  unusedPersons(beforeSeconds: number): string[];
}

/** Table, key, and what makes a row old; @before is in seconds. */
const OLD: Readonly<Record<RowKind, readonly [table: string, key: string, isOld: string]>> = {
  'refused-samples': ['quarantine_samples', 'sample', 'last_at_seconds < @before'],
  replays: ['replays', 'replay', 'answered_at_seconds < @before'],
  'sale-quarters': ['sales', 'quarter, till', 'quarter < @before'],
  'revoked-presence': ['presence', 'device', 'device IN (SELECT device FROM devices WHERE revoked_at_seconds < @before)'],
  'firmware-reports': ['firmware_reports', 'device', 'reported_at_seconds < @before'],
  // Keys name a payout behind a colon. A rail is told of a batch's payouts again until each has an answer, and some know only from these notes what they have paid.
  'rail-notes': [
    'rail_memory',
    'rail, key',
    `substr(key, instr(key, ':') + 1, 32) IN
       (SELECT payout FROM payouts AS over WHERE state IN ('settled', 'rejected', 'reversed') AND created_at_seconds < @before
        AND NOT EXISTS (SELECT 1 FROM payouts AS sibling WHERE sibling.batch = over.batch AND sibling.rail = over.rail AND sibling.state IN ('prepared', 'sent')))`,
  ],
};

const UNUSED_PERSONS = `
SELECT name FROM accounts AS a
WHERE EXISTS (SELECT 1 FROM particulars WHERE account = a.account)
  AND NOT EXISTS (SELECT 1 FROM erasures WHERE account = a.account)
  AND NOT EXISTS (SELECT 1 FROM devices WHERE (payer = a.account OR payee = a.account) AND (revoked_at_seconds IS NULL OR revoked_at_seconds >= @before))
  AND NOT EXISTS (SELECT 1 FROM postings JOIN entries USING (entry) WHERE account = a.account AND posted_at_seconds >= @before)
  AND NOT EXISTS (SELECT 1 FROM particulars WHERE account = a.account AND set_at_seconds >= @before)
ORDER BY name`;

interface Statements {
  readonly count: (beforeSeconds: number) => number;
  readonly forget: (beforeSeconds: number, atMost: number) => number;
}

export function retentionRows(db: Database): RetentionRows {
  const decided = db.prepare<[], [string, number | null]>('SELECT kind, keep_days FROM retention').raw();
  const decide = db.prepare(
    `INSERT INTO retention (kind, keep_days, set_at_seconds) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET keep_days = excluded.keep_days, set_at_seconds = excluded.set_at_seconds`,
  );
  const unused = db.prepare<[{ before: number }], string>(UNUSED_PERSONS).pluck();
  const kinds = Object.fromEntries(Object.keys(OLD).map((kind) => [kind, statementsFor(db, kind as RowKind)])) as Record<
    RowKind,
    Statements
  >;
  const raiseFloor = db.prepare('UPDATE sale_floor SET quarter = ? WHERE quarter < ?');
  return {
    decided: () => new Map(decided.all()),
    decide: (kind, days, nowSeconds) => void decide.run(kind, days, nowSeconds),
    count: (kind, beforeSeconds) => kinds[kind].count(momentFor(kind, beforeSeconds)),
    forget(kind, beforeSeconds, atMost) {
      const moment = momentFor(kind, beforeSeconds);
      // The floor first: what lies below it is not asked for any more, and only that may be deleted.
      if (kind === 'sale-quarters') raiseFloor.run(moment, moment);
      return kinds[kind].forget(moment, atMost);
    },
    unusedPersons: (beforeSeconds) => unused.all({ before: beforeSeconds }),
  };
}

/** Sales go by whole days: their days take their place. */
function momentFor(kind: RowKind, beforeSeconds: number): number {
  return kind === 'sale-quarters' ? dayOf(quarterAt(beforeSeconds)) * QUARTERS_PER_DAY : beforeSeconds;
}

function statementsFor(db: Database, kind: RowKind): Statements {
  const [table, key, isOld] = OLD[kind];
  const count = db.prepare<[{ before: number }], number>(`SELECT count(*) FROM ${table} WHERE ${isOld}`).pluck();
  const forget = db.prepare<[{ before: number; most: number }]>(
    `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${isOld} LIMIT @most)`,
  );
  return {
    count: (before) => count.get({ before }) ?? 0,
    forget: (before, most) => forget.run({ before, most }).changes,
  };
}
