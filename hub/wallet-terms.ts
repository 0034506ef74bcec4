// Giving an account terms, and budgets. In: what the operator wants. Out: rows that hold from now on, and reservations for the channels that are open already; or a
// refusal, and nothing is recorded. No terms are taken that what is open already could break.

import type { AccountId } from '../shared/identity.ts';
import { parseDeviceId } from '../shared/identity.ts';
import { assertDrawn, writeClaims } from './draw.ts';
import type { Store } from './store.ts';
import type { Budget, BudgetScope } from './store-budgets.ts';
import type { WalletTerms } from './store-wallets.ts';
import {
  checkedAmount,
  checkedCurrency,
  checkedName,
  knownAccount,
  MoneyRefused,
  MAX_EVENT_MICROS,
  termsOf,
} from './money-door.ts';
import { isBounded, limitMicrosOf } from './purse.ts';
import { accountIdOf } from './ids.ts';
import { uncommittedMicros, walletOf } from './wallet.ts';
import { isZone } from './zone.ts';
import { decimalText } from './tariff/decimal.ts';

/** False if it was there already. */
export function addAccount(store: Store, name: string, nowSeconds: number): boolean {
  checkedName(name);
  return store.atomically(() => {
    if (store.wallets.find(accountIdOf(name)) !== undefined) return false;
    store.devices.account(name, nowSeconds);
    return true;
  });
}

export function giveTerms(store: Store, name: string, terms: WalletTerms, nowSeconds: number): void {
  checkedTerms(terms);
  const drawn = store.atomically(() => {
    const account = knownAccount(store, name);
    const before = store.wallets.termsOf(account);
    if (before !== undefined && before.currency !== terms.currency) {
      throw new MoneyRefused(
        `currency: ${name} has terms in ${before.currency} for good, got ${terms.currency}; use another account`,
      );
    }
    const claims = writeClaims(store, nowSeconds);
    reserveOpen(store, account);
    store.wallets.setTerms(account, terms, nowSeconds);
    assertCovered(store, account, name);
    return claims;
  });
  assertDrawn(store, drawn);
}

function checkedTerms({ kind, currency, creditMicros }: WalletTerms): void {
  checkedCurrency(currency);
  if (kind === 'prepaid' && creditMicros !== 0) throw new MoneyRefused('credit: expected none for a prepaid account');
  if (!Number.isSafeInteger(creditMicros) || creditMicros < 0 || creditMicros > MAX_EVENT_MICROS) {
    throw new MoneyRefused(`credit: expected 0 to ${MAX_EVENT_MICROS} micros, got ${creditMicros}`);
  }
}

/** Terms that are broken from the beginning promise nothing. */
function assertCovered(store: Store, account: AccountId, name: string): void {
  const wallet = walletOf(store, account);
  const shortMicros = wallet === undefined ? 0 : -uncommittedMicros(wallet);
  if (wallet === undefined || shortMicros <= 0) return;
  const { kind, currency } = wallet.terms;
  const mend =
    kind === 'prepaid' ? 'give post-paid terms first and top up, or release channels' : 'give more credit, or release channels';
  throw new MoneyRefused(
    `terms: ${name} is short of ${decimalText(shortMicros)} ${currency} for what it owes and its open channels may cost; ${mend}`,
  );
}

/** Channels that were opened while nothing bounded their payer. */
function reserveOpen(store: Store, account: AccountId): void {
  if (isBounded(store, account)) return;
  for (const open of store.channels.accountsOf(account)) {
    if (open.payer !== account || open.closed || store.reservations.find(open.device, open.number) !== undefined) continue;
    const channel = store.channels.find(open.device, open.number);
    if (channel === undefined) throw new Error(`channel ${open.device}/${open.number} is in the books and has no commitment`);
    if (channel.acceptedUnits >= channel.terms.limitUnits) continue;
    const { device, number, payee } = open;
    const reservation = { device, number, account, payee, currency: open.tariff.currency, limitMicros: limitMicrosOf(channel) };
    store.reservations.reserve(reservation, store.channels.openedAtSeconds(device, number));
  }
}

export interface BudgetRequest {
  readonly device?: string;
  readonly payee?: string;
  /** The day's zone; without it the budget is for all time. */
  readonly dayZone?: string;
  /** Unless the account has terms, which say it. */
  readonly currency?: string;
  /** `undefined` lifts the budget. */
  readonly limitMicros: number | undefined;
}

export function setBudget(store: Store, name: string, request: BudgetRequest, nowSeconds: number): Omit<Budget, 'limitMicros'> {
  return store.atomically(() => {
    const account = knownAccount(store, name);
    const { limitMicros } = request;
    if (limitMicros !== undefined && limitMicros !== 0) checkedAmount(limitMicros, 'limit');
    const scope = scopeOf(store, request);
    const period =
      request.dayZone === undefined
        ? ({ kind: 'ever' } as const)
        : ({ kind: 'day', zone: checkedZone(request.dayZone) } as const);
    const budget = { scope, period, currency: checkedCurrency(request.currency ?? termsOf(store, account, name).currency) };
    reserveOpen(store, account);
    store.budgets.set(account, budget, limitMicros, nowSeconds);
    return budget;
  });
}

function scopeOf(store: Store, { device, payee }: BudgetRequest): BudgetScope {
  if (device !== undefined && payee !== undefined)
    throw new MoneyRefused('device, payee: expected one of them or none, got both');
  if (payee !== undefined) return { kind: 'payee', payee: knownAccount(store, payee) };
  if (device === undefined) return { kind: 'account' };
  const id = parseDeviceId(device);
  if (id === undefined || store.devices.find(id) === undefined) {
    throw new MoneyRefused(`device: expected one that is enrolled here, got "${device}"; see tallystick device list`);
  }
  return { kind: 'device', device: id };
}

function checkedZone(zone: string): string {
  if (isZone(zone)) return zone;
  throw new MoneyRefused(`zone: expected a time zone such as Europe/Berlin, got "${zone}"`);
}
