// Which elements of a tariff are in force when, at its site. In: moments in seconds since 1970, and the tariff's zone. Out: its elements. Moments are turned into local times and never
// back: so an hour that comes twice when the clocks change is priced twice alike, and one that never comes never.

import type { RichTariff } from '../shared/rich-tariff.ts';
import { DAY_MINUTES, elementAt } from '../shared/times.ts';
import { offsetAt } from './zone.ts';

const DAY_SECONDS = 86_400;

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
