// Peak times: how much is sold in each hour of the week, on average, and which single hours sold most. In: a scope. Out: a week of 7 by 24 hours for each currency and unit, and the
// busiest hours. Hours are those of the wall clock where it was sold; the hour that autumn shows twice holds both.

import { sumMicros } from '../ledger.ts';
import type { Store } from '../store.ts';
import { QUARTERS_PER_HOUR } from '../till.ts';
import { dateOf, HOURS_PER_DAY, hourOf, WEEKDAYS, weekdayOf } from './calendar.ts';
import { walkSegments } from './revenue.ts';
import type { Scope } from './scope.ts';

export interface BusyHour {
  /** On the wall clock, such as `2026-11-21T17`. */
  readonly hour: string;
  readonly units: number;
  readonly amountMicros: number;
}

export interface Peaks {
  readonly currency: string;
  readonly unit: string;
  /** By weekday, Monday first, and hour: sums, and how much one such hour sells on average. */
  readonly week: ReadonlyArray<
    ReadonlyArray<{ readonly units: number; readonly amountMicros: number; readonly unitsPerHour: number }>
  >;
  readonly busiest: readonly BusyHour[];
}

export interface PeakAnswer {
  readonly peaks: readonly Peaks[];
  readonly notes: readonly string[];
}

interface Sums {
  units: number;
  micros: number;
}

interface Gathered {
  readonly currency: string;
  readonly unit: string;
  /** By weekday * 24 + hour. */
  readonly week: Sums[];
  /** By the hour since 1970 began on the wall clock. */
  readonly hours: Map<number, Sums>;
}

export function peaksOf(store: Store, scope: Scope, top: number): PeakAnswer {
  const gathered = new Map<string, Gathered>();
  let isCut = false;
  walkSegments(store, scope, 'fine', ({ currency, unit, zone }, moment, units, micros) => {
    if (moment.kind === 'day') {
      isCut = true;
      return;
    }
    const local = zone.localOf(moment.quarter);
    const own = ownOf(gathered, currency, unit);
    addTo(own.week[weekdayOf(local) * HOURS_PER_DAY + hourOf(local)] as Sums, units, micros);
    const hour = Math.floor(local / QUARTERS_PER_HOUR);
    const known = own.hours.get(hour) ?? { units: 0, micros: 0 };
    own.hours.set(hour, known);
    addTo(known, units, micros);
  });
  const occurrences = occurrencesIn(scope);
  const peaks = [...gathered.values()].map((own) => peaksFrom(own, occurrences, top));
  const notes = isCut ? ['hours that are not kept any more are left out'] : [];
  return { peaks, notes: [...scope.notes, ...notes] };
}

function ownOf(gathered: Map<string, Gathered>, currency: string, unit: string): Gathered {
  const key = `${currency} ${unit}`;
  const known = gathered.get(key);
  if (known !== undefined) return known;
  const week = Array.from({ length: WEEKDAYS.length * HOURS_PER_DAY }, () => ({ units: 0, micros: 0 }));
  const own = { currency, unit, week, hours: new Map<number, Sums>() };
  gathered.set(key, own);
  return own;
}

function addTo(sums: Sums, units: number, micros: number): void {
  sums.units += units;
  sums.micros = sumMicros([sums.micros, micros]);
}

/** How often each hour of the week came in the scope, on the clock of the question. */
function occurrencesIn({ fromQuarter, untilQuarter, floorQuarter, zone }: Scope): number[] {
  const quarters = new Array<number>(WEEKDAYS.length * HOURS_PER_DAY).fill(0);
  for (let quarter = Math.max(fromQuarter, floorQuarter); quarter < untilQuarter; quarter++) {
    const local = zone.localOf(quarter);
    const slot = weekdayOf(local) * HOURS_PER_DAY + hourOf(local);
    quarters[slot] = (quarters[slot] as number) + 1;
  }
  return quarters.map((n) => n / QUARTERS_PER_HOUR);
}

function peaksFrom({ currency, unit, week, hours }: Gathered, occurrences: readonly number[], top: number): Peaks {
  const slots = week.map(({ units, micros }, slot) => {
    const often = occurrences[slot] as number;
    return { units, amountMicros: micros, unitsPerHour: often === 0 ? 0 : units / often };
  });
  const busiest = [...hours.entries()]
    .sort(([hour, a], [other, b]) => b.micros - a.micros || b.units - a.units || hour - other)
    .slice(0, top)
    .map(([hour, { units, micros }]) => ({ hour: hourText(hour), units, amountMicros: micros }));
  return {
    currency,
    unit,
    week: WEEKDAYS.map((_, day) => slots.slice(day * HOURS_PER_DAY, (day + 1) * HOURS_PER_DAY)),
    busiest,
  };
}

function hourText(hour: number): string {
  const local = hour * QUARTERS_PER_HOUR;
  return `${dateOf(local)}T${String(hourOf(local)).padStart(2, '0')}`;
}
