// What a change of price did: how much the same devices sold before and after, for tariffs that replace each other on a device, in the same currency and unit. In: a scope. Out: for each pair of tariffs
// the difference, with a 95 % interval. It is a comparison before and after, and no experiment: season, weather and a neighbour's price are in it, too.

import { toHex } from '../../shared/bytes.ts';
import type { DeviceId, TariffId } from '../../shared/identity.ts';
import type { Store } from '../store.ts';
import type { Opening } from '../store-sales.ts';
import { dayOf, QUARTERS_PER_DAY, quarterAt } from '../till.ts';
import type { Scope } from './scope.ts';
import { differenceOf, type Estimate } from './estimate.ts';

export interface PriceChange {
  /** Ids in hex. */
  readonly before: string;
  readonly after: string;
  readonly currency: string;
  readonly unit: string;
  readonly devices: number;
  /** On each side of the change, on the device with the fewest and the most. */
  readonly daysLeast: number;
  readonly daysMost: number;
  /** What a unit really cost on average, free units and all. */
  readonly microsPerUnitBefore: number | null;
  readonly microsPerUnitAfter: number | null;
  readonly unitsPerDeviceHourBefore: number;
  readonly unitsPerDeviceHourAfter: number;
  /** After less before; the bounds are `null` where one device's days are too few to tell. */
  readonly difference: Estimate;
  /** By which factor units change when the price doubles, as an exponent; `null` where price or units stayed or were zero. */
  readonly elasticity: number | null;
}

export interface PriceTerms {
  /** At most so many days on each side. */
  readonly days: number;
}

const DAYS_PER_WEEK = 7;
const HOURS_PER_DAY = 24;

/** One device's days on both sides of one change. */
interface Comparison {
  readonly beforeUnits: readonly number[];
  readonly afterUnits: readonly number[];
  readonly beforeMicros: number;
  readonly afterMicros: number;
}

interface Series {
  readonly units: Map<number, number>;
  readonly micros: Map<number, number>;
}

export function priceChanges(store: Store, scope: Scope, { days }: PriceTerms): PriceChange[] {
  const devices = repriced(scope);
  const series = seriesOf(store, scope, devices);
  const compared = new Map<string, { readonly head: Head; readonly list: Comparison[] }>();
  for (const device of devices) {
    for (const { from, to, firstDay, changeDay, lastDay } of changesOf(store, scope, device)) {
      const comparison = compare(series, device, { from, to, firstDay, changeDay, lastDay, days });
      if (comparison === undefined) continue;
      const head = { before: toHex(from.tariff), after: toHex(to.tariff), currency: to.currency, unit: to.unit };
      const key = `${head.before} ${head.after}`;
      const known = compared.get(key) ?? { head, list: [] };
      compared.set(key, known);
      known.list.push(comparison);
    }
  }
  return [...compared.values()].map(({ head, list }) => changeFrom(head, list)).sort((a, b) => b.devices - a.devices);
}

type Head = Pick<PriceChange, 'before' | 'after' | 'currency' | 'unit'>;

/** Devices that have sold one unit in one currency under more than one tariff. */
function repriced({ tills }: Scope): DeviceId[] {
  const tariffs = new Map<string, Set<TariffId>>();
  const found = new Set<DeviceId>();
  for (const { device, currency, unit, tariff } of tills) {
    const key = `${device} ${currency} ${unit}`;
    const known = tariffs.get(key) ?? new Set();
    tariffs.set(key, known.add(tariff));
    if (known.size > 1) found.add(device);
  }
  return [...found];
}

const seriesKey = (device: DeviceId, tariff: TariffId): string => device + tariff;

function seriesOf(
  store: Store,
  { tills, counts, fromQuarter, untilQuarter }: Scope,
  devices: readonly DeviceId[],
): Map<string, Series> {
  const wanted = new Set(devices);
  const series = new Map<string, Series>();
  const byTill: Array<Series | undefined> = new Array<undefined>(counts.length);
  for (const { till, device, tariff } of tills) {
    if (!wanted.has(device)) continue;
    const own = series.get(seriesKey(device, tariff)) ?? { units: new Map<number, number>(), micros: new Map<number, number>() };
    series.set(seriesKey(device, tariff), own);
    byTill[till] = own;
  }
  let pending: Array<[Series, number, number]> = [];
  store.sales.walkDays(
    Math.ceil(fromQuarter / QUARTERS_PER_DAY),
    Math.floor(untilQuarter / QUARTERS_PER_DAY),
    (till, units, micros) => {
      const own = byTill[till];
      if (own !== undefined) pending.push([own, units, micros]);
    },
    (day) => {
      for (const [own, units, micros] of pending) {
        own.units.set(day, (own.units.get(day) ?? 0) + units);
        own.micros.set(day, (own.micros.get(day) ?? 0) + micros);
      }
      pending = [];
    },
  );
  return series;
}

interface Change {
  readonly from: Opening;
  readonly to: Opening;
  /** The first whole day under the tariff before; the day of the change, which counts for neither; the last whole day under the tariff after. */
  readonly firstDay: number;
  readonly changeDay: number;
  readonly lastDay: number;
}

/** A tariff holds from the opening of the first channel under it to that of the first under another; openings and not sales, for a dear price may sell nothing at first. */
function changesOf(store: Store, { fromQuarter, untilQuarter }: Scope, device: DeviceId): Change[] {
  const phases = new Map<string, Opening[]>();
  for (const opening of store.sales.openingsOf(device)) {
    const key = `${opening.currency} ${opening.unit}`;
    const known = phases.get(key) ?? [];
    phases.set(key, known);
    if (known.at(-1)?.tariff !== opening.tariff) known.push(opening);
  }
  const openedDay = ({ openedAtSeconds }: Opening): number => dayOf(quarterAt(openedAtSeconds));
  const earliest = Math.ceil(fromQuarter / QUARTERS_PER_DAY);
  // The last day of all may not be over.
  const latest = Math.floor(untilQuarter / QUARTERS_PER_DAY) - 2;
  return [...phases.values()].flatMap((list) =>
    list.slice(1).map((to, at) => {
      const from = list[at] as Opening;
      const next = list[at + 2];
      return {
        from,
        to,
        firstDay: Math.max(earliest, openedDay(from) + 1),
        changeDay: openedDay(to),
        lastDay: Math.min(latest, next === undefined ? latest : openedDay(next) - 1),
      };
    }),
  );
}

/** As many days on both sides, and whole weeks where there are any: weekdays sell differently. `undefined` when a side has none. */
function compare(
  series: ReadonlyMap<string, Series>,
  device: DeviceId,
  { from, to, firstDay, changeDay, lastDay, days }: Change & PriceTerms,
): Comparison | undefined {
  const most = Math.min(days, changeDay - firstDay, lastDay - changeDay);
  const length = most >= DAYS_PER_WEEK ? most - (most % DAYS_PER_WEEK) : most;
  if (length < 1) return undefined;
  const daysFrom = (first: number): number[] => Array.from({ length }, (_, i) => first + i);
  const [before, after] = [daysFrom(changeDay - length), daysFrom(changeDay + 1)];
  const unitsOn = (tariff: TariffId, list: readonly number[]): number[] =>
    list.map((day) => series.get(seriesKey(device, tariff))?.units.get(day) ?? 0);
  const microsOn = (tariff: TariffId, list: readonly number[]): number =>
    list.reduce((sum, day) => sum + (series.get(seriesKey(device, tariff))?.micros.get(day) ?? 0), 0);
  return {
    beforeUnits: unitsOn(from.tariff, before),
    afterUnits: unitsOn(to.tariff, after),
    beforeMicros: microsOn(from.tariff, before),
    afterMicros: microsOn(to.tariff, after),
  };
}

function changeFrom(head: Head, list: readonly Comparison[]): PriceChange {
  const perHour = (units: readonly number[]): number => sum(units) / units.length / HOURS_PER_DAY;
  const before = list.map(({ beforeUnits }) => perHour(beforeUnits));
  const after = list.map(({ afterUnits }) => perHour(afterUnits));
  const price = (micros: readonly number[], units: readonly number[]): number | null =>
    sum(units) === 0 ? null : sum(micros) / sum(units);
  const allBefore = list.flatMap(({ beforeUnits }) => beforeUnits);
  const allAfter = list.flatMap(({ afterUnits }) => afterUnits);
  const prices = [
    price(
      list.map((one) => one.beforeMicros),
      allBefore,
    ),
    price(
      list.map((one) => one.afterMicros),
      allAfter,
    ),
  ] as const;
  const hourly = (units: readonly number[]): number[] => units.map((n) => n / HOURS_PER_DAY);
  const lengths = list.map(({ beforeUnits }) => beforeUnits.length);
  return {
    ...head,
    devices: list.length,
    daysLeast: Math.min(...lengths),
    daysMost: Math.max(...lengths),
    microsPerUnitBefore: prices[0],
    microsPerUnitAfter: prices[1],
    unitsPerDeviceHourBefore: sum(before) / list.length,
    unitsPerDeviceHourAfter: sum(after) / list.length,
    difference: differenceOf(before, after, { before: hourly(allBefore), after: hourly(allAfter) }),
    elasticity: elasticityOf(sum(before), sum(after), prices),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

function elasticityOf(before: number, after: number, [dearness, after2]: readonly [number | null, number | null]): number | null {
  if (before === 0 || after === 0 || dearness === null || after2 === null || dearness === 0 || after2 === 0) return null;
  const priceRatio = Math.log(after2 / dearness);
  return priceRatio === 0 ? null : Math.log(after / before) / priceRatio;
}
