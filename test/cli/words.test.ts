// What people type: durations, amounts, channels. One row per case.

import { InvalidArgumentError } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDurationMs, wholeNumber } from '../../cli/duration.ts';
import { formatMicros, parseMicros } from '../../cli/money.ts';

describe('durations', () => {
  it.each([
    ['20s', 20_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1.5s', 1500],
    ['250ms', 250],
    ['1d', 86_400_000],
  ])('%s is %d ms', (text, ms) => expect(parseDurationMs(text)).toBe(ms));

  it.each(['', '20', 's', '-5s', '5 s', '5S', '1e3s', 'five'])('refuses "%s" and says what it expected', (text) => {
    expect(() => parseDurationMs(text)).toThrow(InvalidArgumentError);
    expect(() => parseDurationMs(text)).toThrow(/20s, 5m or 2h/);
  });
});

describe('whole numbers', () => {
  it.each(['1.5', 'x', '0', '11', '1e9', ''])('refuses "%s" outside 1..10', (text) => {
    expect(() => wholeNumber(1, 10)(text)).toThrow(/1\.\.10/);
  });

  it('takes the bounds', () => {
    expect([wholeNumber(1, 10)('1'), wholeNumber(1, 10)('10')]).toEqual([1, 10]);
  });
});

describe('money', () => {
  it.each([
    [0, '0.00'],
    [1, '0.000001'],
    [1_234_500, '1.2345'],
    [2_500_000, '2.50'],
    [-2_500_000, '-2.50'],
    [8_999_999_999_999_999, '8999999999.999999'],
  ])('%d micros read %s', (micros, text) => expect(formatMicros(micros)).toBe(text));

  it.each(['1.1234567', '1,50', '-1', '1e3', '', '.5', '12345678901'])('refuses "%s"', (text) => {
    expect(() => parseMicros(text)).toThrow(InvalidArgumentError);
  });

  it('reads back what it writes, exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (micros) => parseMicros(formatMicros(micros)) === micros),
    );
  });
});
