// What payouts are made of, by device, payee and unit, for rails that show it. In: payouts that a rail is told of together. Out: the parts of each, those of lost payouts that it carries among them, always in
// the same order. The lines of a batch are gone through once for all of its payouts, and only if a rail asks.

import type { PartsOf, Payout, PayoutId, PayoutPart } from './rails/rail.ts';
import { sideKeyOf, sidesOf } from './side.ts';
import type { Store } from './store.ts';
import type { MadeOf, Usage } from './store-usage.ts';

export function partsAmong(store: Store, payouts: readonly Payout[]): PartsOf {
  let gathered: ReadonlyMap<PayoutId, readonly PayoutPart[]> | undefined;
  return ({ id }) => {
    gathered ??= gather(store, payouts);
    const parts = gathered.get(id);
    if (parts === undefined) throw new Error(`expected a payout that the rail was told of, got ${id}`);
    return parts;
  };
}

/** The lines of one batch that a payout stands for. */
interface Share extends MadeOf {
  readonly usages: Usage[];
}

function gather(store: Store, payouts: readonly Payout[]): ReadonlyMap<PayoutId, readonly PayoutPart[]> {
  const shares = new Map(
    payouts.map(({ id }): [PayoutId, Share[]] => [id, store.payouts.madeOf(id).map((made) => ({ ...made, usages: [] }))]),
  );
  for (const [batch, own] of grouped([...shares.values()].flat(), (made) => made.batch)) share(store.payouts.usageOf(batch), own);
  return new Map([...shares].map(([id, own]) => [id, partsOf(own.flatMap(({ usages }) => usages))]));
}

function share(usages: Iterable<Usage>, shares: readonly Share[]): void {
  const bySide = grouped(shares, sideKeyOf); // several, if one carries another
  for (const usage of usages)
    for (const side of sidesOf(usage)) for (const one of bySide.get(sideKeyOf(side)) ?? []) one.usages.push(usage);
}

function grouped(shares: readonly Share[], keyOf: (share: Share) => string): ReadonlyMap<string, readonly Share[]> {
  const groups = new Map<string, Share[]>(shares.map((one) => [keyOf(one), []]));
  for (const one of shares) groups.get(keyOf(one))?.push(one);
  return groups;
}

/** One for each device, payee and unit, in the order in which they are met first. */
function partsOf(usages: readonly Usage[]): PayoutPart[] {
  const parts = new Map<string, PayoutPart>();
  for (const { device, label, payee, payeeName, unit, units, amountMicros } of usages) {
    const key = `${device} ${payee} ${unit}`;
    const before = parts.get(key) ?? { units: 0, amountMicros: 0 };
    const sums = { units: before.units + units, amountMicros: before.amountMicros + amountMicros };
    parts.set(key, { device: label, payee: payeeName, unit, ...sums });
  }
  return [...parts.values()];
}
