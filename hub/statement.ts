// A statement: what moved an account between two days, and why, down to the vouchers. In: the store, read at one moment. Out: plain JSON values whose sums were checked: a
// statement that does not add up is an exception and never a document. Claims are told by channel, because that is what a payer has promised.

import type { AccountId } from '../shared/identity.ts';
import type { Account } from './account.ts';
import { nameOfIn } from './batch-view.ts';
import { sumMicros } from './ledger.ts';
import type { EntryKind } from './ledger.ts';
import { knownAccount, MoneyRefused } from './money-door.ts';
import { priceOf } from './statement-price.ts';
import type { Store } from './store.ts';
import type { Move } from './store-books.ts';
import { DAY_SECONDS } from './store-claim-days.ts';
import { timeOf } from './wallet-view.ts';

/** What moved the account, but for claims. */
export interface StatementEntry {
  readonly entry: number;
  readonly at: string;
  readonly kind: EntryKind;
  readonly amountMicros: number;
  /** The operator's own id for the event, or what else makes the entry this one. */
  readonly key: string | null;
  readonly refersTo: number | null;
  readonly text: string | null;
}

/** What was claimed on a channel within the period. */
export interface StatementChannel {
  readonly channel: string;
  readonly role: 'payer' | 'payee';
  readonly other: string;
  readonly tariff: string;
  /** In words, with the tax if the tariff has one. */
  readonly price: string;
  readonly unit: string;
  readonly units: number;
  /** Below zero for the payer. */
  readonly amountMicros: number;
  /** Of the whole channel, as it stands now. */
  readonly acceptedUnits: number;
  /** What proves them; evidence shows it. */
  readonly proof: 'payword' | 'signature' | 'none';
  readonly closed: boolean;
}

export interface StatementCurrency {
  readonly currency: string;
  readonly openingMicros: number;
  readonly channels: readonly StatementChannel[];
  readonly entries: readonly StatementEntry[];
  readonly closingMicros: number;
}

export interface Statement {
  readonly account: string;
  /** Days in UTC, both within. */
  readonly from: string;
  readonly to: string;
  readonly writtenAt: string;
  readonly currencies: readonly StatementCurrency[];
}

export interface Period {
  /** Days since 1970, UTC; `untilDay` is the first that is left out. */
  readonly fromDay: number;
  readonly untilDay: number;
}

export function statementOf(store: Store, name: string, { fromDay, untilDay }: Period, nowSeconds: number): Statement {
  if (untilDay <= fromDay) throw new MoneyRefused(`to: expected a day from ${dateOf(fromDay)} on, got ${dateOf(untilDay - 1)}`);
  return store.atOneMoment(() => {
    const account = knownAccount(store, name);
    const currencies = store.books.balancesOf(account).map((one) => one.currency);
    return {
      account: nameOfIn(store)(account),
      from: dateOf(fromDay),
      to: dateOf(untilDay - 1),
      writtenAt: timeOf(nowSeconds),
      currencies: currencies.map((currency) => currencyOf({ store, account, currency, fromDay, untilDay })),
    };
  });
}

interface Asked extends Period {
  readonly store: Store;
  readonly account: AccountId;
  readonly currency: string;
}

function currencyOf(asked: Asked): StatementCurrency {
  const { store, account, currency, fromDay, untilDay } = asked;
  const { books } = store;
  const [from, until] = [fromDay * DAY_SECONDS, untilDay * DAY_SECONDS];
  const openingMicros = books.balanceBefore(account, currency, from);
  const channels = channelsOf(asked);
  const entries = books.movesWithin(account, currency, from, until).map(entryOf);
  const claimed = books.claimedWithin(account, currency, from, until);
  const told = sumMicros(channels.map((one) => one.amountMicros));
  if (claimed !== told)
    throw new Error(`a statement in ${currency}: claim entries sum to ${claimed} micros, channels to ${told}`);
  const closingMicros = sumMicros([openingMicros, told, ...entries.map((one) => one.amountMicros)]);
  const booked = books.balanceBefore(account, currency, until);
  if (closingMicros !== booked)
    throw new Error(`a statement in ${currency}: it closes at ${closingMicros} micros, the books at ${booked}`);
  return { currency, openingMicros, channels, entries, closingMicros };
}

function entryOf({ entry, kind, key, refersTo, text, postedAtSeconds, amountMicros }: Move): StatementEntry {
  const about = { key: key ?? null, refersTo: refersTo ?? null, text: text ?? null };
  return { entry, at: timeOf(postedAtSeconds), kind, amountMicros, ...about };
}

function channelsOf(asked: Asked): StatementChannel[] {
  const { store, account, currency, fromDay, untilDay } = asked;
  return store.channels.accountsOf(account).flatMap((channel) => {
    if (channel.tariff.currency !== currency) return [];
    const days = store.claimDays.of(channel.device, channel.number, fromDay, untilDay);
    if (days.length === 0) return [];
    const micros = sumMicros(days.map((day) => day.micros));
    const units = sumMicros(days.map((day) => day.units));
    return [channelOf(store, account, channel, units, micros)];
  });
}

function channelOf(store: Store, account: AccountId, channel: Account, units: number, micros: number): StatementChannel {
  const pays = channel.payer === account;
  const known = store.channels.find(channel.device, channel.number);
  const signedLast = known?.signed !== undefined && known.linkUnits < channel.acceptedUnits;
  return {
    channel: `${channel.device}/${channel.number}`,
    role: pays ? 'payer' : 'payee',
    other: nameOfIn(store)(pays ? channel.payee : channel.payer),
    tariff: Buffer.from(channel.tariffId, 'latin1').toString('hex'),
    price: priceOf(channel.tariff),
    unit: channel.tariff.unit,
    units,
    amountMicros: pays ? -micros : micros,
    acceptedUnits: channel.acceptedUnits,
    proof: channel.acceptedUnits === 0 ? 'none' : signedLast ? 'signature' : 'payword',
    closed: channel.closed,
  };
}

export function dateOf(day: number): string {
  return new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10);
}
