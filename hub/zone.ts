// Time as people at a place read it: how far a zone's wall clock is ahead of UTC, and quarter hours of the one as quarter hours of the other. In: an IANA zone. Out: seconds, and integers that
// count quarter hours since 1970 began on that clock. All zones of today keep to quarter hours, so nothing is cut in two: not in Kathmandu, and not when clocks are changed. The zones' rules
// are Node's own.

import { Temporal } from 'temporal-polyfill';
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

/** While time is in this stretch, the wall clock is so far ahead of UTC. */
export interface Offset {
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  readonly aheadSeconds: number;
}

/** Of each zone what was asked for, the last one first: the next question is mostly about the same half of the year. */
const known = new Map<string, Offset[]>();

/** The name was checked with `isZone`. */
export function offsetAt(name: string, seconds: number): Offset {
  const offsets = known.get(name) ?? [];
  const holds = ({ fromSeconds, untilSeconds }: Offset): boolean => seconds >= fromSeconds && seconds < untilSeconds;
  const [newest] = offsets;
  if (newest !== undefined && holds(newest)) return newest;
  const offset = offsets.find(holds) ?? lookUp(name, seconds);
  known.set(name, [offset, ...offsets.filter((other) => other !== offset)]);
  return offset;
}

function lookUp(name: string, seconds: number): Offset {
  const at = Temporal.Instant.fromEpochMilliseconds(seconds * 1000).toZonedDateTimeISO(name);
  const begin = at.add({ seconds: 1 }).getTimeZoneTransition('previous'); // of its first second, too
  const end = at.getTimeZoneTransition('next');
  return {
    fromSeconds: begin === null ? -Infinity : begin.epochMilliseconds / 1000,
    untilSeconds: end === null ? Infinity : end.epochMilliseconds / 1000,
    aheadSeconds: Math.trunc(at.offsetNanoseconds / 1e9),
  };
}

/** The name was checked with `isZone`. */
export function zoneNamed(name: string): Zone {
  const localOf = (quarter: number): number => {
    const seconds = quarter * QUARTER_SECONDS;
    return Math.floor((seconds + offsetAt(name, seconds).aheadSeconds) / QUARTER_SECONDS);
  };
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
