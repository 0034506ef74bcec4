// The audit: the chain that must hold, checked after every commit for what it touched, and on demand for everything. In: where channels and books stand. Out:
// an exception that names the two numbers, or the list of all that is wrong. It recomputes; it must never trust a stored total.

import type { Segment } from '../shared/charge.ts';
import { chargeOf } from '../shared/charge.ts';
import type { AccountId } from '../shared/identity.ts';
import type { Units } from '../shared/units.ts';
import { toHex } from '../shared/bytes.ts';
import { hexOf } from './blob.ts';
import { BooksDisagree } from './disagree.ts';
import type { Posting, Transfer } from './ledger.ts';
import { entryHash, ledgerStart, sumMicros, sumsOf } from './ledger.ts';
import { sha256 } from './proofs.ts';
import type { Store } from './store.ts';
import type { Account, Standing } from './account.ts';

/** accepted >= claimed >= settled, in units and in money; `written` is what a commit has just made of the channel. */
export function assertConserved(
  channel: string,
  standing: Standing,
  written?: Pick<Standing, 'acceptedUnits' | 'chargedMicros'>,
): void {
  const chains = [
    ['accepted units', standing.acceptedUnits, 'claimed units', standing.claimedUnits],
    ['claimed units', standing.claimedUnits, 'settled units', standing.settledUnits],
    ['charged micros', standing.chargedMicros, 'claimed micros', standing.claimedMicros],
    ['claimed micros', standing.claimedMicros, 'settled micros', standing.settledMicros],
  ] as const;
  for (const [upper, more, lower, less] of chains) {
    if (more < less) throw new BooksDisagree(`channel ${channel}: expected ${upper} >= ${lower}, got ${more} < ${less}`);
  }
  if (written === undefined) return;
  if (standing.acceptedUnits !== written.acceptedUnits || standing.chargedMicros !== written.chargedMicros) {
    const expected = `${written.acceptedUnits} units and ${written.chargedMicros} micros`;
    throw new BooksDisagree(
      `channel ${channel}: expected ${expected} after the commit, got ${standing.acceptedUnits} and ${standing.chargedMicros}`,
    );
  }
}

/** What the channel's row says that its units cost is what they cost: before more is claimed of it. */
export function assertPriced(store: Store, account: Account): void {
  const [fault] = priceFaults(account, store.segments.of(account));
  if (fault !== undefined) throw new BooksDisagree(fault);
}

/** After a commit that posted the entry: its postings sum to zero, and it stands on the entry before, which is as it was written. */
export function assertPosted(store: Store, entry: number): void {
  const posted = [...store.books.entriesFrom(Math.max(1, entry - 1))].slice(0, 2);
  const before = store.books.find(entry - 2)?.hash ?? ledgerStart(store.hub, sha256);
  posted.reduce((hash, one) => {
    for (const [currency, sum] of sumsOf(one.postings))
      if (sum !== 0)
        throw new BooksDisagree(`entry ${one.entry}: expected postings that sum to 0 ${currency} micros, got ${sum}`);
    const expected = entryHash(hash, one, sha256);
    if (expected !== one.hash)
      throw new BooksDisagree(
        `entry ${one.entry}: expected the hash ${toHex(expected)} over its postings and the entry before, got ${toHex(one.hash)}`,
      );
    return one.hash;
  }, before);
}

/** After a drawing: what the entry has put on each account is what the claims of its channels rose by. */
export function assertClaimed(store: Store, entry: number, owed: readonly Transfer[]): void {
  const due = sumsOwed();
  for (const transfer of owed) due.add(transfer);
  for (const [key, micros] of due.without(store.books.postingsOf(entry)))
    if (micros !== 0)
      throw new BooksDisagree(
        `entry ${entry}: what channels have claimed and what it says of account ${key} differ by ${micros} micros`,
      );
}

/** Everything that is wrong with the books, one sentence each; empty when they balance. */
export function audit(store: Store): string[] {
  return store.atOneMoment(() => {
    const found = openAudit(store);
    for (const account of store.channels.eachAccount()) found.look(account);
    return found.faults();
  });
}

/** An audit for whoever goes through all channels anyway, at one moment: it holds sums of them, not them. */
export interface OpenAudit {
  look(account: Account): void;
  /** After all channels were looked at. */
  faults(): string[];
}

export function openAudit(store: Store): OpenAudit {
  const faults: string[] = [];
  const owed = sumsOwed();
  return {
    look(account) {
      const { payer, payee, tariff, claimedMicros } = account;
      faults.push(...faultsOfChannel(account, store.segments.of(account)));
      owed.add({ payer, payee, currency: tariff.currency, amountMicros: claimedMicros });
    },
    faults: () => [...faults, ...faultsOfBalances(store, owed), ...faultsOfBatches(store)],
  };
}

function faultsOfChannel(account: Account, segments: readonly Segment[]): string[] {
  const faults: string[] = [];
  try {
    assertConserved(`${account.device}/${account.number}`, account);
  } catch (error) {
    faults.push((error as Error).message);
  }
  return [...faults, ...priceFaults(account, segments)];
}

function priceFaults(account: Account, segments: readonly Segment[]): string[] {
  const name = `channel ${account.device}/${account.number}`;
  const faults: string[] = [];
  const prices = [
    ['accepted', account.acceptedUnits, account.chargedMicros],
    ['claimed', account.claimedUnits, account.claimedMicros],
    ['settled', account.settledUnits, account.settledMicros],
  ] as const;
  for (const [what, units, micros] of prices) {
    const due = chargeOf(account.tariff, segments, units as Units);
    if (due !== micros) faults.push(`${name}: ${units} ${what} units cost ${due} micros, the books say ${micros}`);
  }
  return faults;
}

/** Every entry sums to zero, and what claims have put on accounts is what their channels have claimed. */
function faultsOfBalances(store: Store, owed: SumsOwed): string[] {
  const faults = store.books.unbalanced().map((entry) => `entry ${entry}: its postings do not sum to zero`);
  for (const [key, micros] of owed.without(store.books.claimed()))
    if (micros !== 0) faults.push(`account ${key}: channels and claims in the books differ by ${micros} micros`);
  return faults;
}

/** What channels say is settled is the sum of their lines in settled batches. */
function faultsOfBatches(store: Store): string[] {
  return store.batches
    .unlikeTotals()
    .map(
      ({ device, number, units, micros, settledUnits, settledMicros }) =>
        `channel ${device}/${number}: batches settled ${units} units and ${micros} micros, the channel says ${settledUnits} and ${settledMicros}`,
    );
}

/** What payers owe and payees are owed, per account and currency. */
interface SumsOwed {
  add(transfer: Transfer): void;
  /** What is left of it when what the books say is taken off: 0 everywhere if both agree. */
  without(postings: readonly Posting[]): ReadonlyMap<string, number>;
}

function sumsOwed(): SumsOwed {
  const sums = new Map<string, number>();
  const put = (account: AccountId, currency: string, micros: number): void => {
    const key = `${hexOf(account)} ${currency}`;
    sums.set(key, sumMicros([sums.get(key) ?? 0, micros]));
  };
  return {
    add({ payer, payee, currency, amountMicros }) {
      put(payer, currency, -amountMicros);
      put(payee, currency, amountMicros);
    },
    without(postings) {
      for (const { account, currency, amountMicros } of postings) put(account, currency, -amountMicros);
      return sums;
    },
  };
}
