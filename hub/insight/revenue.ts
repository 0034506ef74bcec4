// Revenue: what was sold in a scope, by device, site, product, payee, or by the wall clock's hours, weekdays, days and months. In: a scope. Out: rows with units and money, currencies and
// units never added up. Every unit is in exactly one row: the rows sum to what was claimed.

import type { DeviceId } from '../../shared/identity.ts';
import { sumMicros } from '../ledger.ts';
import type { Store } from '../store.ts';
import type { Till } from '../till.ts';
import { QUARTERS_PER_DAY } from '../till.ts';
import type { Zone } from '../zone.ts';
import { dateOf, hourOf, WEEKDAYS, weekdayOf } from './calendar.ts';
import type { Scope } from './scope.ts';
import type { Grain, Moment } from './walk.ts';
import { sumsByTill, walk } from './walk.ts';

export const TILL_GROUPS = ['device', 'site', 'product', 'payee'] as const;
export const TIME_GROUPS = ['hour', 'weekday', 'day', 'month'] as const;
export type TillGroup = (typeof TILL_GROUPS)[number];
export type TimeGroup = (typeof TIME_GROUPS)[number];

export interface RevenueRow {
  /** `null`: nobody has said where, or what. */
  readonly key: string | null;
  /** A device's name among people. */
  readonly label?: string;
  readonly currency: string;
  readonly unit: string;
  readonly units: number;
  readonly amountMicros: number;
}

export interface Revenue {
  readonly rows: readonly RevenueRow[];
  readonly totals: ReadonlyArray<Omit<RevenueRow, 'key' | 'label'>>;
  readonly notes: readonly string[];
}

export function revenueBy(store: Store, scope: Scope, by: TillGroup | TimeGroup): Revenue {
  const isOfTills = (TILL_GROUPS as readonly string[]).includes(by);
  const { rows, notes } = isOfTills ? byTills(store, scope, by as TillGroup) : byTime(store, scope, by as TimeGroup);
  return { rows, totals: totalsOf(rows), notes: [...scope.notes, ...notes] };
}

type Answer = Pick<Revenue, 'rows' | 'notes'>;

/** Adds up under a key; sums leave the exact range with an exception. */
interface Heap {
  add(row: RevenueRow): void;
  rows(): RevenueRow[];
}

function heap(): Heap {
  const rows = new Map<string, RevenueRow>();
  return {
    add(row) {
      if (row.units === 0 && row.amountMicros === 0) return;
      const key = `${row.currency} ${row.unit}\n${row.key === null ? '' : `=${row.key}`}`;
      const known = rows.get(key);
      if (known === undefined) rows.set(key, row);
      else {
        const [units, amountMicros] = [known.units + row.units, sumMicros([known.amountMicros, row.amountMicros])];
        rows.set(key, { ...known, units, amountMicros });
      }
    },
    rows: () => [...rows.values()],
  };
}

function byTills(store: Store, scope: Scope, by: TillGroup): Answer {
  const sums = sumsByTill(store, scope);
  const labels = new Map<DeviceId, string>();
  const keyOf = (till: Till): string | null => {
    if (by === 'device') return till.device;
    return by === 'payee' ? scope.accountNameOf(till.payee) : till.place[by];
  };
  const grouped = heap();
  for (const till of scope.tills) {
    labels.set(till.device, till.label);
    const { currency, unit } = till;
    grouped.add({ key: keyOf(till), currency, unit, units: sums.unitsOf(till.till), amountMicros: sums.microsOf(till.till) });
  }
  const rows = grouped.rows().map((row) => (by === 'device' ? { ...row, label: labels.get(row.key as DeviceId) ?? '' } : row));
  return { rows: rows.sort(mostFirst), notes: [] };
}

function mostFirst(a: RevenueRow, b: RevenueRow): number {
  if (a.currency !== b.currency) return a.currency < b.currency ? -1 : 1;
  return b.amountMicros - a.amountMicros || b.units - a.units || ((a.key ?? '') < (b.key ?? '') ? -1 : 1);
}

/** What is added up together before its time is looked at. */
export interface Segment {
  readonly currency: string;
  readonly unit: string;
  readonly zone: Zone;
}

interface Segments {
  readonly list: readonly Segment[];
  /** By the number of a till, or of a clock; those that do not count are at the end. */
  readonly indexOf: Uint16Array;
}

function segmentsOf(scope: Scope, by: 'till' | 'clock'): Segments {
  const known = new Map<string, number>();
  const list: Segment[] = [];
  const highest = scope.tills.reduce((most, till) => Math.max(most, till[by]), scope.counts.length - 1);
  const indexOf = new Uint16Array(highest + 1);
  const counting = scope.tills.map((till) => {
    const { currency, unit } = till;
    const zone = scope.zoneOf(till);
    const name = `${currency} ${zone.name} ${unit}`;
    const index = known.get(name) ?? list.push({ currency, unit, zone }) - 1;
    known.set(name, index);
    return { number: till[by], index };
  });
  indexOf.fill(list.length);
  for (const { number, index } of counting) indexOf[number] = index;
  return { list, indexOf };
}

/** What each segment has sold, moment by moment: from the fleet's own sums where those will do. */
export function walkSegments(
  store: Store,
  scope: Scope,
  grain: Grain,
  onSold: (segment: Segment, moment: Moment, units: number, micros: number) => void,
): void {
  const { list, indexOf } = segmentsOf(scope, scope.isOfFleet ? 'clock' : 'till');
  const units = new Float64Array(list.length + 1);
  const micros = new Float64Array(list.length + 1);
  const onSale = (by: number, more: number, money: number): void => {
    const index = indexOf[by] ?? list.length;
    units[index] = (units[index] as number) + more;
    micros[index] = (micros[index] as number) + money;
  };
  const after = (moment: Moment): void => {
    list.forEach((segment, index) => {
      if (units[index] !== 0 || micros[index] !== 0) onSold(segment, moment, units[index] as number, micros[index] as number);
    });
    units.fill(0);
    micros.fill(0);
  };
  if (scope.isOfFleet) {
    store.sales.walkClocks(scope.fromQuarter, scope.untilQuarter, onSale, (quarter) => after({ kind: 'quarter', quarter }));
  } else walk(store, scope, grain, onSale, after);
}

function byTime(store: Store, scope: Scope, by: TimeGroup): Answer {
  const grouped = heap();
  const notes = new Set<string>();
  const isUtc = scope.tills.every((till) => scope.zoneOf(till).name === 'UTC');
  walkSegments(
    store,
    scope,
    by !== 'hour' && isUtc ? 'coarse' : 'fine',
    ({ currency, unit, zone }, moment, units, amountMicros) => {
      if (moment.kind === 'day' && by === 'hour') {
        notes.add('hours that are not kept any more are in the row "before"');
        return grouped.add({ key: 'before', currency, unit, units, amountMicros });
      }
      if (moment.kind === 'day' && zone.name !== 'UTC') notes.add('what is only kept by the day counts on the day of UTC');
      const local = moment.kind === 'day' ? moment.day * QUARTERS_PER_DAY : zone.localOf(moment.quarter);
      grouped.add({ key: timeKey(by, local), currency, unit, units, amountMicros });
    },
  );
  const order = (key: string | null): string => (by === 'weekday' ? String(WEEKDAYS.indexOf(key as never)) : (key ?? ''));
  const inTime = (a: RevenueRow, b: RevenueRow): number => {
    const [one, other] = [`${a.currency} ${a.unit}\n${order(a.key)}`, `${b.currency} ${b.unit}\n${order(b.key)}`];
    return one < other ? -1 : 1;
  };
  return { rows: grouped.rows().sort(inTime), notes: [...notes] };
}

function timeKey(by: TimeGroup, local: number): string {
  switch (by) {
    case 'hour':
      return String(hourOf(local)).padStart(2, '0');
    case 'weekday':
      return WEEKDAYS[weekdayOf(local)] as string;
    case 'day':
      return dateOf(local);
    case 'month':
      return dateOf(local).slice(0, 7);
  }
}

function totalsOf(rows: readonly RevenueRow[]): Revenue['totals'] {
  const grouped = heap();
  for (const { currency, unit, units, amountMicros } of rows) grouped.add({ key: null, currency, unit, units, amountMicros });
  return grouped.rows().map(({ currency, unit, units, amountMicros }) => ({ currency, unit, units, amountMicros }));
}
