// Time as people at a place read it: quarter hours in UTC to quarter hours of a time zone's wall clock, and back. In: an IANA zone. Out: integers that count quarter hours since 1970
// began on that clock. All zones of today keep to quarter hours, so nothing is cut in two: not in Kathmandu, and not when clocks are changed.

import { QUARTER_SECONDS, QUARTERS_PER_DAY } from './till.ts';

export interface Zone {
  readonly name: string;
  /** The quarter hour on the wall clock. */
  localOf(quarter: number): number;
  /** The first quarter hour of UTC at which the wall clock shows this one or a later one. */
  utcOf(local: number): number;
}

export function isZone(name: string): boolean {
  // Names only: `+02:00` is no place's time all year round.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const ZONES = new Map<string, Zone>();

/** The name was checked with `isZone`. */
export function zoneNamed(name: string): Zone {
  const known = ZONES.get(name) ?? zoneOf(name);
  ZONES.set(name, known);
  return known;
}

function zoneOf(name: string): Zone {
  const offsetAt = offsetsOf(name);
  // A day whose two ends have one offset has it throughout; else each quarter hour is looked up.
  const days = new Map<number, number | undefined>();
  const offsetWithin = (day: number): number | undefined => {
    if (days.has(day)) return days.get(day);
    const [first, last] = [offsetAt(day * QUARTERS_PER_DAY), offsetAt((day + 1) * QUARTERS_PER_DAY)];
    const offset = first === last ? first : undefined;
    days.set(day, offset);
    return offset;
  };
  const localOf = (quarter: number): number =>
    quarter + (offsetWithin(Math.floor(quarter / QUARTERS_PER_DAY)) ?? offsetAt(quarter));
  return {
    name,
    localOf,
    utcOf(local) {
      let quarter = local - QUARTERS_PER_DAY;
      while (localOf(quarter) < local) quarter++;
      return quarter;
    },
  };
}

/** How many quarter hours the wall clock is ahead of UTC. */
function offsetsOf(name: string): (quarter: number) => number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: name,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (quarter) => {
    const parts = new Map(format.formatToParts(quarter * QUARTER_SECONDS * 1000).map(({ type, value }) => [type, Number(value)]));
    const of = (type: 'year' | 'month' | 'day' | 'hour' | 'minute'): number => parts.get(type) as number;
    const shownMs = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'));
    return Math.floor(shownMs / 1000 / QUARTER_SECONDS) - quarter;
  };
}
