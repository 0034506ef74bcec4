// What evidence is gathered from, read from the database: which channels are an account's, where a channel's lines stand in batches, and the lines around one. In: ids. Out: rows. It reads
// only, and no more of a batch than it is asked for.

import type { Database } from 'better-sqlite3';
import type { AccountId, DeviceId } from '../shared/identity.ts';
import type { ChannelNumber } from '../shared/units.ts';
import type { BatchLine, BatchState } from './batch.ts';
import { bytesOfHex, hexOf } from './blob.ts';
import type { PayoutState } from './payout.ts';

export interface ChannelParties {
  readonly device: DeviceId;
  readonly number: ChannelNumber;
  readonly payer: AccountId;
  readonly payee: AccountId;
  readonly enrolledAtSeconds: number;
  readonly revokedAtSeconds: number | null;
}

/** A line in its place. */
export interface PlacedLine extends BatchLine {
  readonly batch: string;
  readonly index: number;
}

export interface BatchStanding {
  readonly state: BatchState;
  readonly lines: number;
}

/** A payout that a line's money goes by. */
export interface LinePayout {
  readonly id: string;
  readonly direction: 'pay' | 'collect';
  readonly account: AccountId;
  readonly rail: string;
  readonly state: PayoutState;
  readonly reference: string | null;
}

export interface EvidenceRows {
  parties(device: DeviceId, number: ChannelNumber): ChannelParties | undefined;
  /** The channels that it pays on or is paid on. */
  channelsOf(account: AccountId): ChannelParties[];
  /** A channel's lines, in the order of its units. */
  linesOf(device: DeviceId, number: ChannelNumber): PlacedLine[];
  /** The lines of a batch from `first` to before `end`. */
  linesBetween(batch: string, first: number, end: number): BatchLine[];
  standing(batch: string): BatchStanding;
  /** Those of its payer and payee in its batch, and those that carried on what these did not move, in the order in which they were made. */
  payoutsOf(line: PlacedLine): LinePayout[];
}

interface RawParties extends Omit<ChannelParties, 'payer' | 'payee'> {
  payer: string;
  payee: string;
}

interface RawLine extends Omit<PlacedLine, 'payer' | 'payee'> {
  payer: string;
  payee: string;
}

const LINE = `batch, line AS "index", device, number, payer, payee, currency, from_units AS fromUnits, to_units AS toUnits,
  from_micros AS fromMicros, to_micros AS toMicros FROM lines`;
const PARTIES = `SELECT device, number, channels.payer AS payer, channels.payee AS payee, enrolled_at_seconds AS enrolledAtSeconds,
  revoked_at_seconds AS revokedAtSeconds FROM channels JOIN devices USING (device)`;

const PAYOUTS = `WITH RECURSIVE way (payout) AS (
    SELECT payout FROM payouts WHERE batch = ? AND currency = ? AND ((direction = 'pay' AND account = ?) OR (direction = 'collect' AND account = ?))
    UNION SELECT carried_into FROM payout_carries JOIN way USING (payout)
  )
  SELECT payout AS id, direction, account, rail, state,
    (SELECT reference FROM payout_events e WHERE e.payout = p.payout AND reference IS NOT NULL AND counts = 1 ORDER BY number DESC LIMIT 1) AS reference
  FROM payouts p JOIN way USING (payout) ORDER BY sequence`;

export function evidenceRows(db: Database): EvidenceRows {
  const parties = db.prepare<[string, number], RawParties>(`${PARTIES} WHERE device = ? AND number = ?`);
  const channels = db.prepare<[string, string], RawParties>(
    `${PARTIES} WHERE channels.payer = ? OR channels.payee = ? ORDER BY device, number`,
  );
  const lines = db.prepare<[string, number], RawLine>(`SELECT ${LINE} WHERE device = ? AND number = ? ORDER BY from_units`);
  const between = db.prepare<[string, number, number], RawLine>(
    `SELECT ${LINE} WHERE batch = ? AND line >= ? AND line < ? ORDER BY line`,
  );
  const standing = db.prepare<[string], BatchStanding>(
    'SELECT state, (SELECT count(*) FROM batch_lines l WHERE l.batch = b.sequence) AS lines FROM batches b WHERE batch = ?',
  );
  const payouts = db.prepare<[string, string, string, string], Omit<LinePayout, 'account'> & { account: string }>(PAYOUTS);
  return {
    payoutsOf: ({ batch, currency, payee, payer }) =>
      payouts
        .all(batch, currency, hexOf(payee), hexOf(payer))
        .map((raw) => ({ ...raw, account: bytesOfHex(raw.account) as AccountId })),
    parties(device, number) {
      const raw = parties.get(device, number);
      return raw === undefined ? undefined : named(raw);
    },
    channelsOf: (account) => channels.all(hexOf(account), hexOf(account)).map(named),
    linesOf: (device, number) => lines.all(device, number).map(named),
    linesBetween: (batch, first, end) => between.all(batch, first, end).map(named),
    standing(batch) {
      const row = standing.get(batch);
      if (row === undefined) throw new Error(`a line is in batch ${batch}, which is not there`);
      return row;
    },
  };
}

function named<Raw extends { payer: string; payee: string }>(
  raw: Raw,
): Omit<Raw, 'payer' | 'payee'> & { payer: AccountId; payee: AccountId } {
  return { ...raw, payer: bytesOfHex(raw.payer) as AccountId, payee: bytesOfHex(raw.payee) as AccountId };
}
