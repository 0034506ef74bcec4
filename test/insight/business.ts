// A random business, and what happened in it as one list of sales, each with where and by whose clock: what a second, slow implementation counts from. In: steps. Out: the store, and the list.

import fc from 'fast-check';
import { placeDevice } from '../../hub/place.ts';
import type { Store } from '../../hub/store.ts';
import { openStore } from '../../hub/store.ts';
import { freshFolder } from '../hub/fixture.ts';
import { openShop } from './shop.ts';

export interface Stay {
  site: string | null;
  product: string | null;
  zone: string | null;
}

export interface Told {
  readonly device: string;
  readonly payer: string;
  readonly payee: string;
  readonly currency: string;
  readonly stay: Stay;
  readonly atSeconds: number;
  readonly units: number;
  readonly micros: number;
}

export interface Business {
  readonly store: Store;
  readonly told: readonly Told[];
}

const MACHINES = [
  { label: 'a', payer: 'ann', payee: 'kiosk', currency: 'EUR' },
  { label: 'b', payer: 'ann', payee: 'cafe', currency: 'EUR' },
  { label: 'c', payer: 'ben', payee: 'kiosk', currency: 'EUR' },
  { label: 'd', payer: 'ben', payee: 'cafe', currency: 'INR' },
] as const;
const SITES = ['north', 'south'];
const PRODUCTS = ['tea', 'milk', 'cake'];

/** Clocks are changed in these days: in Berlin and St John's in the first, in Berlin and on Lord Howe in the others. */
const STARTS = ['2026-03-27T00:00Z', '2026-10-23T00:00Z', '2026-04-03T00:00Z'].map((text) => Date.parse(text) / 1000);

const stepArbitrary = fc.record({
  who: fc.nat(MACHINES.length - 1),
  later: fc.oneof({ weight: 3, arbitrary: fc.nat(7200) }, { weight: 1, arbitrary: fc.nat(50_000) }),
  verb: fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('sell' as const), units: fc.integer({ min: 1, max: 9 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('draw' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('place' as const),
        site: fc.constantFrom(...SITES),
        product: fc.constantFrom(...PRODUCTS),
        correct: fc.boolean(),
        zone: fc.option(fc.constantFrom('Europe/Berlin', 'Asia/Kathmandu')),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reprice' as const), priceMicros: fc.nat(9) }) },
  ),
});

export const businessArbitrary = (zones: readonly string[]): fc.Arbitrary<Plan> =>
  fc.record({
    start: fc.constantFrom(...STARTS),
    zones: fc.array(fc.constantFrom(...zones), { minLength: MACHINES.length, maxLength: MACHINES.length }),
    steps: fc.array(stepArbitrary, { minLength: 5, maxLength: 40 }),
  });

interface Plan {
  readonly start: number;
  readonly zones: readonly string[];
  readonly steps: ReadonlyArray<typeof stepArbitrary extends fc.Arbitrary<infer Step> ? Step : never>;
}

export function businessOf({ start, zones, steps }: Plan): Business {
  const shop = openShop(openStore(freshFolder()));
  const stays = new Map<string, Stay>();
  MACHINES.forEach((machine, at) => {
    const stay = { site: SITES[at % 2] as string, product: PRODUCTS[at % 3] as string, zone: zones[at] as string };
    shop.add({ ...machine, priceMicros: 7 + at, place: stay });
    stays.set(machine.label, stay);
  });
  const told: Told[] = [];
  let at = start;
  for (const { who, later, verb } of steps) {
    at += later;
    const machine = MACHINES[who] as (typeof MACHINES)[number];
    const device = shop.deviceOf(machine.label);
    const stay = stays.get(machine.label) as Stay;
    if (verb.kind === 'sell') {
      shop.sell(machine.label, verb.units, at);
      const { units, micros } = shop.events.at(-1) as { units: number; micros: number };
      told.push({ ...machine, device, stay, atSeconds: at, units, micros });
      shop.draw(at);
    }
    if (verb.kind === 'draw') shop.draw(at);
    if (verb.kind === 'reprice') shop.reprice(machine.label, verb.priceMicros);
    if (verb.kind !== 'place') continue;
    const { site, product, zone, correct } = verb;
    const change = { site, product, ...(zone === null ? {} : { zone }) };
    placeDevice(shop.store, device, { ...change, correct });
    if (correct) Object.assign(stay, change);
    else stays.set(machine.label, { ...stay, ...change });
  }
  return { store: shop.store, told };
}

const CLOCKS = new Map<string, Intl.DateTimeFormat>();

/** What a wall clock there showed. */
export function shown(zone: string, atSeconds: number): { weekday: string; hour: string; day: string } {
  const text = (name: string, options: Intl.DateTimeFormatOptions): string => {
    const clock = CLOCKS.get(zone + name) ?? new Intl.DateTimeFormat('en-CA', { timeZone: zone, hourCycle: 'h23', ...options });
    CLOCKS.set(zone + name, clock);
    return clock.format(atSeconds * 1000);
  };
  return {
    weekday: text('weekday', { weekday: 'long' }),
    hour: text('hour', { hour: '2-digit' }).padStart(2, '0'),
    day: text('day', { year: 'numeric', month: '2-digit', day: '2-digit' }),
  };
}
