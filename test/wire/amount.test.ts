// Amounts [W-21]: exact against BigInt, never falling, and the same whether a count is charged at once or in steps.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FlatTariff } from '../../shared/tariff.ts';
import { amountOf } from '../../shared/tariff.ts';
import type { Micros, Units } from '../../shared/units.ts';
import { integerWithin } from './arbitrary.ts';
import { exampleTariff } from './parties.ts';
import { exactAmount } from './vectors-tariff.ts';

const MAX32 = 4294967295;

function tariffAt(priceMicros: number, perUnits: number): FlatTariff {
  return { ...exampleTariff, priceMicros: priceMicros as Micros, perUnits };
}

const prices = integerWithin(0, 1_000_000_000);
const divisors = integerWithin(1, 1_000_000);
const counts = integerWithin(0, MAX32);

describe('the amount of cumulative units', () => {
  it('agrees with BigInt on 100,000 random cases, the bound included', () => {
    let above = 0;
    fc.assert(
      fc.property(prices, divisors, counts, (priceMicros, perUnits, units) => {
        const expected = exactAmount(priceMicros, perUnits, units);
        const got = amountOf(tariffAt(priceMicros, perUnits), units as Units);
        if (expected === undefined) above++;
        // Compared by hand: an assertion per case would take longer than the cases.
        if (got !== expected)
          expect({ priceMicros, perUnits, units, got }).toEqual({ priceMicros, perUnits, units, got: expected });
      }),
      { numRuns: 100_000 },
    );
    expect(above).toBeGreaterThan(0);
  });

  it('agrees with BigInt next to the bound, where products come near 2^53', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2_096_000, max: 1_000_000_000 }), fc.integer({ min: -2, max: 2 }), (priceMicros, off) => {
        const units = Math.floor(9_000_000_000_000_000 / priceMicros) + off;
        expect(amountOf(tariffAt(priceMicros, 1), units as Units)).toBe(exactAmount(priceMicros, 1, units));
      }),
      { numRuns: 5000 },
    );
  });

  it('agrees with BigInt where the quotient is just below an integer', () => {
    fc.assert(
      fc.property(prices, divisors, counts, (priceMicros, perUnits, step) => {
        // The largest rest below a step: its share of the price is as near to the next integer as it can be.
        const units = Math.min(MAX32, Math.max(0, (step % 4000) * perUnits + perUnits - 1));
        expect(amountOf(tariffAt(priceMicros, perUnits), units as Units)).toBe(exactAmount(priceMicros, perUnits, units));
      }),
      { numRuns: 5000 },
    );
  });

  it('never falls as units grow', () => {
    fc.assert(
      fc.property(prices, divisors, counts, counts, (priceMicros, perUnits, a, b) => {
        const lower = amountOf(tariffAt(priceMicros, perUnits), Math.min(a, b) as Units);
        const upper = amountOf(tariffAt(priceMicros, perUnits), Math.max(a, b) as Units);
        if (upper !== undefined) expect(lower ?? Infinity).toBeLessThanOrEqual(upper);
      }),
    );
  });

  it('is the sum of what any steps add', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 30 });
    fc.assert(
      fc.property(prices, divisors, steps, (priceMicros, perUnits, increments) => {
        const tariff = tariffAt(priceMicros, perUnits);
        let units = 0;
        let charged = 0;
        for (const increment of increments) {
          const before = amountOf(tariff, units as Units) ?? 0;
          units += increment;
          charged += (amountOf(tariff, units as Units) ?? 0) - before;
        }
        expect(charged).toBe(amountOf(tariff, units as Units));
      }),
    );
  });
});
