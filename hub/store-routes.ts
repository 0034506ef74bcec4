// Where accounts are paid and collected from, and who approved which batch, in the database. In: an operator's decisions, each written once. Out: those that hold. An
// account without a route settles in the hub's own books.

import type { Database } from 'better-sqlite3';
import type { AccountId } from '../shared/identity.ts';
import { bytesOfHex, hexOf } from './blob.ts';
import type { Direction, RailName } from './rails/rail.ts';

export interface Route {
  readonly account: AccountId;
  readonly direction: Direction;
  readonly rail: RailName;
}

export interface Approval {
  readonly by: string;
  readonly atSeconds: number;
}

export interface RouteRows {
  /** From now on; without a rail, through none. */
  route(account: AccountId, direction: Direction, rail: RailName | undefined, nowSeconds: number): void;
  routeOf(account: AccountId, direction: Direction): RailName | undefined;
  routes(): Route[];
  approve(batch: string, by: string, nowSeconds: number): void;
  approvalOf(batch: string): Approval | undefined;
}

export function routeRows(db: Database): RouteRows {
  const add = db.prepare('INSERT INTO routes (account, direction, rail, routed_at_seconds) VALUES (?, ?, ?, ?)');
  const newest = db.prepare<[string, string], { rail: RailName | null }>(
    'SELECT rail FROM routes WHERE account = ? AND direction = ? ORDER BY number DESC LIMIT 1',
  );
  const all = db.prepare<[], { account: string; direction: Direction; rail: RailName }>(
    `SELECT account, direction, rail FROM routes WHERE rail IS NOT NULL
       AND number IN (SELECT max(number) FROM routes GROUP BY account, direction) ORDER BY account, direction`,
  );
  const approve = db.prepare('INSERT INTO approvals (batch, approved_by, approved_at_seconds) VALUES (?, ?, ?)');
  const approval = db.prepare<[string], Approval>(
    'SELECT approved_by AS "by", approved_at_seconds AS atSeconds FROM approvals WHERE batch = ?',
  );
  return {
    route: (account, direction, rail, nowSeconds) => void add.run(hexOf(account), direction, rail ?? null, nowSeconds),
    routeOf: (account, direction) => newest.get(hexOf(account), direction)?.rail ?? undefined,
    routes: () => all.all().map((row) => ({ ...row, account: bytesOfHex(row.account) as AccountId })),
    approve: (batch, by, nowSeconds) => void approve.run(batch, by, nowSeconds),
    approvalOf: (batch) => approval.get(batch),
  };
}
