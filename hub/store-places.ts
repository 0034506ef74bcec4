// Where devices stand, in the database: stays that follow each other, each as it was last corrected. In: a device and a place. Out: its place now. It must never
// rewrite a row: what was sold at a place stays sold there.

import type { Database } from 'better-sqlite3';
import type { DeviceId } from '../shared/identity.ts';
import type { Place } from './till.ts';
import { NOWHERE } from './till.ts';

export interface PlaceRows {
  /** Where the device is now. */
  placeOf(device: DeviceId): Place;
  /** From now on. The first one holds for what was sold before, too. */
  move(device: DeviceId, place: Place, nowSeconds: number): void;
  /** Also for what was sold since it has been there. */
  correct(device: DeviceId, place: Place, nowSeconds: number): void;
}

interface RawPlace extends Place {
  readonly stay: number;
  readonly version: number;
}

export function placeRows(db: Database): PlaceRows {
  const last = db.prepare<[string], RawPlace>(
    'SELECT stay, version, site, product, zone FROM places WHERE device = ? ORDER BY stay DESC, version DESC LIMIT 1',
  );
  const insert = db.prepare(
    'INSERT INTO places (device, stay, version, site, product, zone, placed_at_seconds) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const add = (device: DeviceId, [stay, version]: readonly [number, number], place: Place, nowSeconds: number): void =>
    void insert.run(device, stay, version, place.site, place.product, place.zone, nowSeconds);
  return {
    placeOf(device) {
      const row = last.get(device);
      return row === undefined ? NOWHERE : { site: row.site, product: row.product, zone: row.zone };
    },
    move: (device, place, nowSeconds) => add(device, [(last.get(device)?.stay ?? 0) + 1, 1], place, nowSeconds),
    correct(device, place, nowSeconds) {
      const row = last.get(device) ?? { stay: 1, version: 0 };
      add(device, [row.stay, row.version + 1], place, nowSeconds);
    },
  };
}
