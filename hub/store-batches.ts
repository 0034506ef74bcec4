// Settlement batches in the database: their lines, written once, and their state, which only goes forward. In: batches. Out: batches. That at most one
// is under way is the schema's rule, so two processes cannot settle the same claim.

import type { Database, Statement } from 'better-sqlite3';
import type { AccountId, DeviceId } from '../shared/identity.ts';
import type { ChannelNumber } from '../shared/units.ts';
import { bytesOfHex, hexOf } from './blob.ts';
import type { Batch, BatchLine, BatchState } from './batch.ts';
import { LOST } from './store-payouts.ts';

export interface BatchRows {
  prepare(id: string, lines: readonly BatchLine[], nowSeconds: number): void;
  move(id: string, from: BatchState, to: BatchState): void;
  find(id: string): Batch | undefined;
  /** What channels have claimed, or will once all is claimed, beyond their lines in batches; in the books' order. */
  due(upTo: 'claimed' | 'accepted'): BatchLine[];
  /** All that is claimed and due, a page at a time: a million lines are never held at once. */
  dueInPages(): IterableIterator<readonly BatchLine[]>;
  /** The same as the lines of a batch, within the database; how many. */
  prepareDue(id: string, nowSeconds: number): number;
  /** Nothing is due, or lost on its way. */
  isQuiet(): boolean;
  /** The batch that is prepared and not yet sent. */
  underWay(): Batch | undefined;
  /** Sent, with no payout left to wait for: such as could be settled now. */
  finished(): Batch[];
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
  /** The batches that have a settled line of this channel, in the order of its units. */
  settledWith(device: DeviceId, number: ChannelNumber): Batch[];
}

export type BatchHead = Omit<Batch, 'lines'>;

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
  const rows = { ...writeRows(db), ...readRows(db, batchOf) };
  return { ...rows, ...pagedRows(db, rows) };
}

function headOf(raw: RawBatch | undefined): BatchHead | undefined {
  return raw === undefined ? undefined : { id: raw.batch, state: raw.state, preparedAtSeconds: raw.prepared_at_seconds };
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

/** A line's money has moved: its batch was cleared, and neither its payee's nor its payer's payout still waits. */
export const LINE_MOVED = `
  (SELECT state FROM batches b WHERE b.batch = l.batch) <> 'prepared'
  AND NOT EXISTS (SELECT 1 FROM payouts p WHERE p.batch = l.batch AND p.direction = 'pay' AND p.account = l.payee AND p.currency = l.currency
    AND NOT EXISTS (SELECT 1 FROM payouts_moved m WHERE m.payout = p.payout))
  AND NOT EXISTS (SELECT 1 FROM payouts p WHERE p.batch = l.batch AND p.direction = 'collect' AND p.account = l.payer AND p.currency = l.currency
    AND NOT EXISTS (SELECT 1 FROM payouts_moved m WHERE m.payout = p.payout))`;

function readRows(
  db: Database,
  batchOf: (raw: RawBatch) => Batch,
): Omit<BatchRows, 'prepare' | 'move' | 'dueInPages' | 'prepareDue'> {
  const columns = 'SELECT batch, state, prepared_at_seconds FROM batches';
  const find = db.prepare<[string], RawBatch>(`${columns} WHERE batch = ?`);
  const underWay = db.prepare<[], RawBatch>(`${columns} WHERE state = 'prepared'`);
  const finished = db.prepare<[], RawBatch>(
    `${columns} WHERE state = 'sent' AND NOT EXISTS (SELECT 1 FROM payouts p WHERE p.batch = batches.batch
       AND NOT EXISTS (SELECT 1 FROM payouts_moved m WHERE m.payout = p.payout)) ORDER BY sequence`,
  );
  const unsettledLine = db.prepare<[string], { one: number }>(
    `SELECT 1 AS one FROM batch_lines l JOIN channels c USING (device, number) WHERE l.batch = ? AND c.settled_units < l.to_units LIMIT 1`,
  );
  const waiting = db.prepare<[], { one: number }>(
    `SELECT 1 AS one FROM (SELECT 1 FROM channels WHERE claimed_units < accepted_units LIMIT 1)
     UNION ALL SELECT 1 FROM (SELECT 1 FROM channels WHERE settled_units < claimed_units LIMIT 1)
     UNION ALL SELECT 1 FROM (SELECT 1 FROM payouts p WHERE ${LOST} LIMIT 1)`,
  );
  const newest = db.prepare<[number], RawBatch>(`${columns} ORDER BY sequence DESC LIMIT ?`);
  const heads = db.prepare<[number], RawBatch>(
    `${columns} WHERE state <> 'settled' OR sequence > (SELECT coalesce(max(sequence), 0) FROM batches) - ? ORDER BY sequence DESC`,
  );
  const settledWith = db.prepare<[string, number], RawBatch>(
    `${columns} JOIN batch_lines l USING (batch) JOIN channels c USING (device, number)
     WHERE device = ? AND number = ? AND l.to_units <= c.settled_units ORDER BY from_units`,
  );
  const totals = db.prepare<[], ChannelTotal>(
    `SELECT l.device, l.number, sum(to_units - from_units) AS units, sum(to_micros - from_micros) AS micros
     FROM batch_lines l JOIN channels c USING (device, number) WHERE l.to_units <= c.settled_units AND ${LINE_MOVED} GROUP BY l.device, l.number`,
  );
  const one = (raw: RawBatch | undefined): Batch | undefined => (raw === undefined ? undefined : batchOf(raw));
  return {
    due: dueIn(db),
    isQuiet: () => waiting.get() === undefined,
    find: (id) => one(find.get(id)),
    underWay: () => one(underWay.get()),
    finished: () => finished.all().map(batchOf),
    isSettled: (id) => unsettledLine.get(id) === undefined,
    head: (id) => headOf(find.get(id)),
    heads: (limit) => heads.all(limit).map((raw) => headOf(raw) as BatchHead),
    newest: (limit) => newest.all(limit).map(batchOf),
    settledTotals: () => totals.all(),
    settledWith: (device, number) => settledWith.all(device, number).map(batchOf),
  };
}

/** Lines of batches that are not settled yet stand between what a channel has settled and what is due. */
function dueIn(db: Database): BatchRows['due'] {
  const dueUpTo = (units: string, micros: string): Statement<[], RawLine> =>
    db.prepare(
      `SELECT c.device, c.number, c.payer, c.payee, t.currency, max(coalesce(o.to_units, 0), c.settled_units) AS fromUnits, c.${units} AS toUnits,
         max(coalesce(o.to_micros, 0), c.settled_micros) AS fromMicros, c.${micros} AS toMicros
       FROM channels c JOIN tariffs t USING (tariff)
       LEFT JOIN (SELECT device, number, max(to_units) AS to_units, max(to_micros) AS to_micros
         FROM batches JOIN batch_lines USING (batch) WHERE state <> 'settled' GROUP BY device, number) o ON o.device = c.device AND o.number = c.number
       WHERE c.settled_units < c.${units} AND max(coalesce(o.to_units, 0), c.settled_units) < c.${units}
       ORDER BY c.device, c.number`,
    );
  const due = { claimed: dueUpTo('claimed_units', 'claimed_micros'), accepted: dueUpTo('accepted_units', 'charged_micros') };
  return (upTo) => due[upTo].all().map(lineOf);
}

/** What is due while no batch waits for payouts: then every channel's next line begins where it is settled, and no line has to be looked up. */
const DUE_AT_REST = `FROM channels c JOIN tariffs t USING (tariff) WHERE c.settled_units < c.claimed_units`;
const LINE =
  'c.device, c.number, c.payer, c.payee, t.currency, c.settled_units, c.claimed_units, c.settled_micros, c.claimed_micros';
const PAGE_LINES = 4096;

type RowOfLine = [string, number, string, string, string, number, number, number, number];

function pagedRows(db: Database, rows: Pick<BatchRows, 'due' | 'prepare'>): Pick<BatchRows, 'dueInPages' | 'prepareDue'> {
  const open = db.prepare<[], { one: number }>(`SELECT 1 AS one FROM batches WHERE state <> 'settled' LIMIT 1`);
  const page = db
    .prepare<[string, number, number], RowOfLine>(
      `SELECT ${LINE} ${DUE_AT_REST} AND (c.device, c.number) > (?, ?) ORDER BY c.device, c.number LIMIT ?`,
    )
    .raw();
  const fill = db.prepare(
    `INSERT INTO batch_lines (batch, line, device, number, payer, payee, currency, from_units, to_units, from_micros, to_micros)
     SELECT ?, row_number() OVER (ORDER BY c.device, c.number) - 1, ${LINE} ${DUE_AT_REST} ORDER BY c.device, c.number`,
  );
  const accounts = accountReader();
  return {
    *dueInPages() {
      if (open.get() !== undefined) {
        yield rows.due('claimed');
        return;
      }
      let after: readonly [string, number] = ['', 0];
      for (;;) {
        const found = page.all(...after, PAGE_LINES);
        yield found.map((row) => lineOfRow(row, accounts));
        const last = found.at(-1);
        if (last === undefined || found.length < PAGE_LINES) return;
        after = [last[0], last[1]];
      }
    },
    prepareDue(id, nowSeconds) {
      const lines = open.get() === undefined ? undefined : rows.due('claimed');
      rows.prepare(id, lines ?? [], nowSeconds);
      return lines?.length ?? fill.run(id).changes;
    },
  };
}

function lineOfRow(row: RowOfLine, accountOf: (hex: string) => AccountId): BatchLine {
  return {
    device: row[0] as DeviceId,
    number: row[1] as ChannelNumber,
    payer: accountOf(row[2]),
    payee: accountOf(row[3]),
    currency: row[4],
    fromUnits: row[5],
    toUnits: row[6],
    fromMicros: row[7],
    toMicros: row[8],
  };
}

/** Accounts are few beside lines: each is decoded once. */
function accountReader(): (hex: string) => AccountId {
  const known = new Map<string, AccountId>();
  return (hex) => {
    const account = known.get(hex) ?? (bytesOfHex(hex) as AccountId);
    known.set(hex, account);
    return account;
  };
}
