// Which elements of a tariff are in force when, at its site. In: moments in seconds since 1970, and the tariff's zone. Out: its elements. Moments are turned into local times and never
// back: so an hour that comes twice when the clocks change is priced twice alike, and one that never comes never. The zones' rules are Node's own.

import { Temporal } from 'temporal-polyfill';
import type { RichTariff } from '../shared/rich-tariff.ts';
import { DAY_MINUTES, elementAt } from '../shared/times.ts';

const DAY_SECONDS = 86_400;

/** While `untilSeconds` has not come, local time is so far ahead of UTC. */
interface Offset {
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  readonly aheadSeconds: number;
}

/** The last one asked for of each zone: the next question is mostly about the same half of the year. */
const offsets = new Map<string, Offset>();

function offsetAt(zone: string, seconds: number): Offset {
  const known = offsets.get(zone);
  if (known !== undefined && seconds >= known.fromSeconds && seconds < known.untilSeconds) return known;
  const local = Temporal.Instant.fromEpochMilliseconds(seconds * 1000).toZonedDateTimeISO(zone);
  const next = local.getTimeZoneTransition('next');
  const untilSeconds = next === null ? Infinity : next.epochMilliseconds / 1000;
  const offset = { fromSeconds: seconds, untilSeconds, aheadSeconds: Math.trunc(local.offsetNanoseconds / 1e9) };
  offsets.set(zone, offset);
  return offset;
}

export function elementInForceAt(tariff: RichTariff, seconds: number): number {
  if (tariff.elements.length === 1) return 0;
  const local = seconds + offsetAt(tariff.zone, seconds).aheadSeconds;
  const day = Math.floor(local / DAY_SECONDS);
  return elementAt(tariff.elements, day, Math.floor((local - day * DAY_SECONDS) / 60));
}

/** The elements that are in force at some moment from the first second to the last, in their order. */
export function elementsInForce(tariff: RichTariff, fromSeconds: number, untilSeconds: number): number[] {
  const found = new Set<number>();
  for (let at = fromSeconds; at <= untilSeconds && found.size < tariff.elements.length; at = nextChange(tariff, at)) {
    found.add(elementInForceAt(tariff, at));
  }
  return [...found].sort((a, b) => a - b);
}

/** The next moment at which another element may be in force: a minute that some element names, midnight, or a change of the clocks. */
function nextChange(tariff: RichTariff, seconds: number): number {
  if (tariff.elements.length === 1) return Infinity;
  const { aheadSeconds, untilSeconds } = offsetAt(tariff.zone, seconds);
  const intoDay = (((seconds + aheadSeconds) % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS;
  let nextMinute = DAY_MINUTES;
  for (const { fromMinute, untilMinute } of tariff.elements)
    for (const minute of [fromMinute, untilMinute]) if (minute * 60 > intoDay && minute < nextMinute) nextMinute = minute;
  return Math.min(seconds + nextMinute * 60 - intoDay, untilSeconds);
}
