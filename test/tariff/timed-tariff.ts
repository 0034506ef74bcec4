// Tariffs whose prices differ by time, for tests: element i of n costs (i + 1) cents a unit, unless said otherwise. In: a zone and times. Out: a tariff.

import type { Element, RichTariff } from '../../shared/rich-tariff.ts';
import type { Times } from '../../shared/times.ts';
import type { Micros } from '../../shared/units.ts';
import { MAX_AMOUNT_MICROS } from '../../shared/units.ts';
import { ALWAYS } from '../../hub/tariff/local-times.ts';

const CENT = 10_000;

export function tariffWith(zone: string, times: readonly Partial<Times>[], changes: Partial<RichTariff> = {}): RichTariff {
  const elements: Element[] = [...times, {}].map((one, i) => {
    return { ...ALWAYS, ...one, tiers: [{ fromUnits: 0, priceMicros: ((i + 1) * CENT) as Micros }] };
  });
  return {
    kind: 'rich',
    currency: 'EUR',
    unit: 'vend',
    validFromSeconds: 0,
    validUntilSeconds: 4_000_000_000,
    replaces: '',
    zone,
    taxMillionths: 0,
    taxIncluded: true,
    perUnits: 1,
    stepUnits: 1,
    freeUnits: 0,
    baseMicros: 0 as Micros,
    minimumMicros: 0 as Micros,
    maximumMicros: MAX_AMOUNT_MICROS as Micros,
    byVolume: false,
    elements,
    texts: [],
    ...changes,
  };
}
