// Particulars in the database: read, corrected and erased, apart from the books. In: fields that particulars.ts has checked; destinations that a rail has
// made. Out: the same. What is deleted here leaves the file: `erasure.ts` sees to that.

import type { Database } from 'better-sqlite3';
import type { AccountId } from '../shared/identity.ts';
import { bytesOfHex, hexOf } from './blob.ts';
import type { ParticularField, Particulars } from './particulars.ts';
import { ERASED_PREFIX } from './pseudonym.ts';
import type { Destination, PayoutId } from './rails/rail.ts';

export interface ParticularRows {
  /** What is known of the person behind an account; `{}` when nothing is. */
  of(account: AccountId): Particulars;
  /** With the time at which each was set. */
  dated(account: AccountId): DatedParticular[];
  set(account: AccountId, field: ParticularField, value: string, nowSeconds: number): void;
  /** False when it was not known. */
  remove(account: AccountId, field: ParticularField): boolean;
  /** Where a payout goes, once for all; in the transaction that prepares it. The same again is harmless, another throws. */
  freeze(payout: PayoutId, account: AccountId, destination: Destination, nowSeconds: number): void;
  /** `undefined` once the person is erased. */
  frozen(payout: PayoutId): Destination | undefined;
  /** All of them, by the payouts that they were frozen for. */
  frozenFor(account: AccountId): ReadonlyMap<PayoutId, Destination>;
  /** Takes particulars, destinations, the account's name and the labels of its devices away; within the caller's transaction. */
  erase(account: AccountId, nowSeconds: number): Erasure;
  erasureOf(account: AccountId): Erasure | undefined;
  erasures(): ReadonlyMap<AccountId, Erasure>;
}

export interface DatedParticular {
  readonly field: ParticularField;
  readonly value: string;
  readonly setAtSeconds: number;
}

/** How much was taken away, and when: nothing personal. */
export interface Erasure {
  readonly particulars: number;
  readonly destinations: number;
  readonly labels: number;
  readonly erasedAtSeconds: number;
}

export function particularRows(db: Database): ParticularRows {
  return { ...fieldRows(db), ...destinationRows(db), ...erasureRows(db) };
}

function fieldRows(db: Database): Pick<ParticularRows, 'of' | 'dated' | 'set' | 'remove'> {
  const read = db.prepare<[string], DatedParticular>(
    'SELECT field, value, set_at_seconds AS setAtSeconds FROM particulars WHERE account = ? ORDER BY field',
  );
  const write = db.prepare(
    `INSERT INTO particulars (account, field, value, set_at_seconds) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET value = excluded.value, set_at_seconds = excluded.set_at_seconds`,
  );
  const remove = db.prepare('DELETE FROM particulars WHERE account = ? AND field = ?');
  return {
    of: (account) => Object.fromEntries(read.all(hexOf(account)).map(({ field, value }) => [field, value])),
    dated: (account) => read.all(hexOf(account)),
    set: (account, field, value, nowSeconds) => void write.run(hexOf(account), field, value, nowSeconds),
    remove: (account, field) => remove.run(hexOf(account), field).changes === 1,
  };
}

function destinationRows(db: Database): Pick<ParticularRows, 'freeze' | 'frozen' | 'frozenFor'> {
  const add = db.prepare(
    'INSERT INTO payout_destinations (payout, account, destination, frozen_at_seconds) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const find = db.prepare<[string], { account: string; destination: string }>(
    'SELECT account, destination FROM payout_destinations WHERE payout = ?',
  );
  const findAll = db.prepare<[string], { payout: string; destination: string }>(
    'SELECT payout, destination FROM payout_destinations WHERE account = ? ORDER BY payout',
  );
  const destinationOf = (text: string): Destination => JSON.parse(text) as Destination;
  return {
    freeze(payout, account, destination, nowSeconds) {
      const text = JSON.stringify(destination);
      const { changes } = add.run(payout, hexOf(account), text, nowSeconds);
      if (changes === 1) return;
      const known = find.get(payout);
      if (known?.destination !== text || known.account !== hexOf(account))
        throw new Error(`payout ${payout}: expected the destination that was frozen for it, got another`);
    },
    frozen(payout) {
      const row = find.get(payout);
      return row === undefined ? undefined : destinationOf(row.destination);
    },
    frozenFor: (account) =>
      new Map(findAll.all(hexOf(account)).map(({ payout, destination }) => [payout as PayoutId, destinationOf(destination)])),
  };
}

interface RawErasure extends Erasure {
  account: string;
}

function erasureRows(db: Database): Pick<ParticularRows, 'erase' | 'erasureOf' | 'erasures'> {
  const columns = 'SELECT account, particulars, destinations, labels, erased_at_seconds AS erasedAtSeconds FROM erasures';
  const find = db.prepare<[string], RawErasure>(`${columns} WHERE account = ?`);
  const all = db.prepare<[], RawErasure>(columns);
  const dropParticulars = db.prepare('DELETE FROM particulars WHERE account = ?');
  const dropDestinations = db.prepare('DELETE FROM payout_destinations WHERE account = ?');
  const dropLabels = db.prepare('UPDATE devices SET label = device WHERE payer = ? AND label <> device');
  const log = db.prepare(
    'INSERT INTO erasures (account, particulars, destinations, labels, erased_at_seconds) VALUES (?, ?, ?, ?, ?)',
  );
  const rename = db.prepare(`UPDATE accounts SET name = '${ERASED_PREFIX}' || account WHERE account = ?`);
  const erasureOf = ({ particulars, destinations, labels, erasedAtSeconds }: RawErasure): Erasure => {
    return { particulars, destinations, labels, erasedAtSeconds };
  };
  return {
    erase(account, nowSeconds) {
      const id = hexOf(account);
      const particulars = dropParticulars.run(id).changes;
      const destinations = dropDestinations.run(id).changes;
      const labels = dropLabels.run(id).changes;
      log.run(id, particulars, destinations, labels, nowSeconds);
      rename.run(id);
      return { particulars, destinations, labels, erasedAtSeconds: nowSeconds };
    },
    erasureOf(account) {
      const raw = find.get(hexOf(account));
      return raw === undefined ? undefined : erasureOf(raw);
    },
    erasures: () => new Map(all.all().map((raw) => [bytesOfHex(raw.account) as AccountId, erasureOf(raw)])),
  };
}
