// Promotional credit in the database: lots, and what was used of each by which entry. In: a promotion, or uses. Out: lots with what is left of them. What is left
// only lessens, and only by a use.

import type { Database } from 'better-sqlite3';
import type { AccountId } from '../shared/identity.ts';
import { bytesOfHex, hexOf } from './blob.ts';

export interface Lot {
  /** The entry that gave it. */
  readonly entry: number;
  readonly account: AccountId;
  readonly currency: string;
  readonly amountMicros: number;
  readonly priority: number;
  readonly expiresAtSeconds: number;
  readonly leftMicros: number;
}

export interface LotUse {
  readonly entry: number;
  readonly lot: number;
  readonly usedMicros: number;
}

export interface LotRows {
  add(lot: Omit<Lot, 'leftMicros'>): void;
  use(use: LotUse): void;
  find(entry: number): Lot | undefined;
  /** True while something is left of any. */
  any(): boolean;
  /** Of which something is left, in the order in which they are used. */
  leftOf(account: AccountId, currency: string): Lot[];
  /** Of which something is left though their time is over. */
  due(nowSeconds: number): Lot[];
  /** All that the account ever had, the oldest first. */
  allOf(account: AccountId): Lot[];
  /** What an entry has used. */
  usesBy(entry: number): LotUse[];
}

interface RawLot extends Omit<Lot, 'account'> {
  readonly account: string;
}

const LOT = `SELECT entry, account, currency, amount_micros AS amountMicros, priority, expires_at_seconds AS expiresAtSeconds,
  left_micros AS leftMicros FROM lots`;
const IN_ORDER = 'ORDER BY priority, expires_at_seconds, entry';

function lotOf(raw: RawLot): Lot {
  return { ...raw, account: bytesOfHex(raw.account) as AccountId };
}

export function lotRows(db: Database): LotRows {
  const add = db.prepare(
    `INSERT INTO lots (entry, account, currency, amount_micros, priority, expires_at_seconds, left_micros) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const use = db.prepare('INSERT INTO lot_uses (entry, lot, used_micros) VALUES (?, ?, ?)');
  const find = db.prepare<[number], RawLot>(`${LOT} WHERE entry = ?`);
  const any = db.prepare<[], { entry: number }>('SELECT entry FROM lots WHERE left_micros > 0 LIMIT 1');
  const left = db.prepare<[string, string], RawLot>(`${LOT} WHERE account = ? AND currency = ? AND left_micros > 0 ${IN_ORDER}`);
  const due = db.prepare<[number], RawLot>(`${LOT} WHERE expires_at_seconds <= ? AND left_micros > 0 ${IN_ORDER}`);
  const all = db.prepare<[string], RawLot>(`${LOT} WHERE account = ? ORDER BY entry`);
  const uses = db.prepare<[number], LotUse>('SELECT entry, lot, used_micros AS usedMicros FROM lot_uses WHERE entry = ?');
  return {
    add({ entry, account, currency, amountMicros, priority, expiresAtSeconds }) {
      add.run(entry, hexOf(account), currency, amountMicros, priority, expiresAtSeconds, amountMicros);
    },
    use: ({ entry, lot, usedMicros }) => void use.run(entry, lot, usedMicros),
    find(entry) {
      const raw = find.get(entry);
      return raw === undefined ? undefined : lotOf(raw);
    },
    any: () => any.get() !== undefined,
    leftOf: (account, currency) => left.all(hexOf(account), currency).map(lotOf),
    due: (nowSeconds) => due.all(nowSeconds).map(lotOf),
    allOf: (account) => all.all(hexOf(account)).map(lotOf),
    usesBy: (entry) => uses.all(entry),
  };
}
