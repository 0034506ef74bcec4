// A statement: what moved an account between two days, and why, down to the vouchers. In: the store, read at one moment. Out: plain JSON values whose sums were checked: a
// statement that does not add up is an exception and never a document. Claims are told by channel, because that is what a payer has promised.

import { chargeOf, taxOf } from '../shared/charge.ts';
import type { AccountId } from '../shared/identity.ts';
import type { Units } from '../shared/units.ts';
import type { Account } from './account.ts';
import { nameOfIn } from './batch-view.ts';
import { sumMicros } from './ledger.ts';
import type { EntryKind } from './ledger.ts';
import { knownAccount, MoneyRefused } from './money-door.ts';
import { partsOfEntries } from './statement-lines.ts';
import { priceOf } from './statement-price.ts';
import type { Store } from './store.ts';
import type { Move } from './store-books.ts';
import type { ClaimDay } from './store-claim-days.ts';
import { DAY_SECONDS } from './store-claim-days.ts';
import type { PriceStep } from './tariff/price-steps.ts';
import { stepsOf } from './tariff/price-steps.ts';
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
  /** Of settlements, payouts and collections: which units of which channels they are for. They sum to the amount. */
  readonly parts: readonly PriceStep[];
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
  /** The part of the amount that is tax, of the same sign. */
  readonly taxMicros: number;
  /** What the units claimed until the end of the period cost, step by step; the amount is that, less what they had cost before. */
  readonly steps: readonly PriceStep[];
  readonly beforeUnits: number;
  readonly beforeMicros: number;
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
  /** In what was claimed: below zero what the account has paid as a payer, above it what it has received as a payee. */
  readonly taxPaidMicros: number;
  readonly taxReceivedMicros: number;
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
  const partsOf = partsOfEntries(store, account, currency);
  const entries = books.movesWithin(account, currency, from, until).map((move) => entryOf(move, partsOf(move)));
  const claimed = books.claimedWithin(account, currency, from, until);
  const told = sumMicros(channels.map((one) => one.amountMicros));
  if (claimed !== told)
    throw new Error(`a statement in ${currency}: claim entries sum to ${claimed} micros, channels to ${told}`);
  const closingMicros = sumMicros([openingMicros, told, ...entries.map((one) => one.amountMicros)]);
  const booked = books.balanceBefore(account, currency, until);
  if (closingMicros !== booked)
    throw new Error(`a statement in ${currency}: it closes at ${closingMicros} micros, the books at ${booked}`);
  const taxOfRole = (role: StatementChannel['role']): number =>
    sumMicros(channels.filter((one) => one.role === role).map((one) => one.taxMicros));
  const taxes = { taxPaidMicros: taxOfRole('payer'), taxReceivedMicros: taxOfRole('payee') };
  return { currency, openingMicros, channels, entries, closingMicros, ...taxes };
}

function entryOf(
  { entry, kind, key, refersTo, text, postedAtSeconds, amountMicros }: Move,
  parts: readonly PriceStep[],
): StatementEntry {
  const about = { key: key ?? null, refersTo: refersTo ?? null, text: text ?? null };
  return { entry, at: timeOf(postedAtSeconds), kind, amountMicros, ...about, parts };
}

function channelsOf({ store, account, currency, fromDay, untilDay }: Asked): StatementChannel[] {
  return store.channels.accountsOf(account).flatMap((channel) => {
    if (channel.tariff.currency !== currency) return [];
    const { device, number } = channel;
    const within = claimedOn(store.claimDays.of(device, number, fromDay, untilDay));
    if (within === undefined) return [];
    const before = claimedOn(store.claimDays.of(device, number, 0, fromDay)) ?? NOTHING;
    return [channelOf(store, account, channel, priced(store, channel, before, within))];
  });
}

interface Claimed {
  readonly units: number;
  readonly micros: number;
}

const NOTHING: Claimed = { units: 0, micros: 0 };

function claimedOn(days: readonly ClaimDay[]): Claimed | undefined {
  if (days.length === 0) return undefined;
  return { units: sumMicros(days.map((day) => day.units)), micros: sumMicros(days.map((day) => day.micros)) };
}

type Priced = Pick<StatementChannel, 'units' | 'amountMicros' | 'taxMicros' | 'steps' | 'beforeUnits' | 'beforeMicros'>;

/** Everything from the tariff again: days that sum to another amount are an exception. */
function priced(store: Store, { device, number, tariff }: Account, before: Claimed, within: Claimed): Priced {
  const segments = store.segments.of({ device, number, tariff });
  const untilUnits = before.units + within.units;
  const untilMicros = before.micros + within.micros;
  const [beforeDue, due] = [before.units, untilUnits].map((units) => chargeOf(tariff, segments, units as Units));
  if (beforeDue !== before.micros || due !== untilMicros) {
    const said = `its days say ${before.micros}, then ${untilMicros} micros, its tariff ${beforeDue}, then ${due}`;
    throw new Error(`channel ${device}/${number}: ${said}`);
  }
  return {
    units: within.units,
    amountMicros: within.micros,
    taxMicros: taxOf(tariff, untilMicros) - taxOf(tariff, before.micros),
    steps: stepsOf(tariff, segments, untilUnits, untilMicros),
    beforeUnits: before.units,
    beforeMicros: before.micros,
  };
}

function channelOf(store: Store, account: AccountId, channel: Account, price: Priced): StatementChannel {
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
    ...price,
    amountMicros: signed(price.amountMicros, pays),
    taxMicros: signed(price.taxMicros, pays),
    acceptedUnits: channel.acceptedUnits,
    proof: channel.acceptedUnits === 0 ? 'none' : signedLast ? 'signature' : 'payword',
    closed: channel.closed,
  };
}

/** No amount is -0. */
function signed(micros: number, pays: boolean): number {
  return pays && micros !== 0 ? -micros : micros;
}

export function dateOf(day: number): string {
  return new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10);
}
