// Retention: what has had its time goes, in small steps, and only that; what the books rest on stays, and insight says what it no longer knows.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { audit } from '../../hub/audit.ts';
import { revoke } from '../../hub/enrol.ts';
import { questionOf } from '../../hub/insight/question.ts';
import type { Question } from '../../hub/insight/question.ts';
import { peaksOf } from '../../hub/insight/peaks.ts';
import { revenueBy } from '../../hub/insight/revenue.ts';
import { scopeOf } from '../../hub/insight/scope.ts';
import { setParticulars } from '../../hub/person.ts';
import { applyRetention, keptKinds, openRetention, setRetention, spentRows } from '../../hub/retention.ts';
import type { RetentionKind, Spent } from '../../hub/retention.ts';
import { saleFaults } from '../../hub/sale-faults.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import type { Shop } from './shop.ts';
import { openShop } from './shop.ts';

const DAY = 86_400;
const HOUR = 3600;

function rowsOf(spent: readonly Spent[], kind: RetentionKind): number | undefined {
  return spent.find((one) => one.kind === kind)?.rows;
}

/** Sells one unit an hour for ten days, at a site by the clock of Kathmandu. */
function tenDays(): Shop {
  const shop = openShop();
  shop.add({ label: 'a', place: { site: 'hall', zone: 'Asia/Kathmandu' } });
  for (let hour = 0; hour < 240; hour++) {
    shop.sell('a', 1, hour * HOUR);
    shop.draw(hour * HOUR);
  }
  return shop;
}

describe('what is kept', () => {
  test('is the default until somebody decides', () => {
    const { store } = openShop();
    const days = (kind: RetentionKind): unknown => keptKinds(store).find((kept) => kept.kind === kind);
    expect(days('sale-quarters')).toMatchObject({ days: 400, isDefault: true });
    setRetention(store, 'sale-quarters', '30', 0);
    expect(days('sale-quarters')).toMatchObject({ days: 30, isDefault: false });
    setRetention(store, 'sale-quarters', 'forever', 0);
    expect(days('sale-quarters')).toMatchObject({ days: null, isDefault: false });
  });

  test.each([
    ['entries', '30', /^kind: expected one of refused-samples, .*, persons, got "entries"$/],
    ['replays', '0', 'days: expected 1 to 36500 for replays, or forever, got "0"'],
    ['replays', '1e3', 'days: expected 1 to 36500 for replays, or forever, got "1e3"'],
    ['rail-notes', '30', 'days: expected 180 to 36500 for rail-notes, or forever, got "30"'],
    ['persons', '-1', 'days: expected 30 to 36500 for persons, or forever, got "-1"'],
  ])('is not %s for %s days', (kind, days, why) => {
    const { store } = openShop();
    expect(() => setRetention(store, kind, days, 0)).toThrow(why);
    expect(keptKinds(store).every(({ isDefault }) => isDefault)).toBe(true);
  });
});

describe('sales by quarter hour', () => {
  test('go by whole days; days, the fleet’s hours and the books stay', () => {
    const shop = tenDays();
    const { store } = shop;
    setRetention(store, 'sale-quarters', '4', 0);
    const now = 10 * DAY + 5;
    expect(rowsOf(spentRows(store, now), 'sale-quarters')).toBe(6 * 24);
    expect(store.sales.floorQuarter()).toBe(0);
    expect(rowsOf(applyRetention(store, now), 'sale-quarters')).toBe(6 * 24);
    expect(rowsOf(applyRetention(store, now), 'sale-quarters')).toBe(0);
    expect(store.sales.floorQuarter()).toBe(6 * 96);
    expect(saleFaults(store)).toEqual([]);
    expect(audit(store)).toEqual([]);
    const by = (group: 'hour' | 'day' | 'device', said: Question = {}): ReturnType<typeof revenueBy> =>
      revenueBy(store, scopeOf(store, said), group);
    const units = ({ rows }: ReturnType<typeof revenueBy>): number => rows.reduce((sum, row) => sum + row.units, 0);
    expect([units(by('hour')), units(by('day')), units(by('device'))]).toEqual([240, 240, 240]);
    expect(by('day').rows[0]).toMatchObject({ key: '1970-01-01', units: 19 }); // to midnight in Kathmandu, then +5:30
    expect(by('day').notes).toEqual([]);
  });

  test('where only days are left, the answer says so', () => {
    const { store } = tenDays();
    setRetention(store, 'sale-quarters', '4', 0);
    applyRetention(store, 10 * DAY);
    const site = { site: 'hall' };
    const hours = revenueBy(store, scopeOf(store, site), 'hour');
    expect(hours.rows.find(({ key }) => key === 'before')).toMatchObject({ units: 6 * 24 });
    expect(hours.notes).toEqual(['hours that are not kept any more are in the row "before"']);
    const days = revenueBy(store, scopeOf(store, site), 'day');
    expect(days.notes).toEqual(['what is only kept by the day counts on the day of UTC']);
    expect(peaksOf(store, scopeOf(store, site), 1).notes).toEqual(['hours that are not kept any more are left out']);
    const asked = questionOf({ from: '1970-01-03', site: 'hall' }) as Question; // 18:15 of the 2nd in UTC
    const cut = revenueBy(store, scopeOf(store, asked), 'device');
    expect(cut.rows).toMatchObject([{ units: 9 * 24 }]);
    expect(cut.notes).toEqual(['before 1970-01-07T00:00Z only whole days of UTC are kept: the range was widened to them']);
  });

  test('a running hub takes away a little at each look, once a day', () => {
    const { store } = tenDays();
    setRetention(store, 'sale-quarters', '4', 0);
    const retention = openRetention(store);
    for (let look = 0; look < 12; look++) retention.look(10 * DAY + look);
    expect(rowsOf(spentRows(store, 10 * DAY), 'sale-quarters')).toBe(0);
    for (let look = 0; look < 12; look++) retention.look(11 * DAY - 1);
    expect(store.sales.floorQuarter()).toBe(6 * 96);
    for (let look = 0; look < 12; look++) retention.look(11 * DAY + look);
    expect(store.sales.floorQuarter()).toBe(7 * 96);
    expect(saleFaults(store)).toEqual([]);
  });
});

describe('the rest', () => {
  test('samples, presence and reports go when they are old, and counts stay', () => {
    const shop = openShop();
    const { store } = shop;
    const [old, fresh] = [shop.add({ label: 'old' }), shop.add({ label: 'new' })];
    store.atomically(() => {
      for (const [device, at] of [
        [old, 1],
        [fresh, 100 * DAY],
      ] as const) {
        const sample = { messageHex: '00', detail: '', times: 1 };
        store.quarantine.keep({ device, reason: 'malformed', messages: 1, lastAtSeconds: at, samples: [sample] });
        store.devices.present(device, { kind: 'status', state: 'serving', channel: 1, registerUnits: 0 }, at);
        const report = { version: 1, build: 'b', state: 'running' as const, offered: 0, at: 0 };
        store.firmware.report({ ...report, device, order: 0, reportedAtSeconds: at });
      }
    });
    revoke(store, old, 1);
    setRetention(store, 'firmware-reports', '50', 0);
    const spent = applyRetention(store, 100 * DAY);
    const kinds = ['refused-samples', 'revoked-presence', 'firmware-reports'] as const;
    expect(kinds.map((kind) => rowsOf(spent, kind))).toEqual([1, 1, 1]);
    expect(store.quarantine.samples().map(({ device }) => device)).toEqual([fresh]);
    expect(store.quarantine.counts()).toHaveLength(2);
    expect(store.devices.presences().map(({ device }) => device)).toEqual([fresh]);
    expect(store.firmware.reports().map(({ device }) => device)).toEqual([fresh]);
  });

  test('persons of accounts out of use are erased, others not', () => {
    const shop = openShop();
    const { store } = shop;
    const [gone, used] = [shop.add({ label: 'a', payer: 'gone' }), shop.add({ label: 'b', payer: 'used' })];
    for (const name of ['gone', 'used']) setParticulars(store, name, ['email=someone@example.org'], 0);
    revoke(store, gone, 0);
    setRetention(store, 'persons', '30', 0);
    expect(rowsOf(spentRows(store, 60 * DAY), 'persons')).toBe(1);
    expect(store.devices.find(used)).toBeDefined();
    expect(applyRetention(store, 60 * DAY).find(({ kind }) => kind === 'persons')).toEqual({
      kind: 'persons',
      rows: 1,
      refused: [],
    });
    expect(store.particulars.erasures().size).toBe(1);
    expect(rowsOf(applyRetention(store, 60 * DAY), 'persons')).toBe(0);
  });

  test('the file gives back what is free when it is written anew', () => {
    const shop = openShop();
    const { store } = shop;
    const device = shop.add({ label: 'a' });
    store.atomically(() => {
      for (let i = 0; i < 400; i++) {
        const messageHex = `${i.toString(16).padStart(4, '0')}${'ab'.repeat(1000)}`;
        store.quarantine.ask(
          {
            sample: i,
            device,
            reason: 'malformed',
            detail: '',
            message: messageHex.slice(0, 1024),
            times: 1,
            firstAtSeconds: 0,
            lastAtSeconds: 0,
          },
          0,
        );
      }
      for (const replay of store.quarantine.asked())
        store.quarantine.answer(replay, { kind: 'rejected', reason: 'malformed' }, 1);
    });
    expect(store.emptyLog()).toBe(true);
    const bytes = (): number => statSync(join(store.dataDir, DATABASE_FILE)).size;
    const before = bytes();
    expect(rowsOf(applyRetention(store, 100 * DAY), 'replays')).toBe(400);
    expect(store.rewrite()).toBe(true);
    expect(bytes()).toBeLessThan(before - 300_000);
    expect(readFileSync(join(store.dataDir, DATABASE_FILE)).includes(Buffer.from('ab'.repeat(100)))).toBe(false);
  });
});
