// Sales are what was claimed, by time: raised with it, in one transaction, never rewritten, and held against the books.

import Database from 'better-sqlite3';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { placeDevice } from '../../hub/place.ts';
import { saleFaults } from '../../hub/sale-faults.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { openStore } from '../../hub/store.ts';
import type { Store } from '../../hub/store.ts';
import { freshFolder } from '../hub/fixture.ts';
import { openShop } from './shop.ts';

const QUARTER = 900;
const DAY = 86_400;

/** `quarter till units micros`, in order. */
function salesOf(store: Store): string[] {
  const rows: string[] = [];
  let pending: string[] = [];
  store.sales.walkQuarters(
    0,
    Infinity,
    (till, units, micros) => pending.push(`${till} ${units} ${micros}`),
    (quarter) => {
      rows.push(...pending.map((row) => `${quarter} ${row}`));
      pending = [];
    },
  );
  return rows;
}

function totalsOf(store: Store): { units: number; micros: number } {
  let [units, micros] = [0, 0];
  store.sales.walkDays(0, Infinity, (_till, more, money) => {
    units += more;
    micros += money;
  });
  return { units, micros };
}

describe('sales', () => {
  test('are raised when claims are drawn, in the quarter hour in which the channel was last accepted', () => {
    const shop = openShop();
    shop.add({ label: 'a', priceMicros: 10 });
    shop.sell('a', 3, 10 * QUARTER + 5);
    expect(salesOf(shop.store)).toEqual([]);
    shop.draw(99 * QUARTER);
    shop.draw(99 * QUARTER);
    shop.sell('a', 2, 10 * QUARTER + 899);
    shop.draw(99 * QUARTER);
    shop.sell('a', 1, 11 * QUARTER);
    shop.draw(99 * QUARTER);
    expect(salesOf(shop.store)).toEqual(['10 1 5 50', '11 1 1 10']);
    expect(totalsOf(shop.store)).toEqual({ units: 6, micros: 60 });
    expect(saleFaults(shop.store)).toEqual([]);
  });

  test('count at the place where the device was; a correction names what was sold there, too', () => {
    const shop = openShop();
    const device = shop.add({ label: 'a' });
    const sites = (): Array<string | null> => shop.store.sales.tills().map((till) => till.place.site);
    shop.sell('a', 1, DAY);
    shop.draw(DAY);
    expect(sites()).toEqual([null]);
    placeDevice(shop.store, device, { site: 'hall', zone: 'Asia/Kolkata', correct: false });
    expect(sites()).toEqual(['hall']); // the first place holds for what was sold before
    shop.sell('a', 2, DAY + 1);
    placeDevice(shop.store, device, { site: 'yard', correct: false }); // draws: what was accepted at the hall counts there
    shop.sell('a', 4, DAY + 2);
    shop.draw(DAY + 2);
    expect(sites()).toEqual(['hall', 'yard']);
    expect(salesOf(shop.store)).toEqual(['96 1 3 30000', '96 2 4 40000']);
    placeDevice(shop.store, device, { site: 'court', product: 'tea', correct: true });
    expect(shop.store.sales.tills().map((till) => till.place)).toEqual([
      { site: 'hall', product: null, zone: 'Asia/Kolkata' },
      { site: 'court', product: 'tea', zone: 'Asia/Kolkata' },
    ]);
    placeDevice(shop.store, device, { product: '', correct: true });
    expect(shop.store.places.placeOf(device).product).toBeNull();
    expect(saleFaults(shop.store)).toEqual([]);
  });

  test.each([
    [{ zone: 'Europe/Atlantis' }, 'zone: expected an IANA time zone, such as Europe/Berlin, got "Europe/Atlantis"'],
    [{ zone: '+02:00' }, 'zone: expected an IANA time zone, such as Europe/Berlin, got "+02:00"'],
    [{ site: 'x'.repeat(65) }, `site: expected 1 to 64 characters that can be printed, got "${'x'.repeat(39)}...`],
    [{ product: 'a\nb' }, 'product: expected 1 to 64 characters that can be printed, got "a\\nb"'],
  ])('a place of %j is refused, and nothing is recorded', (change, why) => {
    const shop = openShop();
    const device = shop.add({ label: 'a' });
    expect(placeDevice(shop.store, device, { ...change, correct: false })).toEqual({ kind: 'refused', why });
    expect(shop.store.places.placeOf(device)).toEqual({ site: null, product: null, zone: null });
  });

  test('any order of sales, drawings, moves and prices keeps them equal to what was claimed', () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ kind: fc.constant('sell' as const), who: fc.nat(2), units: fc.integer({ min: 1, max: 9 }) }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('draw' as const), who: fc.nat(2), units: fc.nat(0) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), who: fc.nat(2), units: fc.nat(1) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('reprice' as const), who: fc.nat(2), units: fc.nat(3) }) },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.nat(40_000)), { maxLength: 40 }), (steps) => {
        const store = openStore(freshFolder());
        try {
          const shop = openShop(store);
          const labels = ['a', 'b', 'c'];
          labels.forEach((label, i) => shop.add({ label, priceMicros: 7 * i, currency: i === 2 ? 'USD' : 'EUR' }));
          let at = 0;
          for (const [{ kind, who, units }, later] of steps) {
            at += later;
            const label = labels[who] as string;
            if (kind === 'sell') shop.sell(label, units, at);
            if (kind === 'draw') shop.draw(at);
            if (kind === 'move') placeDevice(store, shop.deviceOf(label), { site: `s${at}`, correct: units === 1 });
            if (kind === 'reprice') shop.reprice(label, units);
          }
          shop.draw(at);
          expect(saleFaults(store)).toEqual([]);
          const sold = shop.events.reduce(
            (sum, event) => ({ units: sum.units + event.units, micros: sum.micros + event.micros }),
            {
              units: 0,
              micros: 0,
            },
          );
          expect(totalsOf(store)).toEqual(sold);
        } finally {
          store.close();
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('the database', () => {
  function soldOnce(): { store: Store; db: Database.Database } {
    const shop = openShop();
    shop.add({ label: 'a', place: { site: 'hall' } });
    shop.sell('a', 3, 10 * QUARTER);
    shop.draw(10 * QUARTER);
    const db = new Database(join(shop.store.dataDir, DATABASE_FILE));
    onTestFinished(() => void db.close());
    return { store: shop.store, db };
  }

  test.each([
    ['UPDATE sales SET units = units - 1', 'what was sold never falls'],
    ['UPDATE sale_days SET micros = 0', 'what was sold never falls'],
    ['UPDATE sales SET quarter = 11', 'what was sold never falls'],
    ['DELETE FROM sales', 'quarter hours are deleted below the floor only'],
    ['DELETE FROM sale_days', 'days of sales are never deleted'],
    ['UPDATE tills SET stay = 2', 'tills are never changed'],
    ["UPDATE places SET site = 'x'", 'places are never changed'],
    [
      'INSERT INTO places SELECT device, 3, 1, site, product, zone, 0 FROM places',
      'a place corrects the last stay or begins the next',
    ],
    [
      'INSERT INTO places SELECT device, 1, 3, site, product, zone, 0 FROM places',
      'a place corrects the last stay or begins the next',
    ],
    ['DELETE FROM sale_clocks', 'sales of the whole fleet are never deleted'],
    ['UPDATE clocks SET unit = 1', 'clocks are never changed'],
    ['UPDATE sale_floor SET quarter = quarter - 96', 'the floor only rises'],
    ['DELETE FROM sale_floor', 'the floor stays'],
  ])('refuses %s', (sql, why) => {
    const { db } = soldOnce();
    expect(() => db.exec(sql)).toThrow(why);
  });

  test.each([
    [
      'UPDATE sales SET units = units + 1',
      /till 1 of device .*, 1970-01-01: the day and its quarter hours differ by -1 units and 0 micros/,
    ],
    [
      'UPDATE sale_clocks SET units = units + 2',
      /clock 1, on the day of 1970-01-01T00:00: the fleet and its tills differ by 2 units and 0 micros/,
    ],
    ['UPDATE sale_days SET micros = micros + 5', /its channels have claimed 3 units and 30000 micros, its sales say 3 and 30005/],
  ])('edited by hand (%s) is found', (sql, fault) => {
    const { store, db } = soldOnce();
    expect(saleFaults(store)).toEqual([]);
    db.exec(sql);
    expect(saleFaults(store).join('\n')).toMatch(fault);
  });
});
