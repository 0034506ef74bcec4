// Moments as people write them. In: a date or a moment, and a zone for dates. Out: seconds since 1970. A date is its first moment at the place, which is not midnight everywhere and every day.

import { Temporal } from 'temporal-polyfill';

export function momentOf(text: string, zone: string): number | undefined {
  try {
    if (/^\d{4}-\d{2}-\d{2}$/.test(text))
      return secondsOf(Temporal.PlainDate.from(text, { overflow: 'reject' }).toZonedDateTime(zone).epochMilliseconds);
    return secondsOf(Temporal.Instant.from(text).epochMilliseconds);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function secondsOf(milliseconds: number): number | undefined {
  return milliseconds >= 0 && milliseconds % 1000 === 0 ? milliseconds / 1000 : undefined;
}

/** The last moment that has a date. */
const MAX_DATED_SECONDS = 8_640_000_000_000;

/** `2026-12-24T18:00:00Z`. */
export function momentText(seconds: number): string {
  if (seconds > MAX_DATED_SECONDS) return 'for ever';
  return Temporal.Instant.fromEpochMilliseconds(seconds * 1000).toString();
}
