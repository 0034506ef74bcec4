// Tariffs in the database, as an operator sees them. In: the tables. Out: each tariff with who uses it. They are added by who needs them (`devices.tariff`), and never changed.

import type { Database } from 'better-sqlite3';
import type { TariffId } from '../shared/identity.ts';
import type { Tariff } from '../shared/tariff.ts';
import { readTariff } from '../shared/tariff.ts';
import { bytesOf, bytesOfHex } from './blob.ts';

export interface TariffRow {
  readonly id: TariffId;
  readonly tariff: Tariff;
  /** Enrolled under it, and channels that were opened under it. */
  readonly devices: number;
  readonly channels: number;
}

export interface TariffRows {
  all(): TariffRow[];
}

interface RawTariff {
  tariff: string;
  bytes: Buffer;
  devices: number;
  channels: number;
}

export function tariffRows(db: Database): TariffRows {
  // Two scans, not one for each tariff: neither table has an index by tariff.
  const all = db.prepare<[], RawTariff>(
    `SELECT t.tariff, t.bytes, coalesce(d.devices, 0) AS devices, coalesce(c.channels, 0) AS channels FROM tariffs AS t
     LEFT JOIN (SELECT tariff, count(*) AS devices FROM devices GROUP BY tariff) AS d ON d.tariff = t.tariff
     LEFT JOIN (SELECT tariff, count(*) AS channels FROM channels GROUP BY tariff) AS c ON c.tariff = t.tariff
     ORDER BY t.currency, t.unit, t.tariff`,
  );
  return {
    all: () =>
      all.all().map((raw) => {
        const tariff = readTariff(bytesOf(raw.bytes));
        if (typeof tariff === 'string') throw new Error(`stored tariff ${raw.tariff}: ${tariff}`);
        return { id: bytesOfHex(raw.tariff) as TariffId, tariff, devices: raw.devices, channels: raw.channels };
      }),
  };
}
