// The database's tables as they stand, for the audit: cells, not nouns, because an audit must be able to read what no room would believe. In: a database. Out: rows in the order of their keys,
// and what SQLite itself says of its file. It must never change anything.

import Database from 'better-sqlite3';
import type { Bytes } from '../shared/bytes.ts';
import { bytesOf } from './blob.ts';
import { lendChainedHash } from './chain-earlier.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Cell } from './record.ts';
import type { RecordedTable } from './store-records.ts';
import { LINE_MOVED } from './store-batches.ts';
import { recordedTables } from './store-records.ts';
import { WALLETS_THAT_DIFFER } from './schema-wallets.ts';

export type RawRow = Readonly<Record<string, Cell>>;

/** What the audit reads, each in an order in which it can be checked as it comes. */
const READS = {
  records: '* FROM records ORDER BY record',
  salts: 'of_table, of_key FROM record_salts ORDER BY of_table, of_key',
  hub: '* FROM hub',
  accounts: '* FROM accounts ORDER BY account',
  tariffs: '* FROM tariffs ORDER BY tariff',
  devices: '* FROM devices ORDER BY device',
  channels: `c.*, m.payload, m.signature, m.opened_at_seconds, d.public_key, t.bytes FROM channels AS c
    LEFT JOIN commitments AS m ON m.device = c.device AND m.number = c.number LEFT JOIN devices AS d ON d.device = c.device
    LEFT JOIN tariffs AS t ON t.tariff = c.tariff ORDER BY c.device, c.number`,
  unopened: `device, number FROM commitments AS m
    WHERE NOT EXISTS (SELECT 1 FROM channels AS c WHERE c.device = m.device AND c.number = m.number) ORDER BY device, number`,
  entries: '* FROM entries ORDER BY entry',
  postings: '* FROM postings ORDER BY entry, line',
  batches: '* FROM batches ORDER BY sequence',
  linesByChannel: `l.*, (${LINE_MOVED}) AS moved FROM lines AS l ORDER BY l.device, l.number, l.from_units`,
  wallets: WALLETS_THAT_DIFFER,
  days: '* FROM claim_days ORDER BY device, number, day',
  claims: `p.account, p.currency, sum(p.amount_micros) AS micros FROM postings AS p JOIN entries AS e ON e.entry = p.entry
    WHERE e.kind = 'claim' GROUP BY p.account, p.currency ORDER BY p.account, p.currency`,
  totals: `t.currency, sum(c.charged_micros) AS chargedMicros, sum(c.claimed_micros) AS claimedMicros, sum(c.settled_micros) AS settledMicros
    FROM channels AS c JOIN tariffs AS t ON t.tariff = c.tariff GROUP BY t.currency ORDER BY t.currency`,
  lastBatch: 'sequence, batch AS id FROM batches ORDER BY sequence DESC LIMIT 1',
  orphanLines: 'batch, line FROM batch_lines WHERE batch NOT IN (SELECT sequence FROM batches) ORDER BY batch, line',
} as const;

/** The same of one key. */
const READS_OF = {
  linesOf: '* FROM lines WHERE batch = ? ORDER BY line',
  payoutsOf: `p.*, (SELECT entry FROM entries WHERE key = CASE p.direction WHEN 'pay' THEN 'payout:' ELSE 'collection:' END || p.payout) AS movement,
    (SELECT entry FROM entries WHERE key = 'reversal:' || p.payout) AS reversal FROM payouts AS p WHERE p.batch = ? ORDER BY p.sequence`,
  carriedBy: `c.payout FROM payouts AS i JOIN payout_carries AS c ON c.carried_into = i.payout JOIN payouts AS o ON o.payout = c.payout
    WHERE i.batch = ? ORDER BY i.sequence, o.sequence`,
  /** What the batch's entry takes off the accounts that owed it. */
  clearedBy: `p.currency, sum(p.amount_micros) AS micros FROM entries AS e JOIN postings AS p ON p.entry = e.entry
    WHERE e.key = 'settlement:' || ? AND p.amount_micros > 0 GROUP BY p.currency ORDER BY p.currency`,
  sequenceOf: 'sequence FROM batches WHERE batch = ?',
  headOf: '* FROM tree_heads WHERE batch = ?',
  /** By `device/number`. */
  segmentsOf: `s.element, s.to_units AS toUnits, s.from_seconds AS fromSeconds, s.until_seconds AS untilSeconds, s.chosen FROM segments AS s JOIN (SELECT ? AS key)
    ON s.device = substr(key, 1, 11) AND s.number = CAST(substr(key, 13) AS INTEGER) ORDER BY s.sequence`,
} as const;

export type TableRead = keyof typeof READS;
export type TableReadOf = keyof typeof READS_OF;

/** A row as its record covers it. */
export interface RecordedRow {
  readonly key: string;
  readonly salt: Buffer | null;
  readonly cells: readonly Cell[];
}

export interface TableRows {
  /** Of the database, in alphabetical order; with their columns. */
  tables(): ReadonlyMap<string, readonly string[]>;
  count(table: string): number;
  each<Row extends RawRow>(read: TableRead): IterableIterator<Row>;
  of<Row extends RawRow>(read: TableReadOf, key: string): IterableIterator<Row>;
  hashOfEntry(entry: number): Bytes | undefined;
  postingsOf<Row extends RawRow>(entry: number): Row[];
  sealedAt(record: number): Buffer | undefined;
  recordedTables(): readonly string[];
  recorded(table: string): IterableIterator<RecordedRow>;
  /** Tables, indexes and triggers by name, as they were made. */
  schema(): ReadonlyMap<string, string>;
  /** What `schema` is in a database that only this program has made. */
  expectedSchema(): ReadonlyMap<string, string>;
  /** What SQLite finds wrong with the file and the constraints; empty when nothing is. */
  integrity(): string[];
  /** Rows that refer to rows that are not there: table and what it refers to. */
  orphans(): { readonly table: string; readonly key: string; readonly parent: string }[];
}

export function tableRows(db: Database.Database): TableRows {
  return { ...cellRows(db), ...fileRows(db) };
}

function cellRows(
  db: Database.Database,
): Pick<
  TableRows,
  'tables' | 'count' | 'each' | 'of' | 'hashOfEntry' | 'postingsOf' | 'sealedAt' | 'recordedTables' | 'recorded'
> {
  let known: RecordedTable[] | undefined;
  const recorded = (): RecordedTable[] => (known ??= recordedTables(db));
  let sealedAt: Database.Statement<[number], Buffer> | undefined;
  return {
    tables: () => tablesOf(db),
    count: (table) => db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0,
    each: <Row extends RawRow>(read: TableRead) => db.prepare<[], Row>(`SELECT ${READS[read]}`).iterate(),
    of: <Row extends RawRow>(read: TableReadOf, key: string) =>
      db.prepare<[string], Row>(`SELECT ${READS_OF[read]}`).iterate(key),
    hashOfEntry(entry) {
      const hash = db.prepare<[number], Buffer>('SELECT hash FROM entries WHERE entry = ?').pluck().get(entry);
      return hash === undefined ? undefined : bytesOf(hash);
    },
    postingsOf: <Row extends RawRow>(entry: number) =>
      db.prepare<[number], Row>('SELECT * FROM postings WHERE entry = ? ORDER BY line').all(entry),
    sealedAt: (record) =>
      (sealedAt ??= db.prepare<[number], Buffer>('SELECT sealed FROM records WHERE record = ?').pluck()).get(record),
    recordedTables: () => recorded().map(({ table }) => table),
    *recorded(table) {
      const found = recorded().find((one) => one.table === table);
      if (found === undefined) throw new Error(`the rows of ${table} are not recorded`);
      const { keySql, saltSql, cellsSql } = found;
      const rows = db.prepare<[], [string, Buffer | null, ...Cell[]]>(
        `SELECT ${keySql('r')}, ${saltSql('r')}, ${cellsSql('r')} FROM ${table} AS r`,
      );
      for (const [key, salt, ...cells] of rows.raw().iterate()) yield { key, salt, cells };
    },
  };
}

function tablesOf(db: Database.Database): Map<string, string[]> {
  const names = db
    .prepare<[], string>(
      `SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name`,
    )
    .pluck()
    .all();
  const columns = db.prepare<[string], string>(`SELECT name FROM pragma_table_info(?, 'main')`).pluck();
  return new Map(names.map((name) => [name, columns.all(name)]));
}

function schemaOf(db: Database.Database): Map<string, string> {
  const rows = db.prepare<[], { name: string; sql: string }>(
    `SELECT name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL ORDER BY name`,
  );
  return new Map(rows.all().map(({ name, sql }) => [name, sql]));
}

/** The same for every database: made once. */
let expected: ReadonlyMap<string, string> | undefined;

function makeExpectedSchema(): Map<string, string> {
  const db = new Database(':memory:');
  try {
    lendChainedHash(db);
    for (const sql of MIGRATIONS) db.exec(sql);
    return schemaOf(db);
  } finally {
    db.close();
  }
}

function fileRows(db: Database.Database): Pick<TableRows, 'schema' | 'expectedSchema' | 'integrity' | 'orphans'> {
  return {
    schema: () => schemaOf(db),
    expectedSchema: () => (expected ??= makeExpectedSchema()),
    integrity() {
      const found = db.prepare<[], string>('PRAGMA main.integrity_check(20)').pluck().all();
      return found.length === 1 && found[0] === 'ok' ? [] : found;
    },
    orphans() {
      const found = db
        .prepare<[], { table: string; rowid: number | null; parent: string }>('PRAGMA main.foreign_key_check')
        .all();
      return found.map(({ table, rowid, parent }) => ({ table, key: rowid === null ? '' : String(rowid), parent }));
    },
  };
}
