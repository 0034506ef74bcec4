// The auditor's walk through the whole database: every channel against its own record, every price recomputed, every account against its channels. In: the
// committed books and the auditor's own. Out: sentences for what does not hold. The hub's own audit is asked as well, and is not enough.

import { audit } from '../../hub/audit.ts';
import { writeTariff } from '../../shared/tariff.ts';
import { auditBalances } from './balances.ts';
import type { Broken } from './broken.ts';
import type { Account } from '../../hub/account.ts';
import type { Store } from '../../hub/store.ts';
import type { DeviceId } from '../../shared/identity.ts';
import type { OwnChannel, OwnDevice } from './own-books.ts';
import { noteThiefsPromise } from './own-books.ts';
import type { RoutedSide } from './payouts.ts';
import { auditPayouts } from './payouts.ts';
import type { OwnReturns } from './own-returns.ts';
import { auditReturns } from './own-returns.ts';
import { segmentsFault } from './own-segments.ts';
import type { OwnWallet } from './own-wallets.ts';
import { ownCharge } from './second-charge.ts';
import { auditWallet } from './wallets.ts';

/** What the auditor has noted by itself. */
export interface OwnBooks {
  readonly devices: ReadonlyMap<DeviceId, OwnDevice>;
  readonly wallets: readonly OwnWallet[];
  readonly sides: readonly RoutedSide[];
  readonly returns: OwnReturns;
}

export function auditBooks(store: Store, { devices, wallets, sides, returns }: OwnBooks, broken: Broken): void {
  for (const fault of audit(store)) broken('hub-audit', fault);
  const accounts = store.channels.accounts();
  for (const account of accounts) auditChannel(store, account, devices.get(account.device), broken);
  auditAbsent(accounts, devices, broken);
  for (const wallet of wallets) auditWallet(store, wallet, broken);
  auditPayouts(store, accounts, sides, broken);
  auditReturns(store, returns, broken);
  auditBalances(store, accounts, { wallets, sides, returns }, broken);
  auditSettled(store, accounts, broken);
}

function auditChannel(store: Store, account: Account, own: OwnDevice | undefined, broken: Broken): void {
  const name = `${own?.label ?? account.device}/${account.number}`;
  const channel = own?.channels.get(account.number);
  if (own === undefined || channel === undefined) return broken('fraud', `${name}: a channel that no board opened`);
  const { acceptedUnits, claimedUnits, settledUnits } = account;
  noteThiefsPromise(own, channel, acceptedUnits);
  const chain: Array<[string, number, string, number]> = [
    ['vouchered', channel.voucheredUnits, 'accepted', acceptedUnits],
    ['accepted', acceptedUnits, 'claimed', claimedUnits],
    ['claimed', claimedUnits, 'settled', settledUnits],
  ];
  for (const [upper, more, lower, less] of chain) if (more < less) broken(`${upper} >= ${lower}`, `${name}: ${more} < ${less}`);
  if (acceptedUnits < channel.receiptedUnits)
    broken('receipts-are-durable', `${name}: ${channel.receiptedUnits} confirmed, ${acceptedUnits} in the books`);
  if (channel.closed && !account.closed) broken('receipts-are-durable', `${name}: confirmed as closed, open in the books`);
  auditTerms(account, own, channel, name, broken);
  auditPrices(store, account, { own, channel, name }, broken);
  neverFalls(channel, account, name, broken);
}

function auditTerms(account: Account, own: OwnDevice, channel: OwnChannel, name: string, broken: Broken): void {
  if (account.acceptedUnits > channel.terms.limitUnits)
    broken('limit', `${name}: ${account.acceptedUnits} units, the limit is ${channel.terms.limitUnits}`);
  if (account.payee !== channel.terms.payee)
    broken('payee', `${name}: the books credit another account than the commitment names`);
  if (account.tariffId !== channel.terms.tariff)
    broken('tariff', `${name}: the books charge by another tariff than the commitment names`);
  if (writeTariff(account.tariff) !== writeTariff(own.tariff))
    broken('tariff', `${name}: the price in the books is not the one agreed`);
}

interface Priced {
  readonly own: OwnDevice;
  readonly channel: OwnChannel;
  readonly name: string;
}

function auditPrices(store: Store, account: Account, { own: { tariff }, channel, name }: Priced, broken: Broken): void {
  const segments = store.segments.of(account);
  if (channel.times !== undefined && tariff.kind === 'rich') {
    const fault = segmentsFault(tariff, channel.times, segments);
    if (fault !== undefined) broken('price-of-its-time', `${name}: ${fault}`);
  }
  const prices: Array<[string, number, number]> = [
    ['charged', account.acceptedUnits, account.chargedMicros],
    ['claimed', account.claimedUnits, account.claimedMicros],
    ['settled', account.settledUnits, account.settledMicros],
  ];
  for (const [what, units, micros] of prices) {
    const due = ownCharge(tariff, segments, units);
    if (due !== micros) broken('price', `${name}: ${units} units cost ${due} micros, ${micros} are ${what}`);
  }
}

function neverFalls(channel: OwnChannel, account: Account, name: string, broken: Broken): void {
  for (const what of ['acceptedUnits', 'claimedUnits', 'settledUnits'] as const) {
    if (account[what] < channel[what]) broken('nothing-falls', `${name}: ${what} was ${channel[what]}, is ${account[what]}`);
    channel[what] = account[what];
  }
}

/** A channel that was confirmed once is in the books for good. */
function auditAbsent(accounts: readonly Account[], devices: ReadonlyMap<DeviceId, OwnDevice>, broken: Broken): void {
  const present = new Set(accounts.map((account) => `${account.device}/${account.number}`));
  for (const [device, own] of devices) {
    for (const [number, channel] of own.channels) {
      if (channel.receiptedUnits > 0 && !present.has(`${device}/${number}`))
        broken('receipts-are-durable', `${own.label}/${number}: confirmed, and not in the books`);
    }
  }
}

function auditSettled(store: Store, accounts: readonly Account[], broken: Broken): void {
  const totals = new Map(store.batches.settledTotals().map((total) => [`${total.device}/${total.number}`, total]));
  for (const { device, number, settledUnits, settledMicros } of accounts) {
    const total = totals.get(`${device}/${number}`) ?? { units: 0, micros: 0 };
    if (total.units === settledUnits && total.micros === settledMicros) continue;
    broken('settled-once', `${device}/${number}: batches hold ${total.units} units, ${settledUnits} are settled`);
  }
}
