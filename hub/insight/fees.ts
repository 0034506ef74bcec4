// What moving money has cost: what each rail has moved and kept, from its payouts and the books' entries of fees. In: the store and a stretch of time. Out: one row per rail, direction and currency. Only what has
// really moved counts, and only fees that were booked: a rail that says nothing of its fee costs nothing here, and the row says so.

import { sumMicros } from '../ledger.ts';
import type { PayoutRow } from '../payout.ts';
import type { Direction, RailName } from '../rails/rail.ts';
import type { Store } from '../store.ts';

export interface RailFees {
  readonly rail: RailName;
  readonly direction: Direction;
  readonly currency: string;
  /** Settled, and not come back. */
  readonly payouts: number;
  readonly movedMicros: number;
  readonly feeMicros: number;
  /** Of what was moved. */
  readonly share: number;
  /** Payouts that no fee was booked for. */
  readonly withoutFee: number;
}

export interface FeeTerms {
  /** By when a payout was prepared. */
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  readonly currency?: string;
}

export function feesByRail(store: Store, { fromSeconds, untilSeconds, currency }: FeeTerms): RailFees[] {
  const groups = new Map<string, PayoutRow[]>();
  for (const payout of store.payouts.newest(Number.MAX_SAFE_INTEGER)) {
    const isMeant = payout.state === 'settled' && (currency === undefined || payout.currency === currency);
    if (!isMeant || payout.createdAtSeconds < fromSeconds || payout.createdAtSeconds >= untilSeconds) continue;
    const key = `${payout.currency} ${payout.rail} ${payout.direction}`;
    const known = groups.get(key) ?? [];
    groups.set(key, known);
    known.push(payout);
  }
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, payouts]) => feesOf(store, payouts));
}

function feesOf(store: Store, payouts: readonly PayoutRow[]): RailFees {
  const { rail, direction, currency } = payouts[0] as PayoutRow;
  const fees = payouts.map(({ id }) => feeMicrosOf(store, id));
  const movedMicros = sumMicros(payouts.map(({ amountMicros }) => amountMicros));
  const feeMicros = sumMicros(fees.map((fee) => fee ?? 0));
  return {
    rail,
    direction,
    currency,
    payouts: payouts.length,
    movedMicros,
    feeMicros,
    share: movedMicros === 0 ? 0 : feeMicros / movedMicros,
    withoutFee: fees.filter((fee) => fee === undefined).length,
  };
}

/** What the payout's entry of a fee took; `undefined` when it has none. */
function feeMicrosOf(store: Store, payout: string): number | undefined {
  const entry = store.books.numberOf(`fee:${payout}`);
  if (entry === undefined) return undefined;
  return sumMicros(store.books.postingsOf(entry).map(({ amountMicros }) => Math.max(0, amountMicros)));
}
