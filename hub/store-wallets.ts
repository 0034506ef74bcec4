// How accounts pay, in the database: terms and budgets, each row newer than the ones before, and what a wallet holds in the books. In: an account. Out: what holds
// now. A row is never edited: what was agreed at some time can be read for ever.

import type { Database } from 'better-sqlite3';
import type { AccountId } from '../shared/identity.ts';
import { bytesOfHex, hexOf } from './blob.ts';
import { WALLETS_THAT_DIFFER } from './schema-wallets.ts';

/** How an account pays. An account without terms pays as each of its devices may, and is never refused for money. */
export interface WalletTerms {
  readonly kind: 'prepaid' | 'post-paid';
  /** The one currency in which the account may pay. */
  readonly currency: string;
  /** How far below zero it may go; 0 when prepaid. */
  readonly creditMicros: number;
}

export interface AccountRow {
  readonly account: AccountId;
  readonly name: string;
  readonly createdAtSeconds: number;
}

export interface WalletRows {
  /** `undefined`: without terms. */
  termsOf(account: AccountId): WalletTerms | undefined;
  /** With the time of each, the newest first. */
  termsHistory(account: AccountId): ReadonlyArray<WalletTerms & { readonly setAtSeconds: number }>;
  setTerms(account: AccountId, terms: WalletTerms, nowSeconds: number): void;
  /** What the account's postings as a payer sum to: what it has earned as a payee is not its wallet's, because that is paid out. */
  heldMicros(account: AccountId, currency: string): number;
  /** Wallets whose kept balance is not what their postings sum to; there are none. */
  differing(): ReadonlyArray<{
    readonly account: AccountId;
    readonly currency: string;
    readonly heldMicros: number;
    readonly postedMicros: number;
  }>;
  /** Every account but the operator's own, by name. */
  accounts(): AccountRow[];
  find(account: AccountId): AccountRow | undefined;
}

interface RawTerms {
  readonly kind: WalletTerms['kind'];
  readonly currency: string;
  readonly creditMicros: number;
  readonly setAtSeconds: number;
}

const NEWEST_TERMS = `SELECT kind, currency, credit_micros AS creditMicros, set_at_seconds AS setAtSeconds
  FROM account_terms WHERE account = ? ORDER BY number DESC`;

export function walletRows(db: Database): WalletRows {
  const newest = db.prepare<[string], RawTerms>(`${NEWEST_TERMS} LIMIT 1`);
  const history = db.prepare<[string], RawTerms>(NEWEST_TERMS);
  const add = db.prepare(
    'INSERT INTO account_terms (account, kind, currency, credit_micros, set_at_seconds) VALUES (?, ?, ?, ?, ?)',
  );
  const held = db.prepare<[string, string], { micros: number }>(
    'SELECT held_micros AS micros FROM wallet_balances WHERE account = ? AND currency = ?',
  );
  const differing = db.prepare<[], { account: string; currency: string; heldMicros: number; postedMicros: number }>(
    `SELECT ${WALLETS_THAT_DIFFER}`,
  );
  const row = 'SELECT account, name, created_at_seconds AS createdAtSeconds FROM accounts';
  const all = db.prepare<[], Omit<AccountRow, 'account'> & { account: string }>(
    `${row} WHERE name NOT LIKE 'hub/%' ORDER BY name`,
  );
  const find = db.prepare<[string], Omit<AccountRow, 'account'> & { account: string }>(`${row} WHERE account = ?`);
  return {
    termsOf(account) {
      const raw = newest.get(hexOf(account));
      return raw === undefined ? undefined : { kind: raw.kind, currency: raw.currency, creditMicros: raw.creditMicros };
    },
    termsHistory: (account) => history.all(hexOf(account)),
    setTerms: (account, { kind, currency, creditMicros }, nowSeconds) =>
      void add.run(hexOf(account), kind, currency, creditMicros, nowSeconds),
    heldMicros: (account, currency) => held.get(hexOf(account), currency)?.micros ?? 0,
    differing: () => differing.all().map((raw) => ({ ...raw, account: bytesOfHex(raw.account) as AccountId })),
    accounts: () => all.all().map((raw) => ({ ...raw, account: bytesOfHex(raw.account) as AccountId })),
    find(account) {
      const raw = find.get(hexOf(account));
      return raw === undefined ? undefined : { ...raw, account };
    },
  };
}
