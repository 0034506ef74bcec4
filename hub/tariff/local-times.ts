// Local times in files: weekdays, times of day, dates. In: texts. Out: the numbers of a tariff's element and back, and whether two elements hold at the same moment. No zone is needed for that.

import { Temporal } from 'temporal-polyfill';
import type { Times } from '../../shared/times.ts';
import { DAY_MINUTES, EVERY_WEEKDAY } from '../../shared/times.ts';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export const ALWAYS: Times = { weekdays: EVERY_WEEKDAY, fromMinute: 0, untilMinute: DAY_MINUTES, fromDay: 0, untilDay: 0 };

export function weekdaysOf(names: readonly Weekday[]): number {
  return names.reduce((bits, name) => bits | (1 << WEEKDAYS.indexOf(name)), 0);
}

/** `07:30` as 450; 24:00 is the end of a day. */
export function minuteOf(text: string): number | undefined {
  const match = /^(\d{2}):(\d{2})$/.exec(text);
  const minute = match === null ? -1 : Number(match[1]) * 60 + Number(match[2]);
  return match === null || Number(match[2]) > 59 || minute > DAY_MINUTES ? undefined : minute;
}

const FIRST_DAY = Temporal.PlainDate.from('1970-01-01');

/** `2026-12-24` as days since 1970-01-01. */
export function dayOf(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  try {
    const { days } = FIRST_DAY.until(Temporal.PlainDate.from(text, { overflow: 'reject' }), { largestUnit: 'day' });
    return days > 0 ? days : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function clockText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

function dateText(day: number): string {
  return FIRST_DAY.add({ days: day }).toString();
}

/** For people: `mon, tue 07:00-20:00, from 2026-12-24`. */
export function timesText(times: Times): string {
  const { weekdays, fromMinute, untilMinute, fromDay, untilDay } = times;
  const days = WEEKDAYS.filter((_, bit) => (weekdays >> bit) & 1).join(', ');
  const parts = [
    ...(weekdays === EVERY_WEEKDAY ? [] : [days]),
    ...(fromMinute === 0 && untilMinute === DAY_MINUTES ? [] : [`${clockText(fromMinute)}-${clockText(untilMinute)}`]),
    ...(fromDay === 0 ? [] : [`from ${dateText(fromDay)}`]),
    ...(untilDay === 0 ? [] : [`until before ${dateText(untilDay)}`]),
  ];
  return parts.length === 0 ? 'at all other times' : parts.join(' ');
}

type Range = readonly [from: number, until: number];

function minutesOf({ fromMinute, untilMinute }: Times): Range[] {
  if (fromMinute < untilMinute) return [[fromMinute, untilMinute]];
  return [
    [fromMinute, DAY_MINUTES],
    [0, untilMinute],
  ];
}

/** True if there is a local moment at which both hold. */
export function overlap(a: Times, b: Times): boolean {
  const isShared = minutesOf(a).some(([from, until]) => minutesOf(b).some(([begin, end]) => from < end && begin < until));
  const weekdays = a.weekdays & b.weekdays;
  const fromDay = Math.max(a.fromDay, b.fromDay);
  const untilDay = Math.min(a.untilDay === 0 ? Infinity : a.untilDay, b.untilDay === 0 ? Infinity : b.untilDay);
  if (!isShared || weekdays === 0) return false;
  for (let day = fromDay; day < Math.min(untilDay, fromDay + 7); day++) if ((weekdays >> ((day + 3) % 7)) & 1) return true;
  return false;
}
