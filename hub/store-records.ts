// The keeper of records: triggers of each connection that may write, so that no room needs to think of it, and whoever writes with another program leaves rows without a record. In: a database.
// Out: a record for every write of a row that coverage.ts wants recorded, in the same transaction. The triggers are the connection's own (TEMP): they may call this program's
// functions, which the database's may not.

import { randomBytes } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { besideOf, COVERAGE, isPersonal, recordedColumns } from './coverage.ts';
import type { Cell } from './record.ts';
import { rowDigest, sealedOf } from './record.ts';

/** A table whose rows are recorded: what names a row, and what its digest covers, as SQL over the row that goes by an alias. */
export interface RecordedTable {
  readonly table: string;
  readonly columns: readonly string[];
  readonly keySql: (alias: string) => string;
  readonly cellsSql: (alias: string) => string;
  /** `NULL` for a table without personal data. */
  readonly saltSql: (alias: string) => string;
}

const SALT_BYTES = 16;

interface ColumnInfo {
  name: string;
  type: string;
  pk: number;
}

/** Those that the database has, in the order of the list. */
export function recordedTables(db: Database): RecordedTable[] {
  const columnsOf = db.prepare<[string], ColumnInfo>(`SELECT name, type, pk FROM pragma_table_info(?, 'main')`);
  return Object.keys(COVERAGE).flatMap((table) => {
    const info = columnsOf.all(table);
    const columns = recordedColumns(
      table,
      info.map(({ name }) => name),
    );
    return info.length === 0 || columns.length === 0 ? [] : [recordedTable(table, columns, keyOf(table, info))];
  });
}

function keyOf(table: string, info: readonly ColumnInfo[]): (alias: string) => string {
  const primary = info.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  if (primary.length === 0) throw new Error(`expected a primary key on the recorded table ${table}, found none`);
  return (alias) =>
    primary
      .map(({ name, type }) => (type === 'BLOB' ? `hex(${alias}."${name}")` : `CAST(${alias}."${name}" AS TEXT)`))
      .join(` || '/' || `);
}

function recordedTable(table: string, columns: readonly string[], keySql: (alias: string) => string): RecordedTable {
  return {
    table,
    columns,
    keySql,
    cellsSql(alias) {
      const beside = besideOf(table, alias);
      return [...columns.map((column) => `${alias}."${column}"`), ...(beside === undefined ? [] : [beside])].join(', ');
    },
    saltSql: (alias) =>
      isPersonal(table) ? `(SELECT salt FROM record_salts WHERE of_table = '${table}' AND of_key = ${keySql(alias)})` : 'NULL',
  };
}

/** From now on what this connection writes is recorded. */
export function keepRecords(db: Database): void {
  lendSeals(db);
  // In one transaction: a hundred triggers, each with one of its own, take half as long again.
  const triggers = recordedTables(db).map(triggersOf).join('');
  db.exec(`BEGIN; ${triggers} COMMIT;`);
}

function lendSeals(db: Database): void {
  db.function('sealed_row', { varargs: true }, (...given: unknown[]) => {
    const [before, table, key, salt, ...cells] = given as [Buffer | null, string, string, Buffer | null, ...Cell[]];
    return sealedOf(before ?? undefined, table, key, rowDigest(table, salt, cells));
  });
  db.function('sealed_end', (before: unknown, table: unknown, key: unknown) =>
    sealedOf((before as Buffer | null) ?? undefined, table as string, key as string, undefined),
  );
}

/**
 * Records rows that were there before their table was recorded, or before it had the columns that it has: after a migration. `before` is what `describeRecorded` has said then. What
 * stands in them is believed as it is.
 */
export function adoptRows(db: Database, before: ReadonlyMap<string, string>): void {
  const after = describeRecorded(db);
  for (const recorded of recordedTables(db)) {
    if (before.get(recorded.table) !== after.get(recorded.table)) adoptTable(db, recorded);
  }
}

/** What is recorded of each table; nothing before there are records. */
export function describeRecorded(db: Database): ReadonlyMap<string, string> {
  const { found } = db.prepare<[], { found: number }>(`SELECT count(*) AS found FROM pragma_table_info('records')`).get() ?? {
    found: 0,
  };
  if (found === 0) return new Map();
  return new Map(recordedTables(db).map(({ table, columns }) => [table, columns.join()]));
}

function adoptTable(db: Database, { table, keySql, cellsSql }: RecordedTable): void {
  const rows = db
    .prepare<[], [string, ...Cell[]]>(`SELECT ${keySql('r')}, ${cellsSql('r')} FROM ${table} AS r ORDER BY 1`)
    .raw()
    .all();
  const last = db.prepare<[], { sealed: Buffer }>('SELECT sealed FROM records ORDER BY record DESC LIMIT 1');
  const add = db.prepare('INSERT INTO records (of_table, of_key, sealed) VALUES (?, ?, ?)');
  const dropSalt = db.prepare('DELETE FROM record_salts WHERE of_table = ? AND of_key = ?');
  const addSalt = db.prepare('INSERT INTO record_salts (of_table, of_key, salt) VALUES (?, ?, ?)');
  let before = last.get()?.sealed;
  for (const [key, ...cells] of rows) {
    const salt = isPersonal(table) ? randomBytes(SALT_BYTES) : null;
    if (salt !== null) dropSalt.run(table, key);
    if (salt !== null) addSalt.run(table, key, salt);
    before = sealedOf(before, table, key, rowDigest(table, salt, cells));
    add.run(table, key, before);
  }
}

const LAST = '(SELECT sealed FROM records ORDER BY record DESC LIMIT 1)';

/** Within a trigger or for a row that is there already: the record of the row that goes by `alias`. */
function putSql({ table, keySql, cellsSql, saltSql }: RecordedTable, alias: string): string {
  const key = keySql(alias);
  const sealed = `sealed_row(${LAST}, '${table}', ${key}, ${saltSql(alias)}, ${cellsSql(alias)})`;
  const salt = isPersonal(table)
    ? `DELETE FROM record_salts WHERE of_table = '${table}' AND of_key = ${key};
       INSERT INTO record_salts (of_table, of_key, salt) VALUES ('${table}', ${key}, randomblob(${SALT_BYTES}));`
    : '';
  return `${salt} INSERT INTO records (of_table, of_key, sealed) VALUES ('${table}', ${key}, ${sealed});`;
}

function endSql({ table, keySql }: RecordedTable, alias: string): string {
  const key = keySql(alias);
  const salt = isPersonal(table) ? `DELETE FROM record_salts WHERE of_table = '${table}' AND of_key = ${key};` : '';
  return `${salt} INSERT INTO records (of_table, of_key, sealed) VALUES ('${table}', ${key}, sealed_end(${LAST}, '${table}', ${key}));`;
}

function triggersOf(recorded: RecordedTable): string {
  const { table, columns, keySql } = recorded;
  const changed = columns.map((column) => `NEW."${column}" IS NOT OLD."${column}"`).join(' OR ');
  const of = columns.map((column) => `"${column}"`).join(', ');
  return `
CREATE TEMP TRIGGER ${table}_recorded AFTER INSERT ON main.${table} BEGIN ${putSql(recorded, 'NEW')} END;
CREATE TEMP TRIGGER ${table}_renamed AFTER UPDATE OF ${of} ON main.${table} WHEN ${keySql('NEW')} IS NOT ${keySql('OLD')}
  BEGIN ${endSql(recorded, 'OLD')} END;
CREATE TEMP TRIGGER ${table}_changed AFTER UPDATE OF ${of} ON main.${table} WHEN ${changed} BEGIN ${putSql(recorded, 'NEW')} END;
CREATE TEMP TRIGGER ${table}_ended AFTER DELETE ON main.${table} BEGIN ${endSql(recorded, 'OLD')} END;`;
}
