// Budgets: how much an account lets its channels cost, per device, per payee, per day. In: a channel that wants to be opened. Out: what the tightest budget leaves for
// it. An open channel counts with its limit, a released one with what it was charged; days are the hub's, of the opening, in the budget's zone.

import { Temporal } from 'temporal-polyfill';
import type { AccountId, DeviceId } from '../shared/identity.ts';
import type { Store } from './store.ts';
import type { Budget, BudgetScope } from './store-budgets.ts';

/** The parts of a channel to be that budgets look at. */
export interface Spending {
  readonly device: DeviceId;
  readonly payee: AccountId;
  readonly currency: string;
}

export function appliesTo({ scope, currency }: Pick<Budget, 'scope' | 'currency'>, spending: Spending): boolean {
  if (currency !== spending.currency) return false;
  switch (scope.kind) {
    case 'account':
      return true;
    case 'device':
      return scope.device === spending.device;
    case 'payee':
      return scope.payee === spending.payee;
  }
}

/** What has counted against the budget, in the period that `nowSeconds` lies in. */
export function countedMicros(store: Store, account: AccountId, budget: Budget, nowSeconds: number): number {
  const { scope, currency, period } = budget;
  const within = period.kind === 'day' ? dayAround(nowSeconds, period.zone) : ALWAYS;
  return store.reservations.countedMicros({ account, currency, ...filterOf(scope), ...within });
}

const ALWAYS = { fromSeconds: 0, untilSeconds: Number.MAX_SAFE_INTEGER };

function filterOf(scope: BudgetScope): { readonly device?: DeviceId; readonly payee?: AccountId } {
  switch (scope.kind) {
    case 'account':
      return {};
    case 'device':
      return { device: scope.device };
    case 'payee':
      return { payee: scope.payee };
  }
}

/** The day in the zone; 23 or 25 hours where the clocks change. */
function dayAround(nowSeconds: number, zone: string): { readonly fromSeconds: number; readonly untilSeconds: number } {
  const begin = Temporal.Instant.fromEpochMilliseconds(nowSeconds * 1000)
    .toZonedDateTimeISO(zone)
    .startOfDay();
  const next = begin.add({ days: 1 }).startOfDay();
  return { fromSeconds: begin.epochMilliseconds / 1000, untilSeconds: next.epochMilliseconds / 1000 };
}
