// A walk over what was sold in a scope, by quarter hours or, where those are enough or all there is, by days. In: a scope. Out: each row once, and after each moment which it was; or sums
// by till. It must never count a row both ways.

import type { Store } from '../store.ts';
import type { OnSale } from '../store-sales.ts';
import { QUARTERS_PER_DAY } from '../till.ts';
import type { Scope } from './scope.ts';

export type Moment = { readonly kind: 'quarter'; readonly quarter: number } | { readonly kind: 'day'; readonly day: number };

/** `fine`: days only where quarter hours are not kept any more. `coarse`: every whole day of UTC as a day. */
export type Grain = 'fine' | 'coarse';

export function walk(store: Store, scope: Scope, grain: Grain, onSale: OnSale, after: (moment: Moment) => void): void {
  const { fromQuarter, untilQuarter, floorQuarter } = scope;
  const firstDay = Math.ceil(fromQuarter / QUARTERS_PER_DAY);
  const lastDay = Math.floor((grain === 'coarse' ? untilQuarter : Math.min(untilQuarter, floorQuarter)) / QUARTERS_PER_DAY);
  const afterQuarter = (quarter: number): void => after({ kind: 'quarter', quarter });
  if (lastDay <= firstDay) {
    store.sales.walkQuarters(fromQuarter, untilQuarter, onSale, afterQuarter);
    return;
  }
  store.sales.walkQuarters(fromQuarter, firstDay * QUARTERS_PER_DAY, onSale, afterQuarter);
  store.sales.walkDays(firstDay, lastDay, onSale, (day) => after({ kind: 'day', day }));
  store.sales.walkQuarters(lastDay * QUARTERS_PER_DAY, untilQuarter, onSale, afterQuarter);
}

export interface TillSums {
  unitsOf(till: number): number;
  microsOf(till: number): number;
}

/** Of each till over the whole scope, from days wherever it can. */
export function sumsByTill(store: Store, scope: Scope): TillSums {
  const units = new Float64Array(scope.counts.length);
  const micros = new Float64Array(scope.counts.length);
  walk(
    store,
    scope,
    'coarse',
    (till, more, money) => {
      units[till] = (units[till] as number) + more;
      micros[till] = (micros[till] as number) + money;
    },
    () => undefined,
  );
  return { unitsOf: (till) => units[till] as number, microsOf: (till) => micros[till] as number };
}
