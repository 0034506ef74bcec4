// Drawing claims: what channels newly owe goes into the books. In: the store. Out: one entry for all of them, or for a part, in one transaction, checked after the commit.
// It runs on a timer and at settlement, in whichever process, and drawing twice draws nothing the second time.

import type { Account } from './account.ts';
import { assertClaimed, assertConserved, assertPosted, assertPriced } from './audit.ts';
import { owedBy } from './claim.ts';
import type { Entry } from './ledger.ts';
import { claimEntry } from './ledger.ts';
import { expireLots, useLots } from './lots.ts';
import type { Store } from './store.ts';
import { isRuleOfSchema } from './storage-fault.ts';

/** Draws all claims, or those of so many channels, in a transaction of its own; answers the channels whose claims grew. */
export function drawClaims(store: Store, nowSeconds: number, most?: number): Account[] {
  if (store.channels.unclaimed(1).length === 0 && store.lots.due(nowSeconds).length === 0) return [];
  const drawn = store.atomically(() => writeClaims(store, nowSeconds, most));
  assertDrawn(store, drawn);
  return drawn.accounts;
}

export interface Drawn {
  readonly accounts: Account[];
  readonly entry: number | undefined;
  /** Entries that took back what was left of promotions. */
  readonly expiries: readonly number[];
}

/** Within the caller's transaction. A clock that was set back stands still for claims until it has caught up: days follow one another in the order in which units were claimed. */
export function writeClaims(store: Store, nowSeconds: number, most?: number): Drawn {
  const claimedAtSeconds = Math.max(nowSeconds, store.books.lastClaimedAtSeconds());
  const accounts = store.channels.unclaimed(most);
  for (const account of accounts) assertPriced(store, account);
  const entry = claimEntry(owedBy(accounts));
  const number = entry === undefined ? undefined : postAfterSound(store, entry, claimedAtSeconds);
  store.sales.raise(accounts);
  store.claimDays.note(accounts, number, claimedAtSeconds);
  for (const account of accounts) store.channels.claim(account);
  store.reservations.markDrawn(accounts, nowSeconds);
  if (entry !== undefined && number !== undefined) useLots(store, number, entry.postings);
  return { accounts, entry: number, expiries: expireLots(store, nowSeconds) };
}

/** The database takes no entry after one that does not fit, but cannot say by how much. */
function postAfterSound(store: Store, entry: Entry, nowSeconds: number): number {
  try {
    return store.books.post(entry, nowSeconds);
  } catch (error) {
    if (isRuleOfSchema(error)) assertPosted(store, store.books.head().entry);
    throw error;
  }
}

/** After the commit. */
export function assertDrawn(store: Store, { accounts, entry, expiries }: Drawn): void {
  for (const expiry of expiries) assertPosted(store, expiry);
  if (entry !== undefined) assertPosted(store, entry);
  if (entry !== undefined) assertClaimed(store, entry, owedBy(accounts));
  for (const { device, number } of accounts) assertConserved(`${device}/${number}`, store.channels.standing(device, number));
}
