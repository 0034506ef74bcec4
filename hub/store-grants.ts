// What prepaid devices were granted, in the database: one row per raise, never edited. In: a device and its new ceiling. Out: the ceiling that holds. A
// device without a row is post-paid. It must never lower a ceiling: a board would not believe it.

import type { Database } from 'better-sqlite3';
import type { DeviceId } from '../shared/identity.ts';

export interface GrantRows {
  /** `undefined` for a device that is post-paid. */
  ceilingUnits(device: DeviceId): number | undefined;
  /** Of all prepaid devices. */
  ceilings(): ReadonlyMap<DeviceId, number>;
  raise(device: DeviceId, ceilingUnits: number, nowSeconds: number): void;
}

export function grantRows(db: Database): GrantRows {
  const highest = db.prepare<[string], { ceilingUnits: number | null }>(
    'SELECT max(ceiling_units) AS ceilingUnits FROM grants WHERE device = ?',
  );
  const all = db.prepare<[], { device: DeviceId; ceilingUnits: number }>(
    'SELECT device, max(ceiling_units) AS ceilingUnits FROM grants GROUP BY device',
  );
  const insert = db.prepare('INSERT INTO grants (device, ceiling_units, granted_at_seconds) VALUES (?, ?, ?)');
  return {
    ceilingUnits: (device) => highest.get(device)?.ceilingUnits ?? undefined,
    ceilings: () => new Map(all.all().map((row) => [row.device, row.ceilingUnits])),
    raise: (device, ceilingUnits, nowSeconds) => void insert.run(device, ceilingUnits, nowSeconds),
  };
}
