// Settlement batches in the database: their lines, written once, and their state, which only goes forward. In: batches. Out: batches. That at most one
// is under way is the schema's rule, so two processes cannot settle the same claim.

import type { Database } from 'better-sqlite3';
import type { DeviceId } from '../shared/identity.ts';
import type { ChannelNumber } from '../shared/units.ts';
import type { Batch, BatchState } from './batch.ts';
import type { LineRows } from './store-lines.ts';
import { lineRows, linesReader } from './store-lines.ts';
import { LOST } from './store-payouts.ts';

export interface BatchRows extends LineRows {
  move(id: string, from: BatchState, to: BatchState): void;
  find(id: string): Batch | undefined;
  /** Nothing is due, or lost on its way. */
  isQuiet(): boolean;
  /** The batch that is prepared and not yet sent. */
  underWay(): BatchHead | undefined;
  /** Sent, with no payout left to wait for: such as could be settled now. */
  finished(): BatchHead[];
  /** True when all of its lines are settled. */
  isSettled(id: string): boolean;
  /** Without its lines, which may be a million. */
  head(id: string): BatchHead | undefined;
  /** All that are not settled, and the newest others: the newest first. */
  heads(limit: number): BatchHead[];
  /** The newest first. */
  newest(limit: number): Batch[];
  /** What lines whose money has moved sum to, per channel. */
  settledTotals(): ChannelTotal[];
  /** Channels that do not say of themselves what those sums say: both are given. */
  unlikeTotals(): UnlikeTotal[];
}

export type BatchHead = Omit<Batch, 'lines'>;

export interface ChannelTotal {
  readonly device: DeviceId;
  readonly number: ChannelNumber;
  readonly units: number;
  readonly micros: number;
}

export interface UnlikeTotal extends ChannelTotal {
  readonly settledUnits: number;
  readonly settledMicros: number;
}

interface RawBatch {
  batch: string;
  state: BatchState;
  prepared_at_seconds: number;
}

export function batchRows(db: Database): BatchRows {
  return { ...lineRows(db), ...stateRows(db), ...readRows(db) };
}

function headOf(raw: RawBatch): BatchHead {
  return { id: raw.batch, state: raw.state, preparedAtSeconds: raw.prepared_at_seconds };
}

function stateRows(db: Database): Pick<BatchRows, 'move'> {
  const move = db.prepare('UPDATE batches SET state = ? WHERE batch = ? AND state = ?');
  return {
    move(id, from, to) {
      const { changes } = move.run(to, id, from);
      if (changes !== 1) throw new Error(`expected batch ${id} to be ${from}, found it is not`);
    },
  };
}

/** A line's money has moved: its batch was cleared, and neither its payee's nor its payer's payout still waits. */
export const LINE_MOVED = `
  (SELECT state FROM batches b WHERE b.batch = l.batch) <> 'prepared'
  AND NOT EXISTS (SELECT 1 FROM payouts p WHERE p.batch = l.batch AND p.direction = 'pay' AND p.account = l.payee AND p.currency = l.currency
    AND NOT EXISTS (SELECT 1 FROM payouts_moved m WHERE m.payout = p.payout))
  AND NOT EXISTS (SELECT 1 FROM payouts p WHERE p.batch = l.batch AND p.direction = 'collect' AND p.account = l.payer AND p.currency = l.currency
    AND NOT EXISTS (SELECT 1 FROM payouts_moved m WHERE m.payout = p.payout))`;

const TOTALS = `SELECT l.device, l.number, sum(to_units - from_units) AS units, sum(to_micros - from_micros) AS micros
  FROM lines l JOIN channels c USING (device, number) WHERE l.to_units <= c.settled_units AND ${LINE_MOVED} GROUP BY l.device, l.number`;

function readRows(db: Database): Omit<BatchRows, 'move' | keyof LineRows> {
  const columns = 'SELECT batch, state, prepared_at_seconds FROM batches';
  const find = db.prepare<[string], RawBatch>(`${columns} WHERE batch = ?`);
  const underWay = db.prepare<[], RawBatch>(`${columns} WHERE state = 'prepared'`);
  const finished = db.prepare<[], RawBatch>(
    `${columns} WHERE state = 'sent' AND NOT EXISTS (SELECT 1 FROM payouts p WHERE p.batch = batches.batch
       AND NOT EXISTS (SELECT 1 FROM payouts_moved m WHERE m.payout = p.payout)) ORDER BY sequence`,
  );
  const unsettledLine = db.prepare<[string], { one: number }>(
    `SELECT 1 AS one FROM lines l JOIN channels c USING (device, number) WHERE l.batch = ? AND c.settled_units < l.to_units LIMIT 1`,
  );
  const waiting = db.prepare<[], { one: number }>(
    `SELECT 1 AS one FROM (SELECT 1 FROM channels WHERE claimed_units < accepted_units LIMIT 1)
     UNION ALL SELECT 1 FROM (SELECT 1 FROM channels WHERE settled_units < claimed_units LIMIT 1)
     UNION ALL SELECT 1 FROM (SELECT 1 FROM payouts p WHERE ${LOST} LIMIT 1)`,
  );
  const linesOf = linesReader(db);
  const batchOf = (raw: RawBatch): Batch => ({ ...headOf(raw), lines: linesOf(raw.batch) });
  const newest = db.prepare<[number], RawBatch>(`${columns} ORDER BY sequence DESC LIMIT ?`);
  const heads = db.prepare<[number], RawBatch>(
    `${columns} WHERE state <> 'settled' OR sequence > (SELECT coalesce(max(sequence), 0) FROM batches) - ? ORDER BY sequence DESC`,
  );
  const totals = db.prepare<[], ChannelTotal>(TOTALS);
  const unlike = db.prepare<[], UnlikeTotal>(
    `SELECT c.device, c.number, coalesce(t.units, 0) AS units, coalesce(t.micros, 0) AS micros, settled_units AS settledUnits, settled_micros AS settledMicros
     FROM channels c LEFT JOIN (${TOTALS}) t ON t.device = c.device AND t.number = c.number
     WHERE settled_units <> coalesce(t.units, 0) OR settled_micros <> coalesce(t.micros, 0) ORDER BY c.device, c.number`,
  );
  return {
    isQuiet: () => waiting.get() === undefined,
    find: (id) => find.all(id).map(batchOf)[0],
    underWay: () => underWay.all().map(headOf)[0],
    finished: () => finished.all().map(headOf),
    isSettled: (id) => unsettledLine.get(id) === undefined,
    head: (id) => find.all(id).map(headOf)[0],
    heads: (limit) => heads.all(limit).map(headOf),
    newest: (limit) => newest.all(limit).map(batchOf),
    settledTotals: () => totals.all(),
    unlikeTotals: () => unlike.all(),
  };
}
