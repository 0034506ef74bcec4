// Sales against the books: what tills have sold is what their channels have claimed, in units and in money, days are the sum of their quarter hours, and the fleet's quarter hours that of its tills'. In: the store, at one
// moment. Out: one sentence for each that is not so. It reads every row of sales; it must never mend one.

import { toHex } from '../shared/bytes.ts';
import type { Store } from './store.ts';
import type { Sold } from './store-sales.ts';
import type { Till } from './till.ts';
import { dayOf, QUARTER_SECONDS, QUARTERS_PER_DAY } from './till.ts';

export function saleFaults(store: Store): string[] {
  return store.atOneMoment(() => {
    const tills = store.sales.tills();
    return [...faultsOfTills(store, tills), ...faultsOfDays(store, tills), ...faultsOfClocks(store, tills)];
  });
}

/** Sums of sales by till: units at the even, micros at the odd places. */
type Sums = Float64Array;

function sumsFor(highest = 0): Sums {
  return new Float64Array(2 * (highest + 1));
}

function addTo(sums: Sums, sign: 1 | -1): (till: number, units: number, micros: number) => void {
  return (till, units, micros) => {
    sums[2 * till] = (sums[2 * till] as number) + sign * units;
    sums[2 * till + 1] = (sums[2 * till + 1] as number) + sign * micros;
  };
}

function faultsOfTills(store: Store, tills: readonly Till[]): string[] {
  const sums = sumsFor(tills.at(-1)?.till);
  store.sales.walkDays(0, Infinity, addTo(sums, 1));
  const sold = new Map<string, Sold>();
  for (const { till, device, tariff } of tills) {
    const key = `device ${device} under tariff ${toHex(tariff)}`;
    const known = sold.get(key) ?? { units: 0, micros: 0 };
    const [units, micros] = [sums[2 * till] as number, sums[2 * till + 1] as number];
    sold.set(key, { units: known.units + units, micros: known.micros + micros });
  }
  const claimed = new Map(
    store.sales.claimedTotals().map((total) => [`device ${total.device} under tariff ${toHex(total.tariff)}`, total]),
  );
  return [...new Set([...claimed.keys(), ...sold.keys()])].flatMap((key) => {
    const due = claimed.get(key) ?? { units: 0, micros: 0 };
    const said = sold.get(key) ?? { units: 0, micros: 0 };
    if (due.units === said.units && due.micros === said.micros) return [];
    return [
      `${key}: its channels have claimed ${due.units} units and ${due.micros} micros, its sales say ${said.units} and ${said.micros}`,
    ];
  });
}

/** As far back as quarter hours are kept. */
function faultsOfDays(store: Store, tills: readonly Till[]): string[] {
  const floor = store.sales.floorQuarter();
  const within = store.sales.soldWithin();
  if (within === undefined) return [];
  const faults: string[] = [];
  const days = (within.untilQuarter - Math.max(floor, within.fromQuarter)) / QUARTERS_PER_DAY;
  const first = dayOf(Math.max(floor, within.fromQuarter));
  for (let day = first; day < first + days; day++) {
    const sums = sumsFor(tills.at(-1)?.till);
    const [from, until] = [day * QUARTERS_PER_DAY, (day + 1) * QUARTERS_PER_DAY];
    store.sales.walkDays(day, day + 1, addTo(sums, 1));
    store.sales.walkQuarters(from, until, addTo(sums, -1));
    for (const { till, device } of tills) {
      const [units, micros] = [sums[2 * till] as number, sums[2 * till + 1] as number];
      if (units === 0 && micros === 0) continue;
      const date = new Date(day * 86_400_000).toISOString().slice(0, 10);
      faults.push(
        `till ${till} of device ${device}, ${date}: the day and its quarter hours differ by ${units} units and ${micros} micros`,
      );
    }
  }
  return faults;
}

/** Day by day as far back as tills have their quarter hours; before that, in all. */
function faultsOfClocks(store: Store, tills: readonly Till[]): string[] {
  const floor = store.sales.floorQuarter();
  const clockOf = new Map(tills.map(({ till, clock }) => [till, clock]));
  const highest = Math.max(0, ...clockOf.values());
  const sums = sumsFor(highest);
  const byTill = (sign: 1 | -1) => {
    const add = addTo(sums, sign);
    return (till: number, units: number, micros: number): void => add(clockOf.get(till) as number, units, micros);
  };
  const faultsIn = (when: string): string[] => {
    const faults: string[] = [];
    for (let clock = 1; clock <= highest; clock++) {
      const [units, micros] = [sums[2 * clock] as number, sums[2 * clock + 1] as number];
      if (units !== 0 || micros !== 0)
        faults.push(`clock ${clock}, ${when}: the fleet and its tills differ by ${units} units and ${micros} micros`);
    }
    sums.fill(0);
    return faults;
  };
  store.sales.walkClocks(0, floor, addTo(sums, 1));
  store.sales.walkDays(0, dayOf(floor), byTill(-1));
  const faults = faultsIn(`before ${quarterText(floor)}`);
  const within = store.sales.soldWithin();
  if (within === undefined) return faults;
  for (let from = Math.max(floor, within.fromQuarter); from < within.untilQuarter; from += QUARTERS_PER_DAY) {
    store.sales.walkClocks(from, from + QUARTERS_PER_DAY, addTo(sums, 1));
    store.sales.walkDays(dayOf(from), dayOf(from) + 1, byTill(-1));
    faults.push(...faultsIn(`on the day of ${quarterText(from)}`));
  }
  return faults;
}

function quarterText(quarter: number): string {
  return new Date(quarter * QUARTER_SECONDS * 1000).toISOString().slice(0, 16);
}
