// A wallet: what an account with terms may still spend, by one sum. In: the store. Out: the parts of that sum, and what follows from them. It never asks what is charged
// at this moment: an open channel counts with its limit, so paywords need not be looked at.

import type { AccountId } from '../shared/identity.ts';
import type { Lot } from './store-lots.ts';
import type { Store } from './store.ts';
import type { WalletTerms } from './store-wallets.ts';

/** The parts, in micros of the terms' currency. */
export interface Wallet {
  readonly terms: WalletTerms;
  /** What the account's own postings as a payer sum to: money and promotional credit, less all that was claimed. */
  readonly heldMicros: number;
  /** What is left of promotions, in the order of their use. */
  readonly lots: readonly Lot[];
  /** What its channels may still add to what is claimed. */
  readonly outstandingMicros: number;
}

/** `undefined` for an account without terms. */
export function walletOf(store: Store, account: AccountId, terms = store.wallets.termsOf(account)): Wallet | undefined {
  if (terms === undefined) return undefined;
  const { currency } = terms;
  return {
    terms,
    heldMicros: store.wallets.heldMicros(account, currency),
    lots: store.lots.leftOf(account, currency),
    outstandingMicros: store.reservations.outstandingMicros(account, currency),
  };
}

/** What a new channel may cost at most. Promotions whose time is over count no more, though channels opened before may still use them. */
export function availableMicros(wallet: Wallet, nowSeconds: number): number {
  return uncommittedMicros(wallet) - lotsMicros(wallet.lots.filter((lot) => lot.expiresAtSeconds <= nowSeconds));
}

/** What nothing that is open can reach, with all promotions: it never falls below 0, unless a collection is charged back. */
export function uncommittedMicros({ terms, heldMicros, outstandingMicros }: Wallet): number {
  return heldMicros + terms.creditMicros - outstandingMicros;
}

/** Real money that may leave: no credit, no promotion, and nothing that open channels may cost. */
export function withdrawableMicros({ heldMicros, outstandingMicros, lots }: Wallet): number {
  return Math.max(0, heldMicros - lotsMicros(lots) - outstandingMicros);
}

export function lotsMicros(lots: readonly Pick<Lot, 'leftMicros'>[]): number {
  return lots.reduce((sum, lot) => sum + lot.leftMicros, 0);
}
