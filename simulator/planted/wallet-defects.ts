// Defects of wallets: money that is held back wrongly, counted twice, or lent where there is none. In: the shipped store. Out: the same store with one of its verbs wrong.

import type { Store } from '../../hub/store.ts';
import type { Defect } from './defect.ts';
import { inStore } from './defect.ts';

const FAR_SECONDS = Number.MAX_SAFE_INTEGER;

type Rows = 'reservations' | 'budgets' | 'lots' | 'wallets';
type Wrapped = (store: Store) => Store;

function inRows<Name extends Rows>(name: Name, make: (rows: Store[Name]) => Partial<Store[Name]>): () => Wrapped {
  return () => (store) => ({ ...store, [name]: { ...store[name], ...make(store[name]) } });
}

/** Under another key each time, so that the books take it. */
function countingTwice(): Wrapped {
  const asked = new Map<string, number>();
  return (store) => ({
    ...store,
    books: {
      ...store.books,
      numberOf: (key) => (key.startsWith('top-up:') ? undefined : store.books.numberOf(key)),
      post(entry, nowSeconds) {
        if (entry.kind !== 'top-up' || entry.key === undefined) return store.books.post(entry, nowSeconds);
        const times = asked.get(entry.key) ?? 0;
        asked.set(entry.key, times + 1);
        return store.books.post(times === 0 ? entry : { ...entry, key: `${entry.key}:${times}` }, nowSeconds);
      },
    },
  });
}

export const WALLET_DEFECTS: readonly Defect[] = [
  inStore(
    { id: 'reservation-not-released', room: 'wallet', what: 'What a channel may cost stays held back after its close.' },
    inRows('reservations', () => ({ release: () => undefined })),
  ),
  inStore(
    { id: 'reserved-twice', room: 'wallet', what: 'Twice of what a channel may cost is held back.' },
    inRows('reservations', (rows) => ({
      reserve: (reservation, at) => rows.reserve({ ...reservation, limitMicros: reservation.limitMicros * 2 }, at),
    })),
  ),
  inStore(
    { id: 'nothing-reserved', room: 'wallet', what: 'A channel opens, and nothing is held back for it.' },
    inRows('reservations', () => ({ reserve: () => undefined })),
  ),
  inStore(
    { id: 'outstanding-not-counted', room: 'wallet', what: 'What open channels may cost is not counted when another one opens.' },
    inRows('reservations', () => ({ outstandingMicros: () => 0 })),
  ),
  inStore(
    { id: 'top-up-counted-twice', room: 'wallet', what: 'A top-up that is asked for again under its id counts again.' },
    countingTwice,
  ),
  inStore(
    { id: 'budget-not-looked-at', room: 'wallet', what: 'Budgets are recorded, and no channel is judged by them.' },
    inRows('budgets', () => ({ of: () => [] })),
  ),
  inStore(
    { id: 'promotion-not-taken-back', room: 'wallet', what: 'What is left of a promotion stays when its time is over.' },
    inRows('lots', () => ({ due: () => [] })),
  ),
  inStore(
    { id: 'promotion-after-expiry', room: 'wallet', what: 'A promotion lets channels in after its time.' },
    inRows('lots', (lots) => ({
      leftOf: (account, currency) => lots.leftOf(account, currency).map((lot) => ({ ...lot, expiresAtSeconds: FAR_SECONDS })),
      due: () => [],
    })),
  ),
  inStore(
    { id: 'promotion-out-of-turn', room: 'wallet', what: 'A promotion that is to be used first is used last.' },
    inRows('lots', (lots) => ({
      leftOf: (account, currency) => lots.leftOf(account, currency).map((lot) => ({ ...lot, priority: lot.priority + 1000 })),
    })),
  ),
  inStore(
    { id: 'credit-without-end', room: 'wallet', what: 'An account with terms has a million of credit.' },
    inRows('wallets', (wallets) => ({
      termsOf(account) {
        const terms = wallets.termsOf(account);
        return terms === undefined ? undefined : { ...terms, creditMicros: 1_000_000_000_000 };
      },
    })),
  ),
];
