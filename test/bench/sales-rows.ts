// A fleet's sales by the million, written straight into the tables: what years of drawings would leave. In: how many devices and hours. Out: a hub's folder whose sales, days and channels agree. Half
// of the devices change their price half-way; sites lie in three zones, money is of two currencies.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Tariff } from '../../shared/tariff.ts';
import type { Micros } from '../../shared/units.ts';
import { hexOf } from '../../hub/blob.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { openStore } from '../../hub/store.ts';

export interface Fleet {
  readonly devices: number;
  /** Every device sells once in each of them, at a quarter hour of its own. */
  readonly hours: number;
}

const ZONES = ['Europe/Berlin', 'Asia/Kolkata', 'America/New_York'];
const [SITES, PRODUCTS, PAYEES, PAYERS] = [200, 20, 50, 500];
/** 2026-01-01, a whole day. */
export const FIRST_QUARTER = 20_454 * 96;

function tariffOf(currency: string, priceMicros: number): Tariff {
  const valid = { validFromSeconds: 0, validUntilSeconds: 4_000_000_000 };
  return { currency, unit: 'vend', priceMicros: priceMicros as Micros, perUnits: 1, ...valid };
}

/** By currency, before and after the change. */
const CURRENCIES = ['EUR', 'INR'] as const;
const PRICES_MICROS = [
  [500_000, 600_000],
  [20_000_000, 24_000_000],
] as const;

export function fillSales(dataDir: string, { devices, hours }: Fleet): void {
  const store = openStore(dataDir);
  const tariffs = store.atomically(() =>
    CURRENCIES.map((currency, at) =>
      (PRICES_MICROS[at] as readonly number[]).map((price) => hexOf(store.devices.tariff(tariffOf(currency, price)))),
    ),
  );
  const accounts = store.atomically(() => ({
    payers: Array.from({ length: PAYERS }, (_, i) => hexOf(store.devices.account(`payer ${i}`, 0))),
    payees: Array.from({ length: PAYEES }, (_, i) => hexOf(store.devices.account(`payee ${i}`, 0))),
  }));
  store.close();
  const db = new Database(join(dataDir, DATABASE_FILE));
  try {
    db.pragma('synchronous = OFF');
    db.pragma('foreign_keys = OFF'); // the rows are right by construction; the harness says so at the end
    db.transaction(() => {
      fillDevices(db, { devices, hours }, tariffs, accounts);
      fillRows(db, { devices, hours });
    })();
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}

/** Tills 1 to n are the devices' first, the n behind them those under the second tariff. */
function fillDevices(
  db: Database.Database,
  { devices, hours }: Fleet,
  tariffs: readonly string[][],
  { payers, payees }: { readonly payers: readonly string[]; readonly payees: readonly string[] },
): void {
  const device = db.prepare(
    `INSERT INTO devices (device, public_key, mac_key, password_sha256, label, profile, payer, payee, tariff, credit_micros, enrolled_at_seconds)
     VALUES (?, randomblob(32), zeroblob(32), zeroblob(32), ?, 'vending', ?, ?, ?, 0, 0)`,
  );
  const place = db.prepare('INSERT INTO places VALUES (?, 1, 1, ?, ?, ?, 0)');
  const till = db.prepare(
    `INSERT INTO tills (till, device, stay, payer, payee, tariff, clock) SELECT ?, ?, 1, ?, ?, tariff, clock FROM tariffs JOIN clocks USING (currency, unit)
     WHERE tariff = ? AND zone = ?`,
  );
  const clock = db.prepare('INSERT INTO clocks (currency, unit, zone) SELECT DISTINCT currency, unit, ? FROM tariffs');
  for (const zone of ZONES) clock.run(zone);
  const commitment = db.prepare(
    `INSERT INTO commitments (device, number, payload, signature, opened_at_seconds) VALUES (?, ?, x'00', zeroblob(64), ?)`,
  );
  for (let n = 1; n <= devices; n++) {
    const name = `dev${String(n).padStart(8, '0')}`;
    const [payer, payee] = [payers[n % PAYERS] as string, payees[n % PAYEES] as string];
    const pair = tariffs[n % 5 === 0 ? 1 : 0] as string[];
    const site = n % SITES;
    device.run(name, `machine ${n}`, payer, payee, pair[0]);
    place.run(name, `site ${site}`, `product ${(n * 7) % PRODUCTS}`, ZONES[site % ZONES.length]);
    for (const number of n % 2 === 0 ? [1, 2] : [1]) {
      till.run(number === 1 ? n : devices + n, name, payer, payee, pair[number - 1], ZONES[site % ZONES.length]);
      commitment.run(name, number, (FIRST_QUARTER + (number - 1) * 2 * hours) * 900);
    }
  }
}

function fillRows(db: Database.Database, { devices, hours }: Fleet): void {
  const price = (currency: 0 | 1, at: 0 | 1): number => PRICES_MICROS[currency][at];
  // Even devices sell through their second till from the middle on.
  db.exec(`
    WITH RECURSIVE quarters (q) AS (SELECT 0 UNION ALL SELECT q + 1 FROM quarters WHERE q < ${4 * hours - 1}),
      steps (k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM steps WHERE k < ${Math.floor(devices / 4) - 1}),
      events (q, n, late, units) AS (
        SELECT q, 4 * k + q % 4 + 1, (q % 4) % 2 = 1 AND q >= ${2 * hours}, 1 + (k * 13 + q * 7) % 9 FROM quarters CROSS JOIN steps)
    INSERT INTO sales (quarter, till, units, micros)
    SELECT ${FIRST_QUARTER} + q, n + ${devices} * late, units,
      units * CASE WHEN n % 5 = 0 THEN iif(late, ${price(1, 1)}, ${price(1, 0)}) ELSE iif(late, ${price(0, 1)}, ${price(0, 0)}) END FROM events;
    INSERT INTO sale_days (day, till, units, micros)
      SELECT quarter / 96 AS at, till, sum(units), sum(micros) FROM sales GROUP BY at, till;
    INSERT INTO sale_clocks (quarter, clock, units, micros)
      SELECT quarter, clock, sum(units), sum(micros) FROM sales JOIN tills USING (till) GROUP BY quarter, clock;
    INSERT INTO channels (device, number, payer, payee, tariff, limit_units, accepted_units, charged_micros, claimed_units, claimed_micros, link, changed_at_seconds)
      SELECT device, 1 + (till > ${devices}), payer, payee, tariff, 4294967295, units, micros, units, micros, zeroblob(16), 0
      FROM tills JOIN (SELECT till, sum(units) AS units, sum(micros) AS micros FROM sale_days GROUP BY till) USING (till);`);
}
