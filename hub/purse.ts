// What a payer's wallet and budgets let a channel cost, asked while a group of messages is judged. In: commitments, in the transaction that will open their channels. Out: the
// most that each may cost, with what earlier ones of the same group have taken. Vouchers never come here: what they may cost was held back when their channel opened.

import type { AccountId, DeviceId } from '../shared/identity.ts';
import type { Terms } from '../shared/commitment.ts';
import type { Tariff } from '../shared/tariff.ts';
import { mostOf } from '../shared/charge.ts';
import { appliesTo, countedMicros } from './budget.ts';
import type { Spending } from './budget.ts';
import type { Channel } from './channel.ts';
import type { Store } from './store.ts';
import type { Budget } from './store-budgets.ts';
import type { WalletTerms } from './store-wallets.ts';
import { availableMicros, walletOf } from './wallet.ts';

export interface Purse {
  /** The most that a channel under these terms may cost; `undefined` when neither wallet nor budget bounds it. */
  boundMicros(payer: AccountId, device: DeviceId, terms: Terms, tariff: Tariff): number | undefined;
  /** The channel was accepted: later ones find less. */
  take(payer: AccountId, device: DeviceId, channel: Channel): void;
}

interface Taken extends Spending {
  readonly payer: AccountId;
  readonly limitMicros: number;
}

interface Bounds {
  readonly terms: WalletTerms | undefined;
  readonly availableMicros: number;
  readonly budgets: readonly Budget[];
}

export function openPurse(store: Store, nowSeconds: number): Purse {
  const known = new Map<AccountId, Bounds>();
  const taken: Taken[] = [];

  function boundsOf(payer: AccountId): Bounds {
    const held = known.get(payer);
    if (held !== undefined) return held;
    const wallet = walletOf(store, payer);
    const available = wallet === undefined ? 0 : availableMicros(wallet, nowSeconds);
    const bounds = { terms: wallet?.terms, availableMicros: available, budgets: store.budgets.of(payer) };
    known.set(payer, bounds);
    return bounds;
  }

  function takenMicros(payer: AccountId, counts: (one: Taken) => boolean): number {
    return taken.reduce((sum, one) => (one.payer === payer && counts(one) ? sum + one.limitMicros : sum), 0);
  }

  return {
    boundMicros(payer, device, { payee }, { currency }) {
      const { terms, availableMicros: available, budgets } = boundsOf(payer);
      const spending = { device, payee, currency };
      const applying = budgets.filter((budget) => appliesTo(budget, spending));
      const lefts = applying.map(
        (budget) =>
          budget.limitMicros -
          countedMicros(store, payer, budget, nowSeconds) -
          takenMicros(payer, (one) => appliesTo(budget, one)),
      );
      // A wallet holds one currency: in any other it is empty.
      if (terms !== undefined) {
        lefts.push(terms.currency === currency ? available - takenMicros(payer, (one) => one.currency === currency) : 0);
      }
      return lefts.length === 0 ? undefined : Math.max(0, Math.min(...lefts));
    },
    take(payer, device, channel) {
      const { terms, tariff } = channel;
      taken.push({ payer, device, payee: terms.payee, currency: tariff.currency, limitMicros: limitMicrosOf(channel) });
    },
  };
}

/** With the channel's row: what it may cost is held back, if anything bounds its payer. */
export function reserve(store: Store, payer: AccountId, device: DeviceId, channel: Channel, nowSeconds: number): void {
  if (!isBounded(store, payer)) return;
  const { terms, tariff } = channel;
  const { channel: number, payee } = terms;
  const reservation = { device, number, account: payer, payee, currency: tariff.currency };
  store.reservations.reserve({ ...reservation, limitMicros: limitMicrosOf(channel) }, nowSeconds);
}

export function isBounded(store: Store, payer: AccountId): boolean {
  return store.wallets.termsOf(payer) !== undefined || store.budgets.of(payer).length > 0;
}

/** The most that the channel can ever cost. */
export function limitMicrosOf({ terms, tariff }: Pick<Channel, 'terms' | 'tariff'>): number {
  const limitMicros = mostOf(tariff, terms.limitUnits);
  if (limitMicros === undefined)
    throw new Error(`channel ${terms.channel}: its limit of ${terms.limitUnits} units has no amount`);
  return limitMicros;
}
