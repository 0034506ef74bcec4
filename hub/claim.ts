// Claims: what is accepted and not yet in the books. In: where channels stand. Out: what their payers newly owe. Claims are drawn on a timer and at
// settlement, never per voucher: so the books grow with time and accounts, not with the number of vouchers.

import type { Transfer } from './ledger.ts';
import { assertBalanced, claimEntry } from './ledger.ts';
import type { Store } from './store.ts';
import type { Account } from './store-channels.ts';
import { assertConserved } from './audit.ts';

/** What is owed above what was claimed before. */
export function owedBy(accounts: readonly Account[]): Transfer[] {
  return accounts.map(({ payer, payee, tariff, chargedMicros, claimedMicros }) => {
    return { payer, payee, currency: tariff.currency, amountMicros: chargedMicros - claimedMicros };
  });
}

/** The same channels once everything accepted is claimed. */
export function fullyClaimed(accounts: readonly Account[]): Account[] {
  return accounts.map((account) => ({ ...account, claimedUnits: account.acceptedUnits, claimedMicros: account.chargedMicros }));
}

/** Draws all claims in a transaction of its own; answers the channels whose claims grew. */
export function drawClaims(store: Store, nowSeconds: number): Account[] {
  if (store.channels.unclaimed().length === 0) return [];
  const drawn = store.atomically(() => writeClaims(store, nowSeconds));
  assertDrawn(store, drawn);
  return drawn.accounts;
}

export interface Drawn {
  readonly accounts: Account[];
  readonly entry: number | undefined;
}

/** Within the caller's transaction. */
export function writeClaims(store: Store, nowSeconds: number): Drawn {
  const accounts = store.channels.unclaimed();
  const entry = claimEntry(owedBy(accounts));
  const number = entry === undefined ? undefined : store.books.post(entry, nowSeconds);
  for (const account of accounts) store.channels.claim(account);
  return { accounts, entry: number };
}

/** After the commit. */
export function assertDrawn(store: Store, { accounts, entry }: Drawn): void {
  if (entry !== undefined) assertBalanced(store.books.postingsOf(entry), `entry ${entry}`);
  for (const { device, number } of accounts) assertConserved(`${device}/${number}`, store.channels.standing(device, number));
}
