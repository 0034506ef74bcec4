// `tallystick tariff`, as an operator uses it: a tariff from its file into the hub, onto a device, and out again; exit codes, and nothing recorded of what is refused.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freshFolder, lastJson, tallystick } from './run.ts';

const NIGHT_AND_DAY = `
currency: EUR
unit: vend
price: 0.50
zone: Europe/Berlin
periods:
  - { from: 22:00, until: 06:00, price: 0.20 }
minimum: 1
tax: { percent: 19, included: true }
texts: { de: nachts günstiger }
`;

test('added, listed, shown, quoted, and given to a device', async () => {
  const folder = freshFolder();
  const file = join(folder, 'night.yaml');
  writeFileSync(file, NIGHT_AND_DAY);
  const data = ['--data', join(folder, 'data')];

  const quoted = await tallystick('tariff', 'quote', file, '--units', '10', '--at', '2026-11-18T23:00:00Z', '--json');
  expect(lastJson(quoted)).toMatchObject({ chargeMicros: 2_000_000, taxMicros: 319_327, mostMicros: 5_000_000, invalid: null });

  const { id } = lastJson<{ id: string }>(await tallystick('tariff', 'add', file, '--json', ...data));
  expect((await tallystick('tariff', 'add', file, ...data)).stdout).toBe(`${id} (known already)\n`);
  expect((await tallystick('tariff', 'show', id, ...data)).stdout).toContain('de: nachts günstiger');
  const byId = await tallystick('tariff', 'quote', id, '--units', '1', '--at', '2026-11-18T12:00:00Z', ...data);
  expect(byId.stdout).toContain('at least');
  expect(byId.stdout.split('\n')[0]).toBe('1 vend at 2026-11-18T12:00:00Z: 1.00 EUR, of which 0.159663 tax');

  const parties = ['--label', 'kiosk', '--payer', 'alice', '--payee', 'bob', '--profile', 'vending'];
  const enrolled = lastJson(await tallystick('device', 'add', '--tariff', id, '--json', ...parties, ...data));
  expect(enrolled).toMatchObject({ tariff: id });
  expect(lastJson(await tallystick('tariff', 'list', '--json', ...data))).toMatchObject([{ id, devices: 1, channels: 0 }]);
  expect((await tallystick('device', 'add', '--tariff', id, '--price', '2', ...parties, ...data)).code).toBe(2);
  expect((await tallystick('device', 'add', '--tariff', '0'.repeat(32), ...parties, ...data)).code).toBe(3);
}, 120_000);

test('what is refused is named, and not recorded', async () => {
  const folder = freshFolder();
  const file = join(folder, 'wrong.yaml');
  const data = ['--data', join(folder, 'data')];
  writeFileSync(file, NIGHT_AND_DAY);
  await tallystick('tariff', 'add', file, ...data);
  writeFileSync(file, NIGHT_AND_DAY.replace('EUR', 'EUX'));
  const refused = await tallystick('tariff', 'add', file, ...data);
  expect(refused).toMatchObject({ code: 6, stdout: '' });
  expect(refused.stderr).toContain('currency: expected a currency of ISO 4217');
  writeFileSync(file, '{ currency: [');
  expect((await tallystick('tariff', 'add', file, ...data)).code).toBe(3);
  expect((await tallystick('tariff', 'add', join(folder, 'none.yaml'), ...data)).code).toBe(3);

  const ocpi = join(import.meta.dirname, '..', 'tariff', 'ocpi', 'energy-by-time.json');
  const unplaced = await tallystick('tariff', 'import', ocpi, ...data);
  expect(unplaced).toMatchObject({ code: 6 });
  expect(unplaced.stderr).toContain("zone: expected the location's time zone");
  expect((await tallystick('tariff', 'import', ocpi, '--zone', 'Europe/Berlin', '--dry-run', ...data)).code).toBe(0);
  expect(lastJson<unknown[]>(await tallystick('tariff', 'list', '--json', ...data))).toHaveLength(1);
  const imported = lastJson<{ id: string }>(
    await tallystick('tariff', 'import', ocpi, '--zone', 'Europe/Berlin', '--json', ...data),
  );
  expect(
    lastJson<readonly { id: string }[]>(await tallystick('tariff', 'list', '--json', ...data)).map(({ id }) => id),
  ).toContain(imported.id);
}, 120_000);
