// A hub's database with many closed channels that are claimed and not settled: what a batch is made of. In: an empty folder and how many. Out: the rows, with sums that agree; their
// commitments are not real ones, for settlement never looks at them.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { hexOf } from '../../hub/blob.ts';
import { accountIdOf, tariffIdOf } from '../../hub/ids.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { openStore } from '../../hub/store.ts';
import type { Micros } from '../../shared/units.ts';

const PAYERS = 200;
const PAYEES = 50;
const CHANNELS_PER_DEVICE = 100;
const UNITS = 40;
const TARIFF = {
  ...{ currency: 'EUR', unit: 'use', priceMicros: 12_345 as Micros, perUnits: 1 },
  ...{ validFromSeconds: 0, validUntilSeconds: 4_000_000_000 },
};

export function fillClosedChannels(dataDir: string, channels: number): void {
  const store = openStore(dataDir);
  store.atomically(() => {
    for (let i = 0; i < PAYERS; i++) store.devices.account(`payer ${i}`, 1);
    for (let i = 0; i < PAYEES; i++) store.devices.account(`payee ${i}`, 1);
    store.devices.tariff(TARIFF);
  });
  store.close();
  const db = new Database(join(dataDir, DATABASE_FILE));
  db.pragma('synchronous = OFF');
  db.pragma('foreign_keys = OFF');
  db.transaction(() => insertAll(db, channels))();
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}

function insertAll(db: Database.Database, channels: number): void {
  const device = db.prepare(
    `INSERT INTO devices (device, public_key, mac_key, password_sha256, label, profile, payer, payee, tariff, credit_micros, enrolled_at_seconds)
     VALUES (?, randomblob(32), randomblob(32), randomblob(32), ?, 'vending', ?, ?, ?, 1000000000, 1)`,
  );
  const commitment = db.prepare(
    'INSERT INTO commitments (device, number, payload, signature, opened_at_seconds) VALUES (?, ?, randomblob(80), randomblob(64), 1)',
  );
  const channel = db.prepare(
    `INSERT INTO channels (device, number, payer, payee, tariff, limit_units, accepted_units, charged_micros, claimed_units, claimed_micros, link_units,
       link, closed, changed_at_seconds) VALUES (?, ?, ?, ?, ?, 1000, ?, ?, ?, ?, ?, randomblob(16), 1, 1)`,
  );
  const tariff = hexOf(tariffIdOf(TARIFF));
  for (let at = 0; at < channels; at++) {
    const owner = Math.floor(at / CHANNELS_PER_DEVICE);
    const parties = [hexOf(accountIdOf(`payer ${owner % PAYERS}`)), hexOf(accountIdOf(`payee ${owner % PAYEES}`))];
    const id = deviceAt(owner);
    if (at % CHANNELS_PER_DEVICE === 0) device.run(id, `device ${owner}`, ...parties, tariff);
    const number = (at % CHANNELS_PER_DEVICE) + 1;
    const units = 1 + (at % UNITS);
    const micros = units * TARIFF.priceMicros;
    commitment.run(id, number);
    channel.run(id, number, ...parties, tariff, units, micros, units, micros, units);
  }
}

/** Eight bytes as a device's id, spread like hashes. */
function deviceAt(owner: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(Math.imul(owner + 1, 0x9e3779b1) >>> 0, 0);
  bytes.writeUInt32BE(owner, 4);
  return bytes.toString('base64url');
}
