// Tiers as people write them, with from and to. In: a list. Out: tiers that hold every unit once, or what is wrong with the list.

import type { Tier } from '../../shared/rich-tariff.ts';
import type { Micros } from '../../shared/units.ts';

export interface WrittenTier {
  /** The unit after it is the first of the tier; where the tier before ends, unless given. */
  readonly from?: number | undefined;
  /** The tier's last unit; where the next one begins, unless given. */
  readonly to?: number | undefined;
  readonly price: number;
}

/** A sentence that begins with the path; `undefined` for tiers without gap and overlap. */
export function tiersFault(tiers: readonly WrittenTier[]): string | undefined {
  let ended = 0;
  for (const [i, { from, to }] of tiers.entries()) {
    const isLast = i === tiers.length - 1;
    const next = tiers[i + 1]?.from;
    if (from !== undefined && from !== ended)
      return `tiers.${i}.from: expected ${ended}, where ${i === 0 ? 'counting begins' : 'the tier before ends'}, got ${from}: ${from > ended ? `units ${ended + 1} to ${from} would have no price` : 'some units would have two prices'}`;
    if (isLast && to !== undefined) return `tiers.${i}.to: expected none in the last tier: units above ${to} would have no price`;
    if (isLast) return undefined;
    const end = to ?? next;
    if (end === undefined) return `tiers.${i}.to: expected where the tier ends, or from in the next one`;
    if (end <= ended) return `tiers.${i}.to: expected more than ${ended}, where the tier begins, got ${end}`;
    ended = end;
  }
  return undefined;
}

/** Of tiers without a fault. */
export function tiersOf(tiers: readonly WrittenTier[]): Tier[] {
  let fromUnits = 0;
  return tiers.map(({ to, price }, i) => {
    const tier = { fromUnits, priceMicros: price as Micros };
    fromUnits = to ?? tiers[i + 1]?.from ?? 0;
    return tier;
  });
}
