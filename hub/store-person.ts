// Everything in the database that is about one account, table by table, and the places where a text still stands. In: an account, texts. Out: rows as plain values. It
// goes by the names of columns, so a table that comes later is covered when it calls an account an account; secrets of devices and the hub's own chains
// are left out.

import type { Database } from 'better-sqlite3';
import type { AccountId } from '../shared/identity.ts';
import { hexOf } from './blob.ts';
import type { PayoutId } from './rails/rail.ts';
import { holdsWord } from './traces.ts';

export type PlainRow = Readonly<Record<string, string | number | null>>;

export interface PersonRows {
  /** By table; tables without such rows are left out. */
  about(account: AccountId): Readonly<Record<string, readonly PlainRow[]>>;
  /** Devices that pay from the account or to it, and are not revoked. */
  devicesInUse(account: AccountId): string[];
  /** Channels of the account with something that is not claimed or not settled. */
  openChannels(account: AccountId): number;
  payoutsUnderWay(account: AccountId): PayoutId[];
  /** Table and key of rows in which one of the texts stands. */
  holding(texts: readonly string[]): readonly { readonly table: string; readonly key: string }[];
  /** Takes away what rails noted for these payouts, all of which are over. */
  forget(payouts: readonly PayoutId[]): number;
}

/** Chains and secrets: none of it says anything about a person that another row does not. */
const SKIPPED = new Set(['records', 'record_salts', 'tree_heads', 'firmware_files', 'hub', 'accounts', 'particulars']);
const SECRET = new Set(['mac_key', 'password_sha256']);

/** What ties a row to the account, by its columns; the first that fits. */
const TIES: readonly (readonly [readonly string[], string])[] = [
  [['payer', 'payee'], 'payer = @account OR payee = @account'],
  [['account'], 'account = @account'],
  [
    ['batch', 'line', 'device', 'number'],
    '(device, number) IN (SELECT device, number FROM channels WHERE payer = @account OR payee = @account)',
  ],
  [['device'], 'device IN (SELECT device FROM devices WHERE payer = @account)'],
  [['payout'], 'payout IN (SELECT payout FROM payouts WHERE account = @account)'],
  [['entry'], 'entry IN (SELECT entry FROM postings WHERE account = @account)'],
];

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly texts: readonly string[];
  readonly key: readonly string[];
}

type Cell = string | number | Buffer | null;

function tablesOf(db: Database): Table[] {
  const names = db
    .prepare<[], { name: string }>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .all();
  const infoOf = db.prepare<[string], { name: string; type: string; pk: number }>(
    'SELECT name, type, pk FROM pragma_table_info(?)',
  );
  return names.map(({ name }) => {
    const info = infoOf.all(name);
    return {
      name,
      columns: info.map((column) => column.name),
      texts: info.filter(({ type }) => type !== 'INTEGER').map((column) => column.name),
      key: info
        .filter(({ pk }) => pk > 0)
        .sort((a, b) => a.pk - b.pk)
        .map((column) => column.name),
    };
  });
}

export function personRows(db: Database): PersonRows {
  const inUse = db.prepare<{ account: string }, { device: string }>(
    'SELECT device FROM devices WHERE (payer = @account OR payee = @account) AND revoked_at_seconds IS NULL ORDER BY device',
  );
  const open = db.prepare<{ account: string }, { open: number }>(
    `SELECT count(*) AS open FROM channels WHERE (payer = @account OR payee = @account)
       AND (claimed_units < accepted_units OR settled_units < claimed_units)`,
  );
  const underWay = db.prepare<[string], { payout: PayoutId }>(
    `SELECT payout FROM payouts WHERE account = ? AND state IN ('prepared', 'sent', 'accepted') ORDER BY sequence`,
  );
  const forgetOne = db.prepare(`DELETE FROM rail_memory WHERE instr(key, ?) > 0`);
  return {
    about: (account) => rowsAbout(db, hexOf(account)),
    devicesInUse: (account) => inUse.all({ account: hexOf(account) }).map(({ device }) => device),
    openChannels: (account) => open.get({ account: hexOf(account) })?.open ?? 0,
    payoutsUnderWay: (account) => underWay.all(hexOf(account)).map(({ payout }) => payout),
    holding: (texts) => tablesOf(db).flatMap((table) => rowsHolding(db, table, texts)),
    forget: (payouts) => payouts.reduce((sum, payout) => sum + forgetOne.run(payout).changes, 0),
  };
}

function rowsAbout(db: Database, account: string): Readonly<Record<string, readonly PlainRow[]>> {
  const found: Record<string, PlainRow[]> = {};
  for (const { name, columns } of tablesOf(db)) {
    const tie = TIES.find(([wanted]) => wanted.every((column) => columns.includes(column)))?.[1];
    if (SKIPPED.has(name) || tie === undefined) continue;
    const shown = columns.filter((column) => !SECRET.has(column)).map((column) => shownAs(name, column));
    const rows = db
      .prepare<{ account: string }, Record<string, Cell>>(`SELECT ${shown.join(', ')} FROM "${name}" WHERE ${tie}`)
      .all({ account });
    if (rows.length > 0) found[name] = rows.map(plainOf);
  }
  return found;
}

/** What a device is called is its payer's to know. */
function shownAs(table: string, column: string): string {
  return table === 'devices' && column === 'label' ? 'CASE WHEN payer = @account THEN label END AS label' : `"${column}"`;
}

function plainOf(row: Readonly<Record<string, Cell>>): PlainRow {
  return Object.fromEntries(
    Object.entries(row).map(([column, cell]) => [column, Buffer.isBuffer(cell) ? cell.toString('hex') : cell]),
  );
}

/** SQLite finds the cells that hold one of them, and those are looked at for whole words. */
function rowsHolding(
  db: Database,
  { name, texts: columns, key }: Table,
  texts: readonly string[],
): { table: string; key: string }[] {
  if (columns.length === 0 || texts.length === 0) return [];
  const holds = texts.map((_text, at) => columns.map((column) => `instr("${column}", @text${at}) > 0`).join(' OR '));
  const named = (key.length === 0 ? ['rowid'] : key).map((column) => `"${column}"`).join(` || '/' || `);
  const cells = columns.map((column) => `"${column}"`).join(', ');
  const rows = db
    .prepare<Record<string, string>, [string | number, ...Cell[]]>(
      `SELECT ${named}, ${cells} FROM "${name}" WHERE ${holds.join(' OR ')}`,
    )
    .raw()
    .all(Object.fromEntries(texts.map((text, at) => [`text${at}`, text])));
  const isHeld = (cell: Cell): boolean => typeof cell === 'string' && texts.some((text) => holdsWord(cell, text));
  return rows.filter(([, ...row]) => row.some(isHeld)).map(([found]) => ({ table: name, key: String(found) }));
}
