// Days on which euros move: the calendar of TARGET, by the rule of the European Central Bank since 2002. In: a moment, or a day. Out: a day as ISO 8601 has
// it. Closed: Saturdays, Sundays, New Year's Day, Good Friday, Easter Monday, 1 May, 25 and 26 December. Local holidays of a bank are not known here.

import { Temporal } from 'temporal-polyfill';

/** A day begins and ends where the system's clock stands. */
const ZONE = 'Europe/Berlin';
const CLOSED = new Set(['01-01', '05-01', '12-25', '12-26']);
const SATURDAY = 6;

export function dayOf(atSeconds: number): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(atSeconds * 1000)
    .toZonedDateTimeISO(ZONE)
    .toPlainDate();
}

/** The day that is so many business days after `from`; with 0, `from` itself or the next business day. */
export function businessDayAfter(from: Temporal.PlainDate, days: number): Temporal.PlainDate {
  let day = from;
  for (let left = days; left > 0 || !isBusinessDay(day); day = day.add({ days: 1 })) {
    if (left > 0 && isBusinessDay(day.add({ days: 1 }))) left--;
  }
  return day;
}

export function isBusinessDay(day: Temporal.PlainDate): boolean {
  if (day.dayOfWeek >= SATURDAY || CLOSED.has(day.toString().slice(5))) return false;
  const fromEaster = easterOf(day.year).until(day).days;
  return fromEaster !== -2 && fromEaster !== 1;
}

/** Easter Sunday of the Gregorian calendar, by the rule of Meeus, Jones and Butcher. */
export function easterOf(year: number): Temporal.PlainDate {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const inMarch = h + l - 7 * m + 114;
  return Temporal.PlainDate.from({ year, month: Math.floor(inMarch / 31), day: (inMarch % 31) + 1 });
}
