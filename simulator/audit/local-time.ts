// Which elements of a tariff were in force when, by the auditor's own reckoning: from the text of [W-37] and the zones that `Intl` knows. In: a tariff, and moments in seconds since 1970.
// Out: its elements. It must share no code with the hub, which asks another library.

import type { Element, RichTariff } from '../../shared/rich-tariff.ts';

const QUARTER_SECONDS = 900;
const DAY_SECONDS = 86_400;
const DAY_MINUTES = 1440;
/** So long every minute is looked at; of longer spans the days between. */
const WALKED_SECONDS = 2 * DAY_SECONDS;
/** 1970-01-01 was a Thursday; bit 0 is Monday. */
const FIRST_WEEKDAY = 3;

interface LocalTime {
  readonly day: number;
  readonly minute: number;
}

/** The elements in force at some moment from the first second to the last, in their order. */
export function elementsWithin(tariff: RichTariff, fromSeconds: number, untilSeconds: number): number[] {
  const found = new Set<number>();
  const walk = (from: number, until: number): void => {
    const firstMinute = from - (from % 60);
    for (let at = firstMinute; at <= until && found.size < tariff.elements.length; at += 60) found.add(elementAt(tariff, at));
  };
  if (untilSeconds - fromSeconds <= 2 * WALKED_SECONDS) walk(fromSeconds, untilSeconds);
  else {
    walk(fromSeconds, fromSeconds + WALKED_SECONDS);
    walk(untilSeconds - WALKED_SECONDS, untilSeconds);
    for (const element of ofWholeDays(tariff, fromSeconds, untilSeconds)) found.add(element);
  }
  return [...found].sort((a, b) => a - b);
}

export function elementAt(tariff: RichTariff, seconds: number): number {
  return tariff.elements.length === 1 ? 0 : elementHolding(tariff, localTime(tariff.zone, seconds));
}

function elementHolding({ elements }: RichTariff, time: LocalTime): number {
  const found = elements.findIndex((element) => holds(element, time));
  return found < 0 ? elements.length - 1 : found;
}

function holds({ weekdays, fromMinute, untilMinute, fromDay, untilDay }: Element, { day, minute }: LocalTime): boolean {
  const weekday = (((day + FIRST_WEEKDAY) % 7) + 7) % 7;
  if (Math.floor(weekdays / 2 ** weekday) % 2 === 0) return false;
  if (day < fromDay || (untilDay > 0 && day >= untilDay)) return false;
  return untilMinute < fromMinute ? minute >= fromMinute || minute < untilMinute : minute >= fromMinute && minute < untilMinute;
}

/** Within a whole day an element begins to hold, or to hold no more, only at a minute that some element names. */
function ofWholeDays(tariff: RichTariff, fromSeconds: number, untilSeconds: number): Set<number> {
  const minutes = new Set([0, ...tariff.elements.flatMap(({ fromMinute, untilMinute }) => [fromMinute, untilMinute])]);
  minutes.delete(DAY_MINUTES);
  const found = new Set<number>();
  const last = localTime(tariff.zone, untilSeconds).day;
  for (let day = localTime(tariff.zone, fromSeconds).day + 1; day < last && found.size < tariff.elements.length; day++)
    for (const minute of minutes) found.add(elementHolding(tariff, { day, minute }));
  return found;
}

/** Of a moment, the day and minute that a clock in the zone shows. */
export function localTime(zone: string, seconds: number): LocalTime {
  const shown = seconds + aheadSeconds(zone, Math.floor(seconds / QUARTER_SECONDS));
  const day = Math.floor(shown / DAY_SECONDS);
  return { day, minute: Math.floor((shown - day * DAY_SECONDS) / 60) };
}

const known = new Map<string, { readonly format: Intl.DateTimeFormat; readonly ahead: Map<number, number> }>();

/** Clocks are changed at quarter hours, everywhere and always so far. */
function aheadSeconds(zone: string, quarter: number): number {
  const { format, ahead } = known.get(zone) ?? learned(zone);
  const before = ahead.get(quarter);
  if (before !== undefined) return before;
  const seconds = quarter * QUARTER_SECONDS;
  const shown = Object.fromEntries(format.formatToParts(seconds * 1000).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = shown;
  const found = Date.UTC(year, month - 1, day, hour, minute) / 1000 - seconds;
  ahead.set(quarter, found);
  return found;
}

function learned(zone: string): { readonly format: Intl.DateTimeFormat; readonly ahead: Map<number, number> } {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const fresh = { format, ahead: new Map<number, number>() };
  known.set(zone, fresh);
  return fresh;
}
