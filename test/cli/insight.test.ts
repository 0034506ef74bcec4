// Insight as an operator types it: places, one answer in each form, and refusals.

import { expect, test } from 'vitest';
import { openShop } from '../insight/shop.ts';
import { lastJson, tallystick } from './run.ts';

interface Row {
  readonly key: string | null;
  readonly units: number;
  readonly amountMicros: number;
}

test('places are said, sales are shown by them, and nothing is computed by a spreadsheet', async () => {
  const shop = openShop();
  const { dataDir } = shop.store;
  const device = shop.add({ label: '=1+1', place: { site: 'hall' } });
  shop.sell('=1+1', 3, Date.parse('2026-11-01T23:30Z') / 1000);
  shop.draw(0);
  const placed = await tallystick(
    'device',
    'place',
    device,
    '--zone',
    'Asia/Kolkata',
    '--product',
    'tea',
    '--correct',
    '--data',
    dataDir,
    '--json',
  );
  expect(lastJson(placed)).toEqual({ device, site: 'hall', product: 'tea', zone: 'Asia/Kolkata' });
  const asked = ['insight', 'revenue', '--by', 'day', '--data', dataDir];
  expect(lastJson<{ rows: Row[]; zone: string }>(await tallystick(...asked, '--json'))).toMatchObject({
    zone: 'Asia/Kolkata',
    rows: [{ key: '2026-11-02', units: 3, amountMicros: 30_000 }],
  });
  expect((await tallystick(...asked)).stdout).toContain('2026-11-02  3 vend  0.03 EUR  ████████████████████████\n');
  const csv = await tallystick('insight', 'revenue', '--by', 'device', '--data', dataDir, '--csv');
  expect(csv.stdout).toBe(`device,label,currency,unit,units,amount\r\n${device},'=1+1,EUR,vend,3,0.03\r\n`);
}, 60_000);

test.each([
  [
    ['revenue', '--from', 'soon'],
    2,
    '--from: expected a day such as 2026-11-01, or a quarter hour such as 2026-11-01T06:15, got "soon"',
  ],
  [['together', '--window', '20m'], 2, '--window: expected whole quarter hours from 15m to 7d, got 20 minutes'],
  [['revenue', '--json', '--csv'], 2, 'expected --json or --csv, got both'],
])('insight %j is refused in one sentence', async (words, code, why) => {
  const { dataDir } = openShop().store;
  const outcome = await tallystick('insight', ...words, '--data', dataDir);
  expect([outcome.code, outcome.stdout, outcome.stderr]).toEqual([code, '', `tallystick: ${why}\n`]);
});
