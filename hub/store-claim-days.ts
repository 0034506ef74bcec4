// How channels' claims grew day by day, in the database. In: a drawing, before it is written. Out: for each channel and day (UTC) the units and micros that were
// claimed on it, which sum to what the channel has claimed. It must be noted in the transaction that claims.

import type { Database } from 'better-sqlite3';
import type { DeviceId } from '../shared/identity.ts';
import type { ChannelNumber } from '../shared/units.ts';
import type { Account } from './account.ts';

export const DAY_SECONDS = 86_400;

export interface ClaimDay {
  readonly device: DeviceId;
  readonly number: ChannelNumber;
  /** Since 1970, UTC. */
  readonly day: number;
  readonly units: number;
  readonly micros: number;
}

export interface ClaimDayRows {
  /** What these channels have accepted and not claimed is about to be, by this entry, on its day or a channel's last one if that is later; `undefined` when all of it costs nothing. */
  note(drawn: readonly Account[], entry: number | undefined, nowSeconds: number): void;
  /** Of one channel; `untilDay` is the first that is left out. */
  of(device: DeviceId, number: ChannelNumber, fromDay: number, untilDay: number): ClaimDay[];
  /** The entry that claimed last. */
  lastEntry(device: DeviceId, number: ChannelNumber): number | undefined;
  /** Channels whose days do not sum to what they have claimed; there are none. */
  differing(): ReadonlyArray<{ readonly device: DeviceId; readonly number: ChannelNumber }>;
}

export function claimDayRows(db: Database): ClaimDayRows {
  const note = db.prepare(
    `INSERT INTO claim_days SELECT device, number,
       max(?, coalesce((SELECT max(day) FROM claim_days AS d WHERE d.device = channels.device AND d.number = channels.number), 0)),
       accepted_units - claimed_units, charged_micros - claimed_micros, ? FROM channels
     WHERE device = ? AND number = ?
     ON CONFLICT DO UPDATE SET units = units + excluded.units, micros = micros + excluded.micros, entry = coalesce(excluded.entry, entry)`,
  );
  const of = db.prepare<[string, number, number, number], ClaimDay>(
    'SELECT device, number, day, units, micros FROM claim_days WHERE device = ? AND number = ? AND day >= ? AND day < ? ORDER BY day',
  );
  const last = db.prepare<[string, number], { entry: number }>(
    'SELECT entry FROM claim_days WHERE device = ? AND number = ? AND entry IS NOT NULL ORDER BY day DESC LIMIT 1',
  );
  const differing = db.prepare<[], { device: DeviceId; number: ChannelNumber }>(
    `SELECT device, number FROM channels c WHERE claimed_units <> (SELECT coalesce(sum(units), 0) FROM claim_days d WHERE d.device = c.device AND d.number = c.number)
       OR claimed_micros <> (SELECT coalesce(sum(micros), 0) FROM claim_days d WHERE d.device = c.device AND d.number = c.number)`,
  );
  return {
    note(drawn, entry, nowSeconds) {
      const day = Math.floor(nowSeconds / DAY_SECONDS);
      for (const { device, number } of drawn) note.run(day, entry ?? null, device, number);
    },
    of: (device, number, fromDay, untilDay) => of.all(device, number, fromDay, untilDay),
    lastEntry: (device, number) => last.get(device, number)?.entry,
    differing: () => differing.all(),
  };
}
