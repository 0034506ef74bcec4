// An account as people and programs read it: terms, wallet, budgets, promotions, open channels, disputes. In: the store, read at one moment. Out: plain JSON values. It
// changes nothing.

import type { AccountId } from '../shared/identity.ts';
import { nameOfIn } from './batch-view.ts';
import { countedMicros } from './budget.ts';
import { knownAccount } from './money-door.ts';
import { hexOf } from './blob.ts';
import type { Store } from './store.ts';
import type { Budget } from './store-budgets.ts';
import type { Lot } from './store-lots.ts';
import type { WalletTerms } from './store-wallets.ts';
import { availableMicros, lotsMicros, walletOf, withdrawableMicros } from './wallet.ts';

export interface WalletView {
  readonly heldMicros: number;
  readonly promotionsMicros: number;
  readonly outstandingMicros: number;
  readonly availableMicros: number;
  readonly withdrawableMicros: number;
}

export interface AccountView {
  readonly account: string;
  readonly id: string;
  readonly terms: WalletTerms | null;
  readonly wallet: WalletView | null;
  /** In the books, as payer and payee together: below zero the account owes. */
  readonly balances: ReadonlyArray<{ readonly currency: string; readonly amountMicros: number }>;
  readonly lots: ReadonlyArray<Omit<Lot, 'account' | 'expiresAtSeconds'> & { readonly expiresAt: string }>;
  readonly budgets: readonly BudgetView[];
  /** Those for which something is held back. */
  readonly channels: readonly ChannelView[];
  readonly disputes: readonly DisputeView[];
}

export interface BudgetView {
  readonly scope: string;
  readonly period: string;
  readonly currency: string;
  readonly limitMicros: number;
  readonly countedMicros: number;
}

export interface ChannelView {
  readonly channel: string;
  readonly payee: string;
  readonly currency: string;
  readonly limitMicros: number;
  readonly openedAt: string;
}

export interface DisputeView {
  readonly id: string;
  readonly channel: string;
  readonly currency: string;
  readonly amountMicros: number;
  readonly winner: 'payer' | 'payee' | null;
}

export function accountView(store: Store, name: string, nowSeconds: number): AccountView {
  return store.atOneMoment(() => viewOf(store, knownAccount(store, name), nowSeconds));
}

export function accountViews(store: Store, nowSeconds: number): AccountView[] {
  return store.atOneMoment(() => store.wallets.accounts().map(({ account }) => viewOf(store, account, nowSeconds)));
}

export function timeOf(atSeconds: number): string {
  return new Date(atSeconds * 1000).toISOString().replace('.000Z', 'Z');
}

function viewOf(store: Store, account: AccountId, nowSeconds: number): AccountView {
  const wallet = walletOf(store, account);
  const nameOf = nameOfIn(store);
  return {
    account: nameOf(account),
    id: hexOf(account),
    terms: wallet?.terms ?? null,
    wallet:
      wallet === undefined
        ? null
        : {
            heldMicros: wallet.heldMicros,
            promotionsMicros: lotsMicros(wallet.lots),
            outstandingMicros: wallet.outstandingMicros,
            availableMicros: Math.max(0, availableMicros(wallet, nowSeconds)),
            withdrawableMicros: withdrawableMicros(wallet),
          },
    balances: store.books.balancesOf(account).map(({ currency, amountMicros }) => ({ currency, amountMicros })),
    lots: (wallet?.lots ?? []).map(({ account: _account, expiresAtSeconds, ...lot }) => ({
      ...lot,
      expiresAt: timeOf(expiresAtSeconds),
    })),
    budgets: store.budgets.of(account).map((budget) => budgetViewOf(store, account, budget, nowSeconds)),
    channels: store.reservations.openOf(account).map(({ device, number, payee, currency, limitMicros, openedAtSeconds }) => {
      return { channel: `${device}/${number}`, payee: nameOf(payee), currency, limitMicros, openedAt: timeOf(openedAtSeconds) };
    }),
    disputes: disputesOf(store, account),
  };
}

function budgetViewOf(store: Store, account: AccountId, budget: Budget, nowSeconds: number): BudgetView {
  const { scope, period, currency, limitMicros } = budget;
  const scopeText =
    scope.kind === 'device'
      ? `device ${scope.device}`
      : scope.kind === 'payee'
        ? `payee ${nameOfIn(store)(scope.payee)}`
        : 'whole account';
  const periodText = period.kind === 'day' ? `per day in ${period.zone}` : 'for all time';
  return {
    scope: scopeText,
    period: periodText,
    currency,
    limitMicros,
    countedMicros: countedMicros(store, account, budget, nowSeconds),
  };
}

function disputesOf(store: Store, account: AccountId): DisputeView[] {
  return store.returns.disputes().flatMap(({ id, device, number, amountMicros, resolved }) => {
    const channel = store.channels.account(device, number);
    if (channel === undefined || (channel.payer !== account && channel.payee !== account)) return [];
    return [
      { id, channel: `${device}/${number}`, currency: channel.tariff.currency, amountMicros, winner: resolved?.winner ?? null },
    ];
  });
}
