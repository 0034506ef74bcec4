// Settlement batches in the database: their lines, written once, and their state, which only goes forward. In: batches. Out: batches. That at most one
// is under way is the schema's rule, so two processes cannot settle the same claim.

import type { Database } from 'better-sqlite3';
import type { AccountId, DeviceId } from '../shared/identity.ts';
import type { ChannelNumber } from '../shared/units.ts';
import { bytesOfHex, hexOf } from './blob.ts';
import type { Batch, BatchLine, BatchState } from './batch.ts';

export interface BatchRows {
  prepare(id: string, lines: readonly BatchLine[], nowSeconds: number): void;
  move(id: string, from: BatchState, to: BatchState): void;
  find(id: string): Batch | undefined;
  /** The batch that is prepared or sent and not yet settled. */
  underWay(): Batch | undefined;
  /** The newest first. */
  newest(limit: number): Batch[];
  /** What settled batches sum to, per channel. */
  settledTotals(): ChannelTotal[];
  /** The settled batches that have a line of this channel, in the order of its units. */
  settledWith(device: DeviceId, number: ChannelNumber): Batch[];
}

export interface ChannelTotal {
  readonly device: DeviceId;
  readonly number: ChannelNumber;
  readonly units: number;
  readonly micros: number;
}

/** Settled batches never change, so the newest are kept at hand. */
const BATCHES_HELD = 1000;

interface RawBatch {
  batch: string;
  state: BatchState;
  prepared_at_seconds: number;
}

interface RawLine extends Omit<BatchLine, 'payer' | 'payee'> {
  payer: string;
  payee: string;
}

export function batchRows(db: Database): BatchRows {
  const lines = db.prepare<[string], RawLine>(
    `SELECT device, number, payer, payee, currency, from_units AS fromUnits, to_units AS toUnits,
       from_micros AS fromMicros, to_micros AS toMicros FROM batch_lines WHERE batch = ? ORDER BY line`,
  );
  const held = new Map<string, Batch>();
  const batchOf = (raw: RawBatch): Batch => {
    const known = held.get(raw.batch);
    if (known !== undefined) return known;
    const { batch: id, state, prepared_at_seconds: preparedAtSeconds } = raw;
    const batch = { id, state, preparedAtSeconds, lines: lines.all(id).map(lineOf) };
    if (state === 'settled') held.set(id, batch);
    const [oldest] = held.keys();
    if (held.size > BATCHES_HELD && oldest !== undefined) held.delete(oldest);
    return batch;
  };
  return { ...writeRows(db), ...readRows(db, batchOf) };
}

function lineOf(raw: RawLine): BatchLine {
  return { ...raw, payer: bytesOfHex(raw.payer) as AccountId, payee: bytesOfHex(raw.payee) as AccountId };
}

function writeRows(db: Database): Pick<BatchRows, 'prepare' | 'move'> {
  const addBatch = db.prepare(
    `INSERT INTO batches (batch, sequence, state, prepared_at_seconds)
     SELECT ?, coalesce(max(sequence), 0) + 1, 'prepared', ? FROM batches`,
  );
  const addLine = db.prepare(
    `INSERT INTO batch_lines (batch, line, device, number, payer, payee, currency, from_units, to_units, from_micros, to_micros)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const move = db.prepare('UPDATE batches SET state = ? WHERE batch = ? AND state = ?');
  return {
    prepare(id, lines, nowSeconds) {
      addBatch.run(id, nowSeconds);
      lines.forEach((line, at) => {
        const parties = [hexOf(line.payer), hexOf(line.payee), line.currency];
        addLine.run(id, at, line.device, line.number, ...parties, line.fromUnits, line.toUnits, line.fromMicros, line.toMicros);
      });
    },
    move(id, from, to) {
      const { changes } = move.run(to, id, from);
      if (changes !== 1) throw new Error(`expected batch ${id} to be ${from}, found it is not`);
    },
  };
}

function readRows(db: Database, batchOf: (raw: RawBatch) => Batch): Omit<BatchRows, 'prepare' | 'move'> {
  const columns = 'SELECT batch, state, prepared_at_seconds FROM batches';
  const find = db.prepare<[string], RawBatch>(`${columns} WHERE batch = ?`);
  const underWay = db.prepare<[], RawBatch>(`${columns} WHERE state <> 'settled'`);
  const newest = db.prepare<[number], RawBatch>(`${columns} ORDER BY sequence DESC LIMIT ?`);
  const settledWith = db.prepare<[string, number], RawBatch>(
    `${columns} JOIN batch_lines USING (batch) WHERE state = 'settled' AND device = ? AND number = ? ORDER BY from_units`,
  );
  const totals = db.prepare<[], ChannelTotal>(
    `SELECT device, number, sum(to_units - from_units) AS units, sum(to_micros - from_micros) AS micros
     FROM batch_lines JOIN batches USING (batch) WHERE state = 'settled' GROUP BY device, number`,
  );
  const one = (raw: RawBatch | undefined): Batch | undefined => (raw === undefined ? undefined : batchOf(raw));
  return {
    find: (id) => one(find.get(id)),
    underWay: () => one(underWay.get()),
    newest: (limit) => newest.all(limit).map(batchOf),
    settledTotals: () => totals.all(),
    settledWith: (device, number) => settledWith.all(device, number).map(batchOf),
  };
}
