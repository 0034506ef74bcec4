// Money as people read and type it. In: integer micro-units. Out: text with the currency; and back. It must never calculate in floats.

import { InvalidArgumentError } from 'commander';

const MICROS_PER_WHOLE = 1_000_000;

/** `1234500` micros as `1.2345`; at least two decimals, and no digit dropped. */
export function formatMicros(micros: number): string {
  const sign = micros < 0 ? '-' : '';
  const size = Math.abs(micros);
  const fraction = String(size % MICROS_PER_WHOLE).padStart(6, '0');
  const kept = fraction.replace(/0{1,4}$/, '');
  return `${sign}${Math.floor(size / MICROS_PER_WHOLE)}.${kept}`;
}

/** `2.50` as 2500000 micros: digit by digit, because 1.1 * 1e6 is not an integer. */
export function parseMicros(text: string): number {
  const match = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text);
  if (match === null) throw new InvalidArgumentError(`expected an amount such as 2.50 with at most six decimals, got "${text}"`);
  return Number(match[1]) * MICROS_PER_WHOLE + Number((match[2] ?? '').padEnd(6, '0'));
}
