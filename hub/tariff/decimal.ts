// Decimal numbers as people write them in files. In: a number or a text. Out: an exact integer of millionths, or nothing. It goes digit by digit, because 1.1 * 1e6 is no integer.

import { z } from 'zod';

const DECIMAL = /^(\d{1,10})(?:\.(\d{1,6}))?$/;
const DIGITS = 6;

/** `undefined` for what is negative, no plain decimal number, or finer than a millionth. */
export function millionthsOf(value: string | number): number | undefined {
  const match = DECIMAL.exec(String(value));
  return match === null ? undefined : Number(match[1]) * 10 ** DIGITS + Number((match[2] ?? '').padEnd(DIGITS, '0'));
}

/** `2500000` as `2.50`: at least two decimals, and no digit dropped. */
export function decimalText(millionths: number): string {
  const size = Math.abs(millionths);
  const fraction = String(size % 10 ** DIGITS).padStart(DIGITS, '0');
  return `${millionths < 0 ? '-' : ''}${Math.floor(size / 10 ** DIGITS)}.${fraction.replace(/0{1,4}$/, '')}`;
}

/** The door for such a number, of at most `max` millionths. */
export function decimal(max: number): z.ZodType<number, string | number> {
  return z.union([z.string(), z.number()], 'expected a number').transform((value, context) => {
    const millionths = millionthsOf(value);
    if (millionths !== undefined && millionths <= max) return millionths;
    const bound = `expected a number from 0 to ${decimalText(max)} with at most six decimals`;
    context.addIssue({ code: 'custom', message: `${bound}, got ${JSON.stringify(value)}` });
    return z.NEVER;
  });
}
