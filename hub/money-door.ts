// The door for what operators do to accounts: names, amounts, ids, texts. In: what they typed. Out: what the rooms behind may trust, or one sentence that begins with the
// field's name. What is refused here, or later in the same transaction, is recorded nowhere.

import type { AccountId, DeviceId } from '../shared/identity.ts';
import { parseDeviceId } from '../shared/identity.ts';
import type { ChannelNumber } from '../shared/units.ts';
import { MAX_CHANNEL_NUMBER } from '../shared/units.ts';
import type { Account } from './account.ts';
import { assertPosted } from './audit.ts';
import { accountNameFault, MAX_CREDIT_MICROS } from './enrol-request.ts';
import { accountIdOf } from './ids.ts';
import type { Entry } from './ledger.ts';
import { assertBalanced, OWN_PREFIX } from './ledger.ts';
import type { Store } from './store.ts';
import type { WalletTerms } from './store-wallets.ts';
import { isKnownCurrency } from './tariff/currency.ts';
import { decimalText } from './tariff/decimal.ts';

/** One sentence; whatever was begun is undone. */
export class MoneyRefused extends Error {}

/** The most that one event may move. */
export const MAX_EVENT_MICROS = MAX_CREDIT_MICROS;

/** What an event has become: `repeated` when it was there already, word for word. */
export interface Posted {
  readonly entry: number;
  readonly repeated: boolean;
}

export function knownAccount(store: Store, name: string): AccountId {
  if (name.startsWith(OWN_PREFIX))
    throw new MoneyRefused(`account: ${name} is the operator's own; only entries of other accounts move it`);
  const account = accountIdOf(name);
  if (store.wallets.find(account) === undefined) {
    throw new MoneyRefused(
      `account: expected one that exists, got "${name}"; see tallystick account list, or make it: tallystick account add ${name}`,
    );
  }
  return account;
}

/** A name for a new account. */
export function checkedName(name: string): string {
  const fault = accountNameFault(name);
  if (fault !== undefined) throw new MoneyRefused(`account: ${fault}, got "${name}"`);
  return name;
}

export function termsOf(store: Store, account: AccountId, name: string): WalletTerms {
  const terms = store.wallets.termsOf(account);
  if (terms !== undefined) return terms;
  throw new MoneyRefused(`account: ${name} has no terms; give it some with: tallystick account terms ${name} --help`);
}

export function checkedAmount(amountMicros: number, field = 'amount'): number {
  if (Number.isSafeInteger(amountMicros) && amountMicros >= 1 && amountMicros <= MAX_EVENT_MICROS) return amountMicros;
  throw new MoneyRefused(
    `${field}: expected ${decimalText(1)} to ${decimalText(MAX_EVENT_MICROS)}, got ${decimalText(amountMicros)}`,
  );
}

/** An id is the operator's own name for an event: so that asking twice does it once. */
export function checkedId(id: string): string {
  if (/^[\x21-\x7e]{1,64}$/.test(id)) return id;
  throw new MoneyRefused(`id: expected 1 to 64 printable ASCII characters without spaces, got "${id}"`);
}

export function checkedText(text: string, field = 'reason'): string {
  if (text.length >= 1 && text.length <= 200 && !/[\p{Cc}\p{Cs}]/u.test(text)) return text;
  throw new MoneyRefused(`${field}: expected 1 to 200 characters on one line, got ${JSON.stringify(text)}`);
}

export function checkedCurrency(currency: string): string {
  if (isKnownCurrency(currency)) return currency;
  throw new MoneyRefused(`currency: expected a currency of ISO 4217 that is in use, such as EUR, got "${currency}"`);
}

/** A channel by the name that statements give it. */
export function knownChannel(store: Store, name: string): Account {
  const match = /^([^/]+)\/(\d{1,10})$/.exec(name);
  const device: DeviceId | undefined = parseDeviceId(match?.[1] ?? '');
  const number = Number(match?.[2]);
  if (device === undefined || !(number >= 1 && number <= MAX_CHANNEL_NUMBER)) {
    throw new MoneyRefused(`channel: expected <device>/<number>, such as dQw4w9WgXcQ/1, got "${name}"`);
  }
  const account = store.channels.account(device, number as ChannelNumber);
  if (account === undefined) throw new MoneyRefused(`channel: expected one that is known here, got "${name}"`);
  return account;
}

/** Within the caller's transaction. `isSame` compares what the entry does not hold. */
export function postOnce(store: Store, { what, id, entry, nowSeconds, isSame = () => true }: Once): Posted {
  const key = `${entry.kind}:${id}`;
  const earlier = store.books.numberOf(key);
  if (earlier !== undefined) {
    const found = store.books.find(earlier);
    if (found !== undefined && isSameEntry(found, entry) && isSame(earlier)) return { entry: earlier, repeated: true };
    throw new MoneyRefused(
      `id: duplicate ${what} id "${id}": entry ${earlier} has it with other content: ${wordsOf(store, found)}; asked for was ${wordsOf(store, entry)}`,
    );
  }
  assertBalanced(entry.postings, `a ${entry.kind} entry`);
  assertCountable(store, entry);
  const number = store.books.post({ ...entry, key }, nowSeconds);
  assertPosted(store, number);
  return { entry: number, repeated: false };
}

/** Wallets are summed exactly or not at all. */
function assertCountable(store: Store, { postings }: Omit<Entry, 'key'>): void {
  for (const { account, currency, amountMicros } of postings) {
    const heldMicros = store.wallets.heldMicros(account, currency);
    if (Number.isSafeInteger(heldMicros + amountMicros)) continue;
    const name = store.devices.accountName(account) ?? 'the account';
    throw new MoneyRefused(
      `amount: ${name} would have more than can be counted exactly (2^53 micros), got ${decimalText(amountMicros)} ${currency} on ${decimalText(heldMicros)}`,
    );
  }
}

interface Once {
  /** As people call it. */
  readonly what: string;
  readonly id: string;
  readonly entry: Omit<Entry, 'key'>;
  readonly nowSeconds: number;
  readonly isSame?: (entry: number) => boolean;
}

function isSameEntry(found: Entry, asked: Omit<Entry, 'key'>): boolean {
  return JSON.stringify(contentOf(found)) === JSON.stringify(contentOf(asked));
}

function contentOf({ kind, text, postings }: Omit<Entry, 'key'>): unknown {
  return [kind, text ?? null, postings.map(({ account, currency, amountMicros }) => [account, currency, amountMicros])];
}

function wordsOf(store: Store, entry: Omit<Entry, 'key'> | undefined): string {
  const moves = (entry?.postings ?? []).map(({ account, currency, amountMicros }) => {
    return `${store.devices.accountName(account) ?? 'an unknown account'} ${decimalText(amountMicros)} ${currency}`;
  });
  return moves.join(', ') + (entry?.text === undefined ? '' : `, "${entry.text}"`);
}
