// Revenue against a second implementation that knows nothing of tills, quarter hours and days: it looks at every sale and at a clock on the wall.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { peaksOf } from '../../hub/insight/peaks.ts';
import { questionOf } from '../../hub/insight/question.ts';
import type { Question } from '../../hub/insight/question.ts';
import type { TillGroup, TimeGroup } from '../../hub/insight/revenue.ts';
import { revenueBy, TILL_GROUPS, TIME_GROUPS } from '../../hub/insight/revenue.ts';
import { scopeOf } from '../../hub/insight/scope.ts';
import { saleFaults } from '../../hub/sale-faults.ts';
import type { Business, Told } from './business.ts';
import { businessArbitrary, businessOf, shown } from './business.ts';
import { openShop } from './shop.ts';

const ZONES = ['Europe/Berlin', 'Asia/Kolkata', 'Asia/Kathmandu', 'America/St_Johns', 'Australia/Lord_Howe', 'UTC'];

function question(said: Parameters<typeof questionOf>[0]): Question {
  const asked = questionOf(said);
  if (typeof asked === 'string') throw new Error(asked);
  return asked;
}

function keyOf(by: TillGroup | TimeGroup, one: Told, zone: string | undefined): string | null {
  const clock = shown(zone ?? one.stay.zone ?? 'UTC', one.atSeconds);
  switch (by) {
    case 'device':
    case 'payee':
      return one[by];
    case 'site':
    case 'product':
      return one.stay[by];
    case 'hour':
    case 'weekday':
    case 'day':
      return clock[by];
    case 'month':
      return clock.day.slice(0, 7);
  }
}

/** `currency key units micros`, sorted. */
function naive(
  { told }: Business,
  by: TillGroup | TimeGroup,
  { from, to, zone }: { from?: string; to?: string; zone?: string },
): string[] {
  const zones = [...new Set(told.map(({ stay }) => stay.zone))];
  const rangeZone = zone ?? (zones.length === 1 ? (zones[0] as string) : 'UTC');
  const sums = new Map<string, { units: number; micros: number }>();
  for (const one of told) {
    const { day } = shown(rangeZone, one.atSeconds);
    if ((from !== undefined && day < from) || (to !== undefined && day > to)) continue;
    const key = `${one.currency} ${keyOf(by, one, zone) ?? 'null'}`;
    const known = sums.get(key) ?? { units: 0, micros: 0 };
    sums.set(key, { units: known.units + one.units, micros: known.micros + one.micros });
  }
  return [...sums].map(([key, { units, micros }]) => `${key} ${units} ${micros}`).sort();
}

describe('every grouping', () => {
  test('agrees with a count of every sale, in any zone and range, and sums to what was claimed', () => {
    const days = ['2026-03-28', '2026-03-29', '2026-04-04', '2026-10-24', '2026-10-25', '2026-10-26'];
    const asked = fc.record(
      { zone: fc.constantFrom(...ZONES), from: fc.constantFrom(...days), to: fc.constantFrom(...days) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(businessArbitrary(ZONES), asked, (plan, said) => {
        fc.pre(said.from === undefined || said.to === undefined || said.from <= said.to);
        const business = businessOf(plan);
        const { store, told } = business;
        try {
          for (const by of [...TILL_GROUPS, ...TIME_GROUPS]) {
            const answer = revenueBy(store, scopeOf(store, question(said)), by);
            const rows = answer.rows.map(
              ({ currency, key, units, amountMicros }) => `${currency} ${key} ${units} ${amountMicros}`,
            );
            expect(rows.sort()).toEqual(naive(business, by, said));
          }
          const all = revenueBy(store, scopeOf(store, {}), 'device');
          const claimed = store.sales.claimedTotals().reduce((sum, { micros }) => sum + micros, 0);
          expect(all.totals.reduce((sum, { amountMicros }) => sum + amountMicros, 0)).toBe(claimed);
          expect(told.reduce((sum, { micros }) => sum + micros, 0)).toBe(claimed);
          expect(saleFaults(store)).toEqual([]);
        } finally {
          store.close();
        }
      }),
      { numRuns: 20 },
    );
  }, 60_000);
});

describe('questions', () => {
  test.each([
    [
      { from: '2026-02-30' },
      'from: expected a day such as 2026-11-01, or a quarter hour such as 2026-11-01T06:15, got "2026-02-30"',
    ],
    [{ to: 'yesterday' }, 'to: expected a day such as 2026-11-01, or a quarter hour such as 2026-11-01T06:15, got "yesterday"'],
    [
      { to: '2026-02-03T06:10' },
      'to: expected a day such as 2026-11-01, or a quarter hour such as 2026-11-01T06:15, got "2026-02-03T06:10"',
    ],
    [{ from: '2026-03-02', to: '2026-03-01' }, 'to: expected a time after from, 2026-03-02, got 2026-03-01'],
    [{ zone: 'Mars/Olympus' }, 'zone: expected an IANA time zone, such as Europe/Berlin, got "Mars/Olympus"'],
    [{ currency: 'euro' }, 'currency: expected a currency as three capital letters, such as EUR, got "euro"'],
  ])('%j is refused', (said, why) => {
    expect(questionOf(said)).toBe(why);
  });

  test('a range may begin and end at a quarter hour, on the clock of the one zone that there is', () => {
    const shop = openShop();
    shop.add({ label: 'a', place: { zone: 'Asia/Kathmandu' } });
    const noon = Date.parse('2026-06-01T12:00+05:45') / 1000;
    for (const minutes of [-15, -1, 0, 14, 15]) {
      shop.sell('a', 1, noon + minutes * 60);
      shop.draw(noon);
    }
    const unitsIn = (from: string, to: string): number =>
      revenueBy(shop.store, scopeOf(shop.store, question({ from, to })), 'hour').rows.reduce((sum, { units }) => sum + units, 0);
    expect(unitsIn('2026-06-01T12:00', '2026-06-01T12:15')).toBe(2);
    expect(unitsIn('2026-06-01T11:45', '2026-06-01T12:15')).toBe(4);
    expect(unitsIn('2026-06-01', '2026-06-01')).toBe(5);
  });

  test('only one currency, site, product or payee', () => {
    const shop = openShop();
    shop.add({ label: 'a', place: { site: 'x', product: 'tea' }, payee: 'p' });
    shop.add({ label: 'b', place: { site: 'x', product: 'cake' }, payee: 'q' });
    shop.add({ label: 'c', currency: 'USD' });
    ['a', 'b', 'c'].forEach((label, i) => shop.sell(label, 10 ** i, 0));
    shop.draw(0);
    const unitsOf = (said: Question): number =>
      revenueBy(shop.store, scopeOf(shop.store, said), 'device').rows.reduce((sum, { units }) => sum + units, 0);
    expect([{}, { site: 'x' }, { product: 'cake' }, { payee: 'p' }, { currency: 'USD' }, { site: 'y' }].map(unitsOf)).toEqual([
      111, 11, 10, 1, 100, 0,
    ]);
  });
});

describe('peaks', () => {
  test('a week by hours sums to what was sold, and averages over the hours that there were', () => {
    const shop = openShop();
    shop.add({ label: 'a', place: { zone: 'Europe/Berlin' } });
    const monday = Date.parse('2026-06-01T08:00+02:00') / 1000;
    for (const week of [0, 1, 2, 3]) {
      shop.sell('a', 2 + week, monday + week * 7 * 86_400);
      shop.draw(0);
    }
    shop.sell('a', 1, monday + 3600 * 5);
    shop.draw(0);
    const scope = scopeOf(shop.store, question({ from: '2026-06-01', to: '2026-06-28' }));
    const { peaks } = peaksOf(shop.store, scope, 2);
    expect(peaks).toHaveLength(1);
    expect(peaks[0]?.week[0]?.[8]).toEqual({ units: 14, amountMicros: 140_000, unitsPerHour: 3.5 });
    expect(peaks[0]?.week.flat().reduce((sum, { units }) => sum + units, 0)).toBe(15);
    expect(peaks[0]?.busiest).toEqual([
      { hour: '2026-06-22T08', units: 5, amountMicros: 50_000 },
      { hour: '2026-06-15T08', units: 4, amountMicros: 40_000 },
    ]);
  });
});
