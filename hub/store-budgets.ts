// Budgets in the database: of each scope and period the newest row holds. In: budgets as the operator sets them. Out: those that hold now. What was spent under a
// budget is the reservations' to say.

import type { Database } from 'better-sqlite3';
import type { AccountId, DeviceId } from '../shared/identity.ts';
import { bytesOfHex, hexOf } from './blob.ts';

export type BudgetScope =
  | { readonly kind: 'account' }
  | { readonly kind: 'device'; readonly device: DeviceId }
  | { readonly kind: 'payee'; readonly payee: AccountId };

export interface Budget {
  readonly scope: BudgetScope;
  /** Of each day in the zone, by the hub's clock at the opening of a channel; or of all time. */
  readonly period: { readonly kind: 'day'; readonly zone: string } | { readonly kind: 'ever' };
  readonly currency: string;
  readonly limitMicros: number;
}

export interface BudgetRows {
  /** A limit of `undefined` lifts the budget. */
  set(account: AccountId, budget: Omit<Budget, 'limitMicros'>, limitMicros: number | undefined, nowSeconds: number): void;
  of(account: AccountId): Budget[];
}

interface RawBudget {
  readonly scope: BudgetScope['kind'];
  readonly subject: string;
  readonly perDay: number;
  readonly zone: string;
  readonly currency: string;
  readonly limitMicros: number | null;
}

function subjectOf(scope: BudgetScope): string {
  switch (scope.kind) {
    case 'account':
      return '';
    case 'device':
      return scope.device;
    case 'payee':
      return hexOf(scope.payee);
  }
}

function scopeOf({ scope, subject }: RawBudget): BudgetScope {
  if (scope === 'device') return { kind: 'device', device: subject as DeviceId };
  if (scope === 'payee') return { kind: 'payee', payee: bytesOfHex(subject) as AccountId };
  return { kind: 'account' };
}

export function budgetRows(db: Database): BudgetRows {
  const set = db.prepare(
    `INSERT INTO budgets (account, scope, subject, per_day, zone, currency, limit_micros, set_at_seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const newest = db.prepare<[string], RawBudget>(
    `SELECT scope, subject, per_day AS perDay, zone, currency, limit_micros AS limitMicros FROM budgets
     WHERE number IN (SELECT max(number) FROM budgets WHERE account = ? GROUP BY scope, subject, per_day, currency) ORDER BY number`,
  );
  return {
    set(account, { scope, period, currency }, limitMicros, nowSeconds) {
      const isDaily = period.kind === 'day' ? 1 : 0;
      const zone = period.kind === 'day' ? period.zone : '';
      set.run(hexOf(account), scope.kind, subjectOf(scope), isDaily, zone, currency, limitMicros ?? null, nowSeconds);
    },
    of: (account) =>
      newest.all(hexOf(account)).flatMap((raw) => {
        if (raw.limitMicros === null) return [];
        const period = raw.perDay === 1 ? ({ kind: 'day', zone: raw.zone } as const) : ({ kind: 'ever' } as const);
        return [{ scope: scopeOf(raw), period, currency: raw.currency, limitMicros: raw.limitMicros }];
      }),
  };
}
