// Money as people type and read it. In: text, or integer micro-units. Out: the other. It must never calculate in floats.

import { InvalidArgumentError } from 'commander';
import { decimalText, millionthsOf } from '../hub/tariff/decimal.ts';

/** The most that a command takes; the rooms behind have bounds of their own below it. */
const MAX_MICROS = 999_999_999_999_999;

/** `1234500` micros as `1.2345`. */
export { decimalText as formatMicros } from '../hub/tariff/decimal.ts';

/** `2.50` as 2500000 micros. */
export function parseMicros(text: string): number {
  const micros = millionthsOf(text);
  if (micros !== undefined && micros <= MAX_MICROS) return micros;
  const bounds = `from 0 to ${decimalText(MAX_MICROS)} with at most six decimals`;
  throw new InvalidArgumentError(`expected an amount such as 2.50, ${bounds}, got "${text}"`);
}
