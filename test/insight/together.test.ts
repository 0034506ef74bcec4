// Baskets, changes of price and idle devices: each against a case that can be counted by hand, and baskets against a slow count of every sale.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differenceOf, tOf } from '../../hub/insight/estimate.ts';
import { idleDevices } from '../../hub/insight/idle.ts';
import { priceChanges } from '../../hub/insight/prices.ts';
import { scopeOf } from '../../hub/insight/scope.ts';
import type { Together } from '../../hub/insight/together.ts';
import { boughtTogether, measuresOf } from '../../hub/insight/together.ts';
import { revoke } from '../../hub/enrol.ts';
import type { Business } from './business.ts';
import { businessArbitrary, businessOf } from './business.ts';
import { openShop } from './shop.ts';

const QUARTER = 900;
const DAY = 86_400;

describe('bought together', () => {
  /** `a b baskets of-baskets`, sorted. */
  function naive({ told }: Business, per: 'payer' | 'site', windowSeconds: number): { pairs: string[]; baskets: number } {
    const baskets = new Map<string, Set<string>>();
    for (const one of told) {
      const key = `${per === 'payer' ? one.payer : (one.stay.site ?? '')} ${Math.floor(one.atSeconds / windowSeconds)}`;
      baskets.set(key, (baskets.get(key) ?? new Set()).add(one.stay.product ?? ''));
    }
    const pairs = new Map<string, number>();
    for (const basket of baskets.values())
      for (const a of basket) for (const b of basket) if (a < b) pairs.set(`${a} ${b}`, (pairs.get(`${a} ${b}`) ?? 0) + 1);
    return { pairs: [...pairs].map(([pair, n]) => `${pair} ${n}`).sort(), baskets: baskets.size };
  }

  test.each(['payer', 'site'] as const)(
    'agrees with a count of every sale, per %s',
    (per) => {
      fc.assert(
        fc.property(businessArbitrary(['UTC', 'Asia/Kolkata']), fc.constantFrom(1, 4, 7, 96), (plan, windowQuarters) => {
          const business = businessOf(plan);
          try {
            const { store } = business;
            const answer = boughtTogether(store, scopeOf(store, {}), { per, windowQuarters, leastBaskets: 1 }) as Together;
            const counted = naive(business, per, windowQuarters * QUARTER);
            expect(answer.baskets).toBe(counted.baskets);
            expect(answer.pairs.map(({ a, b, baskets }) => `${a} ${b} ${baskets}`).sort()).toEqual(counted.pairs);
          } finally {
            business.store.close();
          }
        }),
        { numRuns: 10 },
      );
    },
    60_000,
  );

  test('measures are those of the textbook', () => {
    // 100 baskets: 20 with a, 40 with b, 16 with both.
    expect(measuresOf(16, 20, 40, 100)).toMatchObject({ baskets: 16, support: 0.16, confidenceAToB: 0.8, confidenceBToA: 0.4 });
    expect(measuresOf(16, 20, 40, 100).lift).toBeCloseTo(2, 12);
    const free = measuresOf(8, 20, 40, 100); // exactly what independence gives
    expect(free.lift).toBeCloseTo(1, 12);
    expect(free.liftLow).toBeLessThan(1);
    expect(free.liftHigh).toBeGreaterThan(1);
    const always = measuresOf(30, 30, 30, 30); // nothing else was ever bought: nothing is known
    expect([always.lift, always.liftLow, always.liftHigh]).toEqual([1, 1, 1]);
  });

  test('the interval holds the true lift about 95 times of 100', () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    let held = 0;
    for (let trial = 0; trial < 400; trial++) {
      let [both, withA, withB] = [0, 0, 0];
      for (let i = 0; i < 500; i++) {
        const a = random() < 0.3;
        const b = random() < (a ? 0.6 : 0.2);
        withA += a ? 1 : 0;
        withB += b ? 1 : 0;
        both += a && b ? 1 : 0;
      }
      const { liftLow, liftHigh } = measuresOf(both, withA, withB, 500);
      const truth = 0.6 / (0.3 * 0.6 + 0.7 * 0.2);
      held += liftLow <= truth && truth <= liftHigh ? 1 : 0;
    }
    expect(held / 400).toBeGreaterThan(0.92);
    expect(held / 400).toBeLessThan(0.98);
  });

  test('devices whose product nobody has named are left out, and it says so', () => {
    const shop = openShop();
    shop.add({ label: 'a', place: { product: 'tea' } });
    shop.add({ label: 'b' });
    shop.sell('a', 1, 0);
    shop.sell('b', 1, 0);
    shop.draw(0);
    const terms = { per: 'payer', windowQuarters: 4, leastBaskets: 1 } as const;
    expect(boughtTogether(shop.store, scopeOf(shop.store, {}), terms)).toMatchObject({
      baskets: 1,
      mixed: 0,
      pairs: [],
      notes: ['devices whose product nobody has named are left out'],
    });
  });
});

describe('prices', () => {
  function soldDaily(priceChangesOn: number, unitsOf: (label: string, day: number) => number) {
    const shop = openShop();
    for (const label of ['a', 'b', 'c']) shop.add({ label, priceMicros: 100 });
    for (let day = 0; day <= 30; day++) {
      for (const label of ['a', 'b', 'c']) {
        if (day === priceChangesOn) shop.reprice(label, 200);
        const units = unitsOf(label, day);
        if (units > 0) shop.sell(label, units, day * DAY + 5000);
      }
      shop.draw(day * DAY + 5000);
    }
    return priceChanges(shop.store, scopeOf(shop.store, {}), { days: 28 });
  }

  test('are compared over whole weeks, on the same devices', () => {
    const base: Readonly<Record<string, number>> = { a: 24, b: 48, c: 72 };
    const changes = soldDaily(
      15,
      (label, day) => (base[label] as number) - (day > 15 ? ({ a: 6, b: 12, c: 18 }[label] ?? 0) : 0),
    );
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({
      devices: 3,
      daysLeast: 14,
      daysMost: 14,
      unitsPerDeviceHourBefore: 2,
      unitsPerDeviceHourAfter: 1.5,
      microsPerUnitBefore: 100,
      microsPerUnitAfter: 200,
    });
    const { value, low, high } = changes[0]?.difference ?? {};
    // Differences of -0.25, -0.5 and -0.75 an hour: the mean and 4.303 times 0.25 / sqrt(3) around it.
    expect(value).toBeCloseTo(-0.5, 12);
    expect([low, high]).toEqual([
      expect.closeTo(-0.5 - (4.303 * 0.25) / Math.sqrt(3), 9),
      expect.closeTo(-0.5 + (4.303 * 0.25) / Math.sqrt(3), 9),
    ]);
    expect(changes[0]?.elasticity).toBeCloseTo(Math.log(0.75) / Math.log(2), 9);
  });

  test('days without a sale count as days', () => {
    const changes = soldDaily(15, (_label, day) => (day <= 15 || day % 2 === 0 ? 24 : 0));
    expect(changes[0]?.unitsPerDeviceHourBefore).toBe(1);
    expect(changes[0]?.unitsPerDeviceHourAfter).toBeCloseTo(0.5, 12);
  });

  test('a change too near to the end says nothing', () => {
    expect(soldDaily(30, () => 1)).toEqual([]);
  });

  test('one device is measured by its days, and one day a side gives no bounds', () => {
    const days = { before: [1, 2, 3], after: [3, 4, 5] };
    const { value, low, high } = differenceOf([2], [4], days);
    expect([value, low, high]).toEqual([
      2,
      expect.closeTo(2 - 4.303 * Math.sqrt(2 / 3), 9),
      expect.closeTo(2 + 4.303 * Math.sqrt(2 / 3), 9),
    ]);
    expect(differenceOf([2], [4], { before: [2], after: [4] })).toEqual({ value: 2, low: null, high: null });
    expect(tOf(30)).toBe(2.042);
    expect(tOf(100)).toBeCloseTo(1.984, 2);
  });
});

describe('idle devices', () => {
  test('are those that sell nothing while others at their site do', () => {
    const shop = openShop();
    for (const label of ['a', 'b', 'never', 'gone']) shop.add({ label, place: { site: 'hall' } });
    shop.add({ label: 'alone', place: { site: 'yard' } });
    for (const label of ['a', 'b', 'gone', 'alone']) shop.sell(label, 1, 10 * DAY);
    shop.sell('a', 1, 20 * DAY);
    shop.draw(0);
    revoke(shop.store, shop.deviceOf('gone'));
    const idle = idleDevices(shop.store, { days: 7, nowSeconds: 21 * DAY });
    expect(idle.map(({ label, lastSoldDay, othersSelling }) => [label, lastSoldDay, othersSelling])).toEqual([
      ['b', '1970-01-11', 1],
      ['never', null, 1],
      ['alone', '1970-01-11', 0],
    ]);
    expect(idleDevices(shop.store, { days: 12, nowSeconds: 21 * DAY }).map(({ label }) => label)).toEqual(['never']);
    expect(idleDevices(shop.store, { days: 7, nowSeconds: 21 * DAY, site: 'yard' }).map(({ label }) => label)).toEqual(['alone']);
  });
});
