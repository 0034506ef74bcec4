// Rails side by side, before anything is sent: for every account with something due, what each rail would move and keep, which is the cheapest, and what stands in the way of
// the others. In: the store and the operator's terms. Out: plain values. It changes nothing.

import type { BatchLine } from './batch.ts';
import { nameOfIn } from './batch-view.ts';
import { sumMicros } from './ledger.ts';
import { isDearer } from './plan.ts';
import type { Direction, Rail, RailName } from './rails/rail.ts';
import { feeMicrosOf } from './rails/rail.ts';
import type { Side } from './side.ts';
import { sideKeyOf, sidesOf } from './side.ts';
import type { Store } from './store.ts';
import type { Terms } from './terms.ts';

export interface ComparedWay {
  readonly rail: RailName;
  readonly amountMicros: number;
  readonly feeMicros: number;
  /** Of the amount; what a rail takes once per batch is left aside. */
  readonly feeMillionths: number;
  /** It is above the operator's threshold. */
  readonly isTooDear: boolean;
}

export interface Compared {
  readonly account: string;
  readonly direction: Direction;
  readonly currency: string;
  readonly dueMicros: number;
  /** Where the account is routed now; `null`: in the books. */
  readonly routed: RailName | null;
  /** `null` when no rail can move it. */
  readonly cheapest: RailName | null;
  readonly ways: readonly ComparedWay[];
  readonly blocked: ReadonlyArray<{ readonly rail: RailName; readonly why: string }>;
}

export function compareRails(store: Store, terms: Terms): Compared[] {
  return store.atOneMoment(() => {
    const nameOf = nameOfIn(store);
    return [...dueSides(store, store.batches.due('accepted'))].map(({ side, dueMicros }) => {
      const { account, direction, currency } = side;
      const found = [...terms.rails.values()].map((rail) => [rail.name, wayOn(store, terms, rail, side, dueMicros)] as const);
      const ways = found.flatMap(([, way]) => (typeof way === 'string' ? [] : [way]));
      const blocked = found.flatMap(([rail, way]) => (typeof way === 'string' ? [{ rail, why: way }] : []));
      const [cheapest] = [...ways].sort((a, b) => a.feeMicros - b.feeMicros);
      const routed = store.routes.routeOf(account, direction) ?? null;
      return {
        account: nameOf(account),
        direction,
        currency,
        dueMicros,
        routed,
        cheapest: cheapest?.rail ?? null,
        ways,
        blocked,
      };
    });
  });
}

/** Payees, and payers who are not prepaid: their wallets have paid. */
function* dueSides(store: Store, lines: Iterable<BatchLine>): Generator<{ side: Side; dueMicros: number }> {
  const sums = new Map<string, { side: Side; micros: number }>();
  for (const line of lines) {
    for (const side of sidesOf(line)) {
      const known = sums.get(sideKeyOf(side)) ?? { side, micros: 0 };
      known.micros = sumMicros([known.micros, line.toMicros - line.fromMicros]);
      sums.set(sideKeyOf(side), known);
    }
  }
  for (const { side, micros } of sums.values()) {
    if (side.direction === 'collect' && store.wallets.termsOf(side.account)?.kind === 'prepaid') continue;
    const { remainderMicros, lost } = store.payouts.carried(side);
    yield { side, dueMicros: sumMicros([remainderMicros, ...lost.map((one) => one.amountMicros), micros]) };
  }
}

function wayOn(
  store: Store,
  terms: Terms,
  rail: Rail,
  { account, direction, currency }: Side,
  dueMicros: number,
): ComparedWay | string {
  if (!rail.directions.includes(direction)) return `does not ${direction}`;
  const unitMicros = rail.unitMicros(currency);
  if (unitMicros === undefined) return `does not move ${currency}`;
  const destination = rail.destinationOf(store.particulars.of(account), direction);
  if (typeof destination === 'string') return destination;
  const mostMicros = Math.min(dueMicros, rail.maxMicros);
  const amountMicros = mostMicros - (mostMicros % unitMicros); // rounded down, as a payout is
  if (amountMicros === 0) return `moves ${unitMicros} micros at least, ${dueMicros} are due`;
  const feeMicros = feeMicrosOf(rail.fee, amountMicros);
  const feeMillionths = Number((BigInt(feeMicros) * 1_000_000n + BigInt(amountMicros) - 1n) / BigInt(amountMicros)); // rounded up
  const { maxFeeShareMillionths } = terms.thresholdOf(rail.name, currency);
  return {
    rail: rail.name,
    amountMicros,
    feeMicros,
    feeMillionths,
    isTooDear: isDearer(feeMicros, amountMicros, maxFeeShareMillionths),
  };
}
