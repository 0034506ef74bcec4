// The lines of settlement batches in the database: what is due, and written once. In: channels as they stand, or lines that were planned. Out: lines of a batch, hashed as they are written. What
// is written is what is hashed: where all that is due goes into a batch, one statement does both, and no line is held.

import type { Database, Statement } from 'better-sqlite3';
import type { AccountId, DeviceId } from '../shared/identity.ts';
import type { ChannelNumber } from '../shared/units.ts';
import type { BatchLine } from './batch.ts';
import type { BatchTree, BatchTreeBuilder } from './batch-tree.ts';
import { bytesOfHex } from './blob.ts';

/** Asked for every line that is due, once and in order. */
type Choice = (line: BatchLine) => boolean;

export interface LineRows {
  /** A batch with these lines. */
  prepare(id: string, lines: readonly BatchLine[], nowSeconds: number): void;
  /** All that is claimed and due, or what of it is chosen, as a batch, line by line through the tree; `undefined` when that is nothing. The choice may not read the database. */
  prepareDue(tree: BatchTreeBuilder, nowSeconds: number, isIn?: Choice): BatchTree | undefined;
  /**
   * What channels have claimed, or will once all is claimed, beyond their lines in batches; in the books' order. Read each time it is gone through, and never held: nothing may be written meanwhile, and only
   * within one moment of the store does it stay the same.
   */
  due(upTo: 'claimed' | 'accepted'): Iterable<BatchLine>;
}

interface RawLine extends Omit<BatchLine, 'payer' | 'payee'> {
  payer: string;
  payee: string;
}

export function lineRows(db: Database): LineRows {
  const next = db.prepare<[], number>('SELECT coalesce(max(sequence), 0) + 1 FROM batches').pluck();
  const addBatch = db.prepare(`INSERT INTO batches (batch, sequence, state, prepared_at_seconds) VALUES (?, ?, 'prepared', ?)`);
  const addLine = db.prepare(`${INTO} VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  const writeDue = dueWriter(db);
  const nextSequence = (): number => next.get() as number;
  return {
    prepare(id, lines, nowSeconds) {
      const sequence = nextSequence();
      addBatch.run(id, sequence, nowSeconds);
      lines.forEach((line, at) => {
        const { device, number, fromUnits, toUnits, fromMicros, toMicros } = line;
        addLine.run(sequence, at, device, number, fromUnits, toUnits, fromMicros, toMicros);
      });
    },
    prepareDue(builder, nowSeconds, isIn) {
      const sequence = nextSequence();
      if (writeDue(sequence, builder, isIn) === 0) return undefined;
      const tree = builder.finish();
      addBatch.run(tree.id, sequence, nowSeconds);
      return tree;
    },
    due: dueReader(db),
  };
}

function lineOf(raw: RawLine): BatchLine {
  return { ...raw, payer: bytesOfHex(raw.payer) as AccountId, payee: bytesOfHex(raw.payee) as AccountId };
}

/** Lines are read so many at a time: other statements may run in between. */
const PAGE_LINES = 4096;

/** Answers the lines of a batch, to be gone through as often as wanted, and never held at once. */
export function linesReader(db: Database): (batch: string) => Iterable<BatchLine> {
  const page = db.prepare<[string, number, number], RawLine>(
    `SELECT device, number, payer, payee, currency, from_units AS fromUnits, to_units AS toUnits, from_micros AS fromMicros, to_micros AS toMicros
     FROM lines WHERE batch = ? AND line >= ? ORDER BY line LIMIT ?`,
  );
  return (batch) => ({
    *[Symbol.iterator]() {
      for (let at = 0; ; at += PAGE_LINES) {
        const found = page.all(batch, at, PAGE_LINES);
        for (const raw of found) yield lineOf(raw);
        if (found.length < PAGE_LINES) return;
      }
    },
  });
}

const INTO = 'INSERT INTO batch_lines (batch, line, device, number, from_units, to_units, from_micros, to_micros)';

/** Lines of batches that are not settled yet stand between what a channel has settled and what is due. */
const dueSql = (units: string, micros: string): string => `
  SELECT c.device, c.number, c.payer, c.payee, t.currency, max(coalesce(o.to_units, 0), c.settled_units) AS fromUnits, c.${units} AS toUnits,
    max(coalesce(o.to_micros, 0), c.settled_micros) AS fromMicros, c.${micros} AS toMicros
  FROM channels c JOIN tariffs t USING (tariff)
  LEFT JOIN (SELECT device, number, max(to_units) AS to_units, max(to_micros) AS to_micros
    FROM batches b JOIN batch_lines l ON l.batch = b.sequence WHERE state <> 'settled' GROUP BY device, number) o ON o.device = c.device AND o.number = c.number
  WHERE c.settled_units < c.${units} AND max(coalesce(o.to_units, 0), c.settled_units) < c.${units}
  ORDER BY c.device, c.number`;

/** While no batch waits for payouts every channel's next line begins where it is settled, and no line has to be looked up. */
const DUE_AT_REST = `
  SELECT c.device, c.number, c.payer, c.payee, t.currency, c.settled_units AS fromUnits, c.claimed_units AS toUnits,
    c.settled_micros AS fromMicros, c.claimed_micros AS toMicros
  FROM channels c JOIN tariffs t USING (tariff) WHERE c.settled_units < c.claimed_units ORDER BY c.device, c.number`;

function dueReader(db: Database): LineRows['due'] {
  const due: Record<'claimed' | 'accepted', Statement<[], RawLine>> = {
    claimed: db.prepare(dueSql('claimed_units', 'claimed_micros')),
    accepted: db.prepare(dueSql('accepted_units', 'charged_micros')),
  };
  return (upTo) => ({
    *[Symbol.iterator]() {
      for (const raw of due[upTo].iterate()) yield lineOf(raw);
    },
  });
}

/**
 * All that is claimed and due, or what of it is chosen, as lines of the batch of that number; how many. A line's place is the one that the tree gives it, and one that is not chosen has none. The limits, which
 * are none, keep SQLite from merging the queries: rows are in order before the function sees them, whichever way they are found, and it sees each once.
 */
function dueWriter(db: Database): (sequence: number, builder: BatchTreeBuilder, isIn?: Choice) => number {
  const open = db.prepare<[], number>(`SELECT 1 FROM batches WHERE state <> 'settled' LIMIT 1`).pluck();
  const lend = lendPlaces(db);
  const fill = (due: string): Statement<[number]> => db.prepare(`${INTO} SELECT ?, ${PLACED} FROM (${due} LIMIT -1)`);
  const fillChosen = db.prepare<[number]>(
    `${INTO} SELECT ?, place, device, number, fromUnits, toUnits, fromMicros, toMicros
     FROM (SELECT ${PLACED} FROM (${dueSql('claimed_units', 'claimed_micros')} LIMIT -1) LIMIT -1) WHERE place IS NOT NULL`,
  );
  const [fillAtRest, fillBesideOpen] = [fill(DUE_AT_REST), fill(dueSql('claimed_units', 'claimed_micros'))];
  const fillAll = (): Statement<[number]> => (open.get() === undefined ? fillAtRest : fillBesideOpen);
  return (sequence, builder, isIn) =>
    lend(builder, isIn, () => (isIn === undefined ? fillAll() : fillChosen).run(sequence).changes);
}

const PLACED = `place_in_tree(device, number, payer, payee, currency, fromUnits, toUnits, fromMicros, toMicros) AS place,
  device, number, fromUnits, toUnits, fromMicros, toMicros`;

/** Lends the database a function that puts a row into a tree and answers its place: a third of the price of fetching the row. */
function lendPlaces(db: Database): <T>(builder: BatchTreeBuilder, isIn: Choice | undefined, write: () => T) => T {
  const [payerOf, payeeOf] = [accountReader(), accountReader()];
  let lent: ((line: BatchLine) => number | null) | undefined;
  db.function(
    'place_in_tree',
    { directOnly: true },
    (
      device: DeviceId,
      number: ChannelNumber,
      payer: string,
      payee: string,
      currency: string,
      fromUnits: number,
      toUnits: number,
      fromMicros: number,
      toMicros: number,
    ) => {
      if (lent === undefined) throw new Error('expected a tree to put lines into, got none');
      return lent({
        device,
        number,
        payer: payerOf(payer),
        payee: payeeOf(payee),
        currency,
        fromUnits,
        toUnits,
        fromMicros,
        toMicros,
      });
    },
  );
  return (builder, isIn, write) => {
    lent = isIn === undefined ? (line) => builder.add(line) : (line) => (isIn(line) ? builder.add(line) : null);
    try {
      return write();
    } finally {
      lent = undefined;
    }
  };
}

/** Lines of one account come one after the other more often than not: then its id is not decoded again. */
function accountReader(): (hex: string) => AccountId {
  let [last, account] = ['', '' as AccountId];
  return (hex) => {
    if (hex !== last) account = bytesOfHex(hex) as AccountId;
    last = hex;
    return account;
  };
}
