// Wallets, reckoned again: what each account with terms was given and has used, from what operators did and from the books' own entries, one after the other. In: events as they were
// asked for and answered, channels as they open, entries. Out: a sentence for money that nobody brought, for a promotion that pays out of its turn, and for an account below
// its limit. It shares no arithmetic with the hub.

import type { AccountId, DeviceId } from '../../shared/identity.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import type { PostedEntry } from '../../hub/ledger.ts';
import type { Store } from '../../hub/store.ts';
import type { Broken } from './broken.ts';
import type { OwnReturns } from './own-returns.ts';

/** What an operator has asked the hub to do, under an id of its own. */
export interface OwnEvent {
  readonly amountMicros: number;
  /** The hub has answered: from now on it is in the books, once. */
  answered: boolean;
  booked: boolean;
  readonly promotion: { readonly priority: number; readonly expiresAtSeconds: number } | undefined;
}

export interface OwnLot {
  readonly entry: number;
  readonly priority: number;
  readonly expiresAtSeconds: number;
  leftMicros: number;
}

export interface OwnBudget {
  readonly limitMicros: number;
  /** Of each day there; of all time without it. */
  readonly zone: string | undefined;
  readonly device: DeviceId | undefined;
  readonly payee: AccountId | undefined;
}

/** A channel that its commit has opened on the wallet. */
export interface Opening {
  readonly device: DeviceId;
  readonly number: ChannelNumber;
  readonly payee: AccountId;
  readonly openedAtSeconds: number;
  readonly limitUnits: number;
  /** What its limit may come to cost. */
  readonly mostMicros: number;
  /** Once it is closed and all of it is claimed, what it was charged. */
  endedMicros: number | undefined;
}

export interface OwnWallet {
  readonly name: string;
  readonly account: AccountId;
  readonly kind: 'prepaid' | 'post-paid';
  readonly currency: string;
  readonly creditMicros: number;
  readonly budgets: readonly OwnBudget[];
  /** By the key of the entry that they make. */
  readonly events: Map<string, OwnEvent>;
  readonly lots: OwnLot[];
  readonly openings: Opening[];
  /** Of all accounts: what was asked to come back. */
  readonly returns: OwnReturns;
  /** What its entries sum to, and of these what has come from where. */
  heldMicros: number;
  claimedMicros: number;
  expiredMicros: number;
  /** Collections that came back: the one thing that may take an account below its limit. */
  takenBackMicros: number;
  lastEntry: number;
  /** Budgets are lifted at a scenario's end. */
  isBudgeted: boolean;
}

const MONEY_PRIORITY = 100;

/** Entries that were posted since the last time. */
export function readEntries(store: Store, wallet: OwnWallet, broken: Broken): void {
  for (const entry of store.books.entriesFrom(wallet.lastEntry + 1)) {
    wallet.lastEntry = entry.entry;
    for (const { account, currency, amountMicros } of entry.postings) {
      if (account === wallet.account && currency === wallet.currency) follow(store, wallet, entry, amountMicros, broken);
    }
  }
}

function follow(store: Store, wallet: OwnWallet, entry: PostedEntry, micros: number, broken: Broken): void {
  switch (entry.kind) {
    case 'claim':
      followClaim(store, wallet, entry, -micros, broken);
      break;
    case 'top-up':
    case 'promotion':
      followEvent(wallet, entry, micros, broken);
      break;
    case 'expiry':
      followExpiry(wallet, entry, -micros, broken);
      break;
    case 'reversal':
      wallet.takenBackMicros += -micros;
      break;
    case 'settlement':
    case 'collection':
      break;
    case 'refund':
    case 'resolution':
      if (!wallet.returns.has(entry.key ?? ''))
        broken('wallet-events', `${wallet.name}: entry ${entry.entry}, ${entry.kind}: nobody has asked for "${entry.key ?? ''}"`);
      break;
    case 'withdrawal':
    case 'reward':
    case 'dispute':
    case 'payout':
    case 'fee':
      broken('wallet-events', `${wallet.name}: entry ${entry.entry} is a ${entry.kind} that nobody has asked for`);
  }
  wallet.heldMicros += micros;
}

function followEvent(wallet: OwnWallet, { entry, kind, key = '' }: PostedEntry, micros: number, broken: Broken): void {
  const event = wallet.events.get(key);
  const name = `${wallet.name}: entry ${entry}, ${kind} of ${micros} micros`;
  if (event === undefined) return broken('wallet-events', `${name}: nobody has asked for "${key}"`);
  if (event.booked) return broken('wallet-events', `${name}: "${key}" is in the books twice`);
  if (event.amountMicros !== micros) broken('wallet-events', `${name}: asked for were ${event.amountMicros}`);
  event.booked = true;
  if (event.promotion !== undefined) wallet.lots.push({ entry, ...event.promotion, leftMicros: micros });
}

/** By priority, then by expiry: some before the account's own money, the others after it and before credit. */
function followClaim(store: Store, wallet: OwnWallet, { entry }: PostedEntry, micros: number, broken: Broken): void {
  wallet.claimedMicros += micros;
  if (!wallet.lots.some((lot) => lot.leftMicros > 0)) return;
  const used = new Map(store.lots.usesBy(entry).map((use) => [use.lot, use.usedMicros]));
  const lots = wallet.lots
    .filter((lot) => lot.leftMicros > 0)
    .sort((a, b) => a.priority - b.priority || a.expiresAtSeconds - b.expiresAtSeconds || a.entry - b.entry);
  let moneyMicros = Math.max(0, wallet.heldMicros - lots.reduce((sum, lot) => sum + lot.leftMicros, 0));
  let left = micros;
  for (const lot of lots) {
    if (lot.priority >= MONEY_PRIORITY) {
      left -= Math.min(left, moneyMicros);
      moneyMicros = 0;
    }
    const due = Math.min(left, lot.leftMicros);
    left -= due;
    lot.leftMicros -= due;
    const found = used.get(lot.entry) ?? 0;
    if (found !== due)
      broken(
        'promotion',
        `${wallet.name}: claim ${entry} uses ${found} micros of the promotion of entry ${lot.entry}, ${due} were due`,
      );
  }
}

function followExpiry(wallet: OwnWallet, entry: PostedEntry, micros: number, broken: Broken): void {
  const lot = wallet.lots.find((one) => one.entry === entry.refersTo);
  const name = `${wallet.name}: entry ${entry.entry} takes ${micros} micros back`;
  wallet.expiredMicros += micros;
  if (lot === undefined) return broken('promotion', `${name} of a promotion that there is not`);
  if (entry.postedAtSeconds < lot.expiresAtSeconds)
    broken(
      'promotion',
      `${name} ${lot.expiresAtSeconds - entry.postedAtSeconds} s before the promotion of entry ${lot.entry} ends`,
    );
  if (micros > lot.leftMicros) broken('promotion', `${name}, ${lot.leftMicros} were left of the promotion of entry ${lot.entry}`);
  lot.leftMicros -= micros;
}
