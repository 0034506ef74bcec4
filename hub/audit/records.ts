// Records against rows: the chain of records is whole, the last record of each row is of the row as it stands, and no row is there or gone without a record. In: the tables. Out: faults. What
// nothing signs is guarded by this alone.

import { digestIn, rowDigest, SEALED_BYTES, sealedOf } from '../record.ts';
import type { RawRow } from '../store-tables.ts';
import type { Fault, Faults, Ground } from './fault.ts';

/** By table and key: the number of the row's last record, below zero when that says that the row was deleted. */
type LastRecords = Map<string, Map<string, number>>;

export function* faultsOfRecords(ground: Ground): Faults {
  const last: LastRecords = new Map();
  yield* faultsOfChain(ground, last);
  const recorded = ground.tables.recordedTables();
  for (const table of recorded) yield* faultsOfTable(ground, table, last.get(table) ?? new Map<string, number>());
  yield* faultsOfSalts(ground, last);
  for (const table of last.keys())
    if (!recorded.includes(table))
      yield { table, row: '', what: 'there are records of its rows, and no such table whose rows are recorded' };
}

interface RawRecord extends RawRow {
  readonly record: number;
  readonly of_table: string;
  readonly of_key: string;
  readonly sealed: Buffer;
}

function* faultsOfChain({ tables, counted }: Ground, last: LastRecords): Faults {
  let before: Buffer | undefined;
  let expected = 1;
  for (const row of tables.each<RawRecord>('records')) {
    const { record, of_table: table, of_key: key, sealed } = row;
    const digest = digestIn(sealed);
    if (record !== expected) yield { table: 'records', row: String(record), what: `expected record ${expected} next` };
    if (!sealedOf(before, table, key, digest).equals(sealed))
      yield {
        table: 'records',
        row: String(record),
        what: `its hash does not cover it and the record before (it is of ${table} ${key})`,
      };
    let rows = last.get(table);
    if (rows === undefined) last.set(table, (rows = new Map<string, number>()));
    rows.set(key, digest === undefined ? -record : record);
    before = sealed;
    expected = record + 1;
    counted('records', 1);
  }
}

function* faultsOfTable({ tables, counted }: Ground, table: string, last: Map<string, number>): Faults {
  const seen = new Set<string>();
  for (const { key, salt, cells } of tables.recorded(table)) {
    counted('rows against their records', 1);
    seen.add(key);
    const record = last.get(key) ?? 0;
    if (record <= 0) {
      yield {
        table,
        row: key,
        what: record === 0 ? 'no record says that it was ever written' : `record ${-record} says that it was deleted`,
      };
      continue;
    }
    const digest = digestIn(tables.sealedAt(record) ?? Buffer.alloc(SEALED_BYTES));
    if (digest?.equals(rowDigest(table, salt, cells)) !== true)
      yield { table, row: key, what: `it is not what record ${record} says was written` };
  }
  for (const [key, record] of last)
    if (record > 0 && !seen.has(key))
      yield { table, row: key, what: `record ${record} says that it was written, and it is gone` };
}

/** A salt stands for a row; one of no row would keep what is erased open to guessing. */
function* faultsOfSalts({ tables }: Ground, last: LastRecords): Faults {
  for (const { of_table: table, of_key: key } of tables.each('salts')) {
    if ((last.get(String(table))?.get(String(key)) ?? 0) > 0) continue;
    yield saltFault(String(table), String(key));
  }
}

function saltFault(table: string, key: string): Fault {
  return { table: 'record_salts', row: `${table}/${key}`, what: 'it is the salt of a row that is not there' };
}
