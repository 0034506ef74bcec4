// Times at a site: when an element of a tariff holds. In: a local day and minute. Out: which element is in force. It knows no zone: who asks has turned the moment into
// local time, and of the local minute that comes twice or never when the clocks change it need not know.

export interface Times {
  /** Bit 0 is Monday; 127 for all. */
  readonly weekdays: number;
  /** Of the day; an end before the beginning means past midnight. 0 and 1440: the whole day. */
  readonly fromMinute: number;
  readonly untilMinute: number;
  /** Days since 1970-01-01, the second one out; 0 for no bound. */
  readonly fromDay: number;
  readonly untilDay: number;
}

export const EVERY_WEEKDAY = 127;
export const DAY_MINUTES = 1440;
/** 9999-12-31. */
export const MAX_DAY = 2932896;
/** 1970-01-01 was a Thursday. */
const FIRST_WEEKDAY = 3;

export function isAlways(times: Times): boolean {
  const wholeDay = times.fromMinute === 0 && times.untilMinute === DAY_MINUTES;
  return wholeDay && times.weekdays === EVERY_WEEKDAY && times.fromDay === 0 && times.untilDay === 0;
}

/** All of the parts must match; past midnight it is the next day and its weekday that do. [W-37] */
export function holdsAt(times: Times, day: number, minute: number): boolean {
  if (((times.weekdays >> ((day + FIRST_WEEKDAY) % 7)) & 1) === 0) return false;
  if (day < times.fromDay || (times.untilDay !== 0 && day >= times.untilDay)) return false;
  const isAfter = minute >= times.fromMinute;
  const isBefore = minute < times.untilMinute;
  return times.fromMinute < times.untilMinute ? isAfter && isBefore : isAfter || isBefore;
}

/** The first one that holds; the last one always does. */
export function elementAt(elements: readonly Times[], day: number, minute: number): number {
  let i = 0;
  while (i < elements.length - 1 && !holdsAt(elements[i] as Times, day, minute)) i++;
  return i;
}
