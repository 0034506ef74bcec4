// Random tariffs and channels under them, from a seed. In: a source of chance. Out: tariffs of the second layout that the wire's reader would let pass, segments, counts. Small numbers
// more often than large ones: tiers, steps and free units meet there; and now and then numbers at their bounds.

import type { Segment } from '../../shared/charge.ts';
import type { Element, RichTariff, Tier } from '../../shared/rich-tariff.ts';
import type { Micros } from '../../shared/units.ts';
import { MAX_AMOUNT_MICROS, MAX_UNITS } from '../../shared/units.ts';
import type { Random } from '../../simulator/random.ts';

/** How far counts go. */
export type Size = 'looped' | 'ordinary' | 'bound';

const UNITS_OF: Readonly<Record<Size, number>> = { looped: 60, ordinary: 100_000, bound: MAX_UNITS };

function oneOf<T>(random: Random, options: readonly T[]): T {
  return options[random.integer(0, options.length - 1)] as T;
}

function priceIn(random: Random, size: Size): Micros {
  if (size === 'bound') return (1_000_000_000 - random.integer(0, 3)) as Micros;
  return oneOf(random, [0, 1, random.integer(0, 9), random.integer(0, 1_000_000), 1_000_000_000]) as Micros;
}

function tiersIn(random: Random, size: Size): Tier[] {
  const begins = new Set([0]);
  for (let i = random.integer(0, 3); i > 0; i--) begins.add(random.integer(1, UNITS_OF[size] / 2));
  return [...begins].sort((a, b) => a - b).map((fromUnits) => ({ fromUnits, priceMicros: priceIn(random, size) }));
}

function elementsIn(random: Random, size: Size): Element[] {
  const always = { weekdays: 127, fromMinute: 0, untilMinute: 1440, fromDay: 0, untilDay: 0 };
  const more = Array.from({ length: oneOf(random, [0, 0, 1, 2, 4]) }, () => {
    const [fromMinute, untilMinute] = oneOf<readonly [number, number]>(random, [
      [420, 1200],
      [1320, 360],
      [0, 90],
      [60, 1440],
    ]);
    return { ...always, weekdays: random.integer(1, 127), fromMinute, untilMinute, tiers: tiersIn(random, size) };
  });
  return [...more, { ...always, tiers: tiersIn(random, size) }];
}

function boundsIn(random: Random, size: Size): Pick<RichTariff, 'baseMicros' | 'minimumMicros' | 'maximumMicros'> {
  const amount = (): number => oneOf(random, [0, 0, random.integer(0, 50), random.integer(0, size === 'looped' ? 5000 : 1e12)]);
  const minimumMicros = amount() as Micros;
  const cap = oneOf(random, [MAX_AMOUNT_MICROS, MAX_AMOUNT_MICROS, minimumMicros + amount()]);
  return { baseMicros: amount() as Micros, minimumMicros, maximumMicros: Math.min(cap, MAX_AMOUNT_MICROS) as Micros };
}

export function randomTariff(random: Random, size: Size): RichTariff {
  const elements = elementsIn(random, size);
  const units = UNITS_OF[size];
  const per =
    size === 'bound' ? oneOf(random, [1, 2, 3, 1_000_000]) : oneOf(random, [1, 3, 7, 1000, 3600, random.integer(1, 1_000_000)]);
  return {
    kind: 'rich',
    currency: 'EUR',
    unit: 'Wh',
    validFromSeconds: 0,
    validUntilSeconds: 4_000_000_000,
    replaces: '',
    zone: elements.length > 1 ? 'Europe/Berlin' : '',
    taxMillionths: oneOf(random, [0, 70_000, 190_000, random.integer(0, 1_000_000), 1_000_000]),
    taxIncluded: random.next() < 0.5,
    perUnits: per,
    stepUnits: oneOf(random, [1, 1, 2, 5, random.integer(1, Math.min(1_000_000, units))]),
    freeUnits: oneOf(random, [0, 0, random.integer(0, units / 4)]),
    ...boundsIn(random, size),
    byVolume: random.next() < 0.4,
    elements,
    texts: [],
  };
}

export function randomUnits(random: Random, size: Size): number {
  return random.integer(size === 'bound' ? MAX_UNITS - 9 : 0, UNITS_OF[size]);
}

/** Up to `units`, for a tariff whose prices differ by time; none for another. */
export function randomSegments(random: Random, tariff: RichTariff, units: number): Segment[] {
  if (tariff.elements.length === 1 || units === 0) return [];
  const ends = new Set([units]);
  for (let i = random.integer(0, 4); i > 0; i--) ends.add(random.integer(1, units));
  return [...ends].sort((a, b) => a - b).map((toUnits) => ({ element: random.integer(0, tariff.elements.length - 1), toUnits }));
}
