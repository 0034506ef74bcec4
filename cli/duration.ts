// Durations as people type them: `20s`, `5m`, `2h`, `500ms`. In: text. Out: milliseconds, or a clear refusal.

import { InvalidArgumentError } from 'commander';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export function parseDurationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (match === null) throw new InvalidArgumentError(`expected a duration such as 20s, 5m or 2h, got "${text}"`);
  return Math.round(Number(match[1]) * (UNIT_MS[match[2] as string] as number));
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
