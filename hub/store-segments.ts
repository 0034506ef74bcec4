// Segments in the database. In: channels whose prices differ by time, as accept left them. Out: their segments. Only the last one of a channel grows, and only new ones are added:
// the table's own triggers see to it.

import type { Database } from 'better-sqlite3';
import type { Segment } from '../shared/charge.ts';
import { isTimed, NO_SEGMENTS } from '../shared/charge.ts';
import type { DeviceId } from '../shared/identity.ts';
import type { Tariff } from '../shared/tariff.ts';
import type { TimedSegment } from './segment.ts';

export interface SegmentRows {
  /** What `chargeOf` needs beside the tariff; without a look into the database where prices do not differ by time. */
  of(channel: { readonly device: DeviceId; readonly number: number; readonly tariff: Tariff }): readonly Segment[];
  find(device: DeviceId, number: number): TimedSegment[];
  /** After the channel's counts were written. */
  write(device: DeviceId, number: number, segments: readonly TimedSegment[]): void;
}

interface RawSegment {
  element: number;
  toUnits: number;
  fromSeconds: number;
  untilSeconds: number;
  chosen: number;
}

export function segmentRows(db: Database): SegmentRows {
  const all = db.prepare<[string, number], RawSegment>(
    `SELECT element, to_units AS toUnits, from_seconds AS fromSeconds, until_seconds AS untilSeconds, chosen
     FROM segments WHERE device = ? AND number = ? ORDER BY sequence`,
  );
  const count = db.prepare<[string, number], number>('SELECT count(*) FROM segments WHERE device = ? AND number = ?').pluck();
  const insert = db.prepare(
    `INSERT INTO segments (element, to_units, from_seconds, until_seconds, chosen, device, number, sequence) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const grow = db.prepare(
    'UPDATE segments SET to_units = ?, until_seconds = ? WHERE device = ? AND number = ? AND sequence = ? AND to_units < ?',
  );
  const find = (device: DeviceId, number: number): TimedSegment[] =>
    all.all(device, number).map((raw) => ({ ...raw, chosen: raw.chosen === 1 }));
  return {
    of: ({ device, number, tariff }) => (isTimed(tariff) ? find(device, number) : NO_SEGMENTS),
    find,
    write(device, number, segments) {
      const stored = count.get(device, number) ?? 0;
      for (const [sequence, segment] of segments.entries()) {
        const { element, toUnits, fromSeconds, untilSeconds, chosen } = segment;
        if (sequence === stored - 1) grow.run(toUnits, untilSeconds, device, number, sequence, toUnits);
        if (sequence < stored) continue;
        insert.run(element, toUnits, fromSeconds, untilSeconds, chosen ? 1 : 0, device, number, sequence);
      }
    },
  };
}
