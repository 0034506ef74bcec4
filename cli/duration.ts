// Durations, times and numbers as people type them: `20s`, `5m`, `2h`, `500ms`, `2027-01-31`. In: text. Out: milliseconds, seconds since 1970, or a clear refusal.

import { InvalidArgumentError, Option } from 'commander';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export function parseDurationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (match === null) throw new InvalidArgumentError(`expected a duration such as 20s, 5m or 2h, got "${text}"`);
  return Math.round(Number(match[1]) * (UNIT_MS[match[2] as string] as number));
}

/** With a default, which the help then shows as people type it. */
export function durationOption(flags: string, description: string, text: string): Option {
  return new Option(flags, description).argParser(parseDurationMs).default(parseDurationMs(text), text);
}

/** A date (its beginning, UTC) or a time with its zone, as seconds since 1970. */
export function parseTime(text: string): number {
  const isTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const atMs = isTime ? Date.parse(text) : NaN;
  if (Number.isNaN(atMs))
    throw new InvalidArgumentError(`expected a date such as 2027-01-31 or a time such as 2027-01-31T12:00Z, got "${text}"`);
  return Math.floor(atMs / 1000);
}

/** A whole number in `min..max`, for an option's value. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`expected a whole number in ${min}..${max}, got "${text}"`);
    }
    return value;
  };
}
