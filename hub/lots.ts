// What promotions pay: decided when claims are drawn, and no sooner. In: a debit, and what the wallet held before it. Out: how much of which lot, written with the claim; and
// the expiry of lots whose time is over. What an open channel was let in on does not expire under it: so no expiry takes a wallet below what it may come to.

import type { AccountId } from '../shared/identity.ts';
import { assertBalanced, PROMOTIONS } from './ledger.ts';
import type { Entry, Posting } from './ledger.ts';
import type { Store } from './store.ts';
import type { Lot } from './store-lots.ts';
import { lotsMicros, uncommittedMicros, walletOf } from './wallet.ts';

/** Lots of a lower priority are used before real money, all others after it and before credit. */
export const MONEY_PRIORITY = 100;

export interface Part {
  readonly lot: number;
  readonly usedMicros: number;
}

/** How lots, in their order, and the money beside them pay a debit; what is in no part is paid by money or credit. */
export function partsOf(debitMicros: number, heldMicros: number, lots: readonly Lot[]): Part[] {
  const moneyMicros = Math.max(0, heldMicros - lotsMicros(lots));
  const before = lots.filter((lot) => lot.priority < MONEY_PRIORITY);
  const after = lots.filter((lot) => lot.priority >= MONEY_PRIORITY);
  const first = take(debitMicros, before);
  const then = take(Math.max(0, first.restMicros - moneyMicros), after);
  return [...first.parts, ...then.parts];
}

function take(debitMicros: number, lots: readonly Lot[]): { readonly parts: Part[]; readonly restMicros: number } {
  const parts: Part[] = [];
  let restMicros = debitMicros;
  for (const { entry, leftMicros } of lots) {
    const usedMicros = Math.min(restMicros, leftMicros);
    if (usedMicros > 0) parts.push({ lot: entry, usedMicros });
    restMicros -= usedMicros;
  }
  return { parts, restMicros };
}

/** After a claim was posted, in its transaction. */
export function useLots(store: Store, entry: number, postings: readonly Posting[]): void {
  if (!store.lots.any()) return;
  for (const { account, currency, amountMicros } of postings) {
    if (amountMicros >= 0) continue;
    const lots = store.lots.leftOf(account, currency);
    if (lots.length === 0) continue;
    const heldMicros = store.wallets.heldMicros(account, currency) - amountMicros; // before this claim
    for (const part of partsOf(-amountMicros, heldMicros, lots)) store.lots.use({ entry, ...part });
  }
}

/** Takes back what is left of lots whose time is over, as far as nothing open was let in on it; answers the entries. */
export function expireLots(store: Store, nowSeconds: number): number[] {
  return store.lots.due(nowSeconds).flatMap((lot) => {
    const wallet = walletOf(store, lot.account);
    if (wallet === undefined) throw new Error(`the promotion of entry ${lot.entry} is on an account without terms`);
    const amountMicros = Math.min(lot.leftMicros, Math.max(0, uncommittedMicros(wallet)));
    return amountMicros === 0 ? [] : [expire(store, lot, amountMicros, nowSeconds)];
  });
}

function expire(store: Store, lot: Lot, amountMicros: number, nowSeconds: number): number {
  const { account, currency } = lot;
  const entry: Entry = {
    kind: 'expiry',
    // What is left lessens each time: so the key is a new one.
    key: `expiry:${lot.entry}:${lot.leftMicros}`,
    refersTo: lot.entry,
    postings: [
      { account, currency, amountMicros: -amountMicros },
      { account: promotions(store, nowSeconds), currency, amountMicros },
    ],
  };
  assertBalanced(entry.postings, 'an expiry');
  const number = store.books.post(entry, nowSeconds);
  store.lots.use({ entry: number, lot: lot.entry, usedMicros: amountMicros });
  return number;
}

function promotions(store: Store, nowSeconds: number): AccountId {
  return store.devices.account(PROMOTIONS, nowSeconds);
}
