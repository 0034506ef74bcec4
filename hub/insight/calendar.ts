// A wall clock's quarter hours as hours, weekdays and dates. In: quarter hours since 1970 began on that clock. Out: small integers and ISO text.

import { QUARTERS_PER_DAY, QUARTERS_PER_HOUR } from '../till.ts';

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
export const HOURS_PER_DAY = 24;
const DAY_MS = 86_400_000;
/** 1970 began on a Thursday. */
const FIRST_WEEKDAY = 3;

function remainder(n: number, of: number): number {
  return ((n % of) + of) % of;
}

/** 0 is Monday. */
export function weekdayOf(local: number): number {
  return remainder(Math.floor(local / QUARTERS_PER_DAY) + FIRST_WEEKDAY, WEEKDAYS.length);
}

/** 0 to 23. */
export function hourOf(local: number): number {
  return Math.floor(remainder(local, QUARTERS_PER_DAY) / QUARTERS_PER_HOUR);
}

/** `2026-11-21` */
export function dateOf(local: number): string {
  return dayText(Math.floor(local / QUARTERS_PER_DAY));
}

export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
