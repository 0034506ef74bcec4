// Money that comes into a wallet or leaves it: top-ups, withdrawals, promotions, rewards. In: an event under the operator's own id. Out: one entry in the books, or the one
// that the same event made before; or a refusal, and nothing is recorded. Nothing leaves that an open channel may still cost.

import { parseDeviceId } from '../shared/identity.ts';
import type { AccountId } from '../shared/identity.ts';
import type { Entry, EntryKind } from './ledger.ts';
import { BANK, PROMOTIONS, REWARDS } from './ledger.ts';
import type { Posted } from './money-door.ts';
import { checkedAmount, checkedId, checkedText, knownAccount, MoneyRefused, postOnce, termsOf } from './money-door.ts';
import type { Store } from './store.ts';
import { walletOf, withdrawableMicros } from './wallet.ts';
import { decimalText } from './tariff/decimal.ts';

export interface MoneyEvent {
  readonly id: string;
  readonly amountMicros: number;
  readonly text?: string;
  readonly nowSeconds: number;
}

/** Money has come to the operator's bank for the account. */
export function topUpWallet(store: Store, name: string, event: MoneyEvent): Posted {
  return moved(store, name, event, { kind: 'top-up', what: 'top-up', from: BANK });
}

/** Money goes back to the account's owner: never credit, promotions, or what open channels may cost. */
export function withdraw(store: Store, name: string, event: MoneyEvent): Posted {
  checkEvent(event);
  return store.atomically(() => {
    const account = knownAccount(store, name);
    const { currency } = termsOf(store, account, name);
    const entry = entryOf(event, { kind: 'withdrawal', from: account, to: own(store, BANK, event), currency });
    const posted = postOnce(store, { what: 'withdrawal', id: event.id, entry, nowSeconds: event.nowSeconds });
    if (posted.repeated) return posted;
    const after = walletOf(store, account);
    // Looked at before the withdrawal; the entry is undone with the refusal.
    const before = after === undefined ? 0 : withdrawableMicros({ ...after, heldMicros: after.heldMicros + event.amountMicros });
    if (event.amountMicros > before) {
      throw new MoneyRefused(
        `amount: expected at most ${decimalText(before)} ${currency}, which is ${name}'s own and free, got ${decimalText(event.amountMicros)}`,
      );
    }
    return posted;
  });
}

export interface Promotion extends MoneyEvent {
  readonly expiresAtSeconds: number;
  /** Below 100 it is used before the account's own money. */
  readonly priority: number;
}

/** Credit that the operator gives for a time. */
export function promote(store: Store, name: string, promotion: Promotion): Posted {
  checkEvent(promotion);
  const { expiresAtSeconds, priority, amountMicros, nowSeconds, id } = promotion;
  if (!Number.isSafeInteger(priority) || priority < 0 || priority > 1000) {
    throw new MoneyRefused(`priority: expected 0 to 1000, got ${priority}`);
  }
  if (!Number.isSafeInteger(expiresAtSeconds)) throw new MoneyRefused(`expires: expected a time, got ${expiresAtSeconds}`);
  return store.atomically(() => {
    const account = knownAccount(store, name);
    const { currency } = termsOf(store, account, name);
    const entry = entryOf(promotion, { kind: 'promotion', from: own(store, PROMOTIONS, promotion), to: account, currency });
    const isSame = (number: number): boolean => {
      const lot = store.lots.find(number);
      return lot?.expiresAtSeconds === expiresAtSeconds && lot.priority === priority;
    };
    const posted = postOnce(store, { what: 'promotion', id, entry, nowSeconds, isSame });
    if (posted.repeated) return posted;
    if (expiresAtSeconds <= nowSeconds)
      throw new MoneyRefused(`expires: expected a time to come, got ${new Date(expiresAtSeconds * 1000).toISOString()}`);
    store.lots.add({ entry: posted.entry, account, currency, amountMicros, priority, expiresAtSeconds });
    return posted;
  });
}

/** To whoever pays for the device: the operator rewards what the machine has done. */
export function reward(store: Store, device: string, event: MoneyEvent): Posted {
  checkEvent(event);
  return store.atomically(() => {
    const id = parseDeviceId(device);
    const row = id === undefined ? undefined : store.devices.find(id);
    if (row === undefined)
      throw new MoneyRefused(`device: expected one that is enrolled here, got "${device}"; see tallystick device list`);
    const currency = store.wallets.termsOf(row.payer)?.currency ?? store.devices.findTariff(row.tariff)?.currency;
    if (currency === undefined) throw new Error(`device ${device} has no tariff`);
    const entry = entryOf(event, { kind: 'reward', from: own(store, REWARDS, event), to: row.payer, currency });
    const text = event.text === undefined ? row.device : `${row.device}: ${event.text}`;
    return postOnce(store, { what: 'reward', id: event.id, entry: { ...entry, text }, nowSeconds: event.nowSeconds });
  });
}

interface Movement {
  readonly kind: EntryKind;
  readonly what: string;
  readonly from: string;
}

function moved(store: Store, name: string, event: MoneyEvent, { kind, what, from }: Movement): Posted {
  checkEvent(event);
  return store.atomically(() => {
    const account = knownAccount(store, name);
    const { currency } = termsOf(store, account, name);
    const entry = entryOf(event, { kind, from: own(store, from, event), to: account, currency });
    return postOnce(store, { what, id: event.id, entry, nowSeconds: event.nowSeconds });
  });
}

function checkEvent({ id, amountMicros, text }: MoneyEvent): void {
  checkedId(id);
  checkedAmount(amountMicros);
  if (text !== undefined) checkedText(text, 'text');
}

function own(store: Store, name: string, { nowSeconds }: MoneyEvent): AccountId {
  return store.devices.account(name, nowSeconds);
}

interface Ends {
  readonly kind: EntryKind;
  readonly from: AccountId;
  readonly to: AccountId;
  readonly currency: string;
}

function entryOf({ amountMicros, text }: MoneyEvent, { kind, from, to, currency }: Ends): Entry {
  return {
    kind,
    ...(text === undefined ? {} : { text }),
    postings: [
      { account: from, currency, amountMicros: -amountMicros },
      { account: to, currency, amountMicros },
    ],
  };
}
