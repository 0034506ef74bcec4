// Random edits of a database, as somebody with the file and a tool would make them: one cell, one row taken out, one row put in twice, two cells exchanged. In: a database open for anything, and a source
// of chance. Out: what was done, in words. An edit that SQLite refuses, or that changes nothing, is none: another one is tried.

import type { Database } from 'better-sqlite3';
import type { Random } from '../../simulator/random.ts';
import { COVERAGE } from '../../hub/coverage.ts';

export interface Edit {
  readonly table: string;
  readonly what: string;
}

type Cell = string | number | bigint | Buffer | null;
type Row = Readonly<Record<string, Cell>>;

interface Target {
  readonly table: string;
  /** All of its columns, in their order. */
  readonly columns: readonly string[];
  /** Those that something guards. */
  readonly guarded: readonly string[];
  readonly keys: readonly string[];
  readonly rows: readonly Row[];
}

/** Tables with rows that the audit answers for. */
export function targetsOf(db: Database): Target[] {
  return Object.entries(COVERAGE).flatMap(([table, coverage]) => {
    if (coverage.kind === 'left') return [];
    const info = db.prepare<[string], { name: string; pk: number }>('SELECT name, pk FROM pragma_table_info(?)').all(table);
    const columns = info.map(({ name }) => name);
    const rows = db.prepare<[], Row>(`SELECT * FROM ${table}`).all();
    const guarded = columns.filter((name) => coverage.except?.[name] === undefined);
    const keys = info.filter(({ pk }) => pk > 0).map(({ name }) => name);
    return rows.length === 0 ? [] : [{ table, columns, guarded, keys, rows }];
  });
}

/** Makes one edit. The database's triggers must be out of the way, and its other checks off as far as they go. */
export function editOnce(db: Database, targets: readonly Target[], random: Random): Edit {
  for (;;) {
    const target = oneOf(targets, random);
    const kind = random.integer(0, 9);
    try {
      const what =
        kind < 6
          ? changeCell(db, target, random)
          : kind < 7
            ? deleteRow(db, target, random)
            : kind < 8
              ? doubleRow(db, target, random)
              : swapCells(db, target, random);
      if (what !== undefined) return { table: target.table, what };
    } catch (error) {
      if (!/^SQLITE_(CONSTRAINT|MISMATCH)/.test(String((error as { code?: unknown }).code))) throw error;
    }
  }
}

function oneOf<T>(list: readonly T[], random: Random): T {
  return list[random.integer(0, list.length - 1)] as T;
}

function keyOf({ keys }: Target, row: Row): Cell[] {
  return keys.map((key) => row[key] as Cell);
}

function nameOf(target: Target, row: Row): string {
  return `${target.table} ${keyOf(target, row).map(shown).join('/')}`;
}

function shown(cell: Cell): string {
  const text = Buffer.isBuffer(cell) ? `x'${cell.toString('hex')}'` : String(cell);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

function setCell(db: Database, target: Target, row: Row, column: string, value: Cell): boolean {
  const where = target.keys.map((key) => `"${key}" IS ?`).join(' AND ');
  return db.prepare(`UPDATE ${target.table} SET "${column}" = ? WHERE ${where}`).run(value, ...keyOf(target, row)).changes === 1;
}

function same(a: Cell, b: Cell): boolean {
  return Buffer.isBuffer(a) && Buffer.isBuffer(b) ? a.equals(b) : a === b;
}

function changeCell(db: Database, target: Target, random: Random): string | undefined {
  const row = oneOf(target.rows, random);
  const column = oneOf(target.guarded, random);
  const before = row[column] as Cell;
  const after = otherCell(before, () => oneOf(target.rows, random)[column] as Cell, random);
  if (same(before, after) || !setCell(db, target, row, column, after)) return undefined;
  return `${nameOf(target, row)}: ${column} from ${shown(before)} to ${shown(after)}`;
}

/** What another row has there, or something like what is there, or anything. */
function otherCell(before: Cell, another: () => Cell, random: Random): Cell {
  if (random.integer(0, 3) === 0) return another();
  if (random.integer(0, 30) === 0) return null;
  if (typeof before === 'number') return otherNumber(before, random);
  if (typeof before === 'string') return otherText(before, random);
  if (Buffer.isBuffer(before)) return otherBlob(before, random);
  return oneOf<Cell>([1, 'x', Buffer.alloc(32), 1_800_000_000], random);
}

function otherNumber(before: number, random: Random): number {
  return oneOf(
    [before + 1, before - 1, before * 10, -before, 0, before + random.integer(-1000, 1000), random.integer(0, 2 ** 31)],
    random,
  );
}

function otherText(before: string, random: Random): string {
  const at = random.integer(0, Math.max(0, before.length - 1));
  const character = oneOf([...'0123456789abcdefXYZ-_/ '], random);
  return oneOf(
    [
      before.slice(0, at) + character + before.slice(at + 1),
      before.toUpperCase(),
      before.slice(0, at),
      `${before}${character}`,
      '',
    ],
    random,
  );
}

function otherBlob(before: Buffer, random: Random): Buffer {
  const changed = Buffer.from(before);
  if (changed.length === 0) return Buffer.from([random.integer(0, 255)]);
  const at = random.integer(0, changed.length - 1);
  changed[at] = (changed[at] as number) ^ (1 << random.integer(0, 7));
  return oneOf(
    [changed, changed, before.subarray(0, at), Buffer.concat([before, changed.subarray(0, 1)]), Buffer.alloc(before.length)],
    random,
  );
}

function deleteRow(db: Database, target: Target, random: Random): string | undefined {
  const row = oneOf(target.rows, random);
  const where = target.keys.map((key) => `"${key}" IS ?`).join(' AND ');
  const { changes } = db.prepare(`DELETE FROM ${target.table} WHERE ${where}`).run(...keyOf(target, row));
  return changes === 1 ? `${nameOf(target, row)}: deleted` : undefined;
}

/** The same row once more, under a key of its own and with another cell or two. */
function doubleRow(db: Database, target: Target, random: Random): string | undefined {
  const row = oneOf(target.rows, random);
  const changed: Record<string, Cell> = { ...row };
  for (const column of [oneOf(target.keys, random), oneOf(target.columns, random)])
    changed[column] = otherCell(changed[column] as Cell, () => oneOf(target.rows, random)[column] as Cell, random);
  const marks = target.columns.map(() => '?').join(', ');
  db.prepare(`INSERT INTO ${target.table} VALUES (${marks})`).run(...target.columns.map((column) => changed[column]));
  return `${nameOf(target, row)}: doubled as ${nameOf(target, changed)}`;
}

function swapCells(db: Database, target: Target, random: Random): string | undefined {
  const column = oneOf(target.guarded, random);
  const [first, second] = [oneOf(target.rows, random), oneOf(target.rows, random)];
  const [a, b] = [first[column] as Cell, second[column] as Cell];
  if (same(a, b) || target.keys.includes(column)) return undefined;
  if (!setCell(db, target, first, column, b) || !setCell(db, target, second, column, a)) return undefined;
  return `${nameOf(target, first)} and ${nameOf(target, second)}: their ${column} exchanged`;
}
