// Double entry, as pure nouns: an entry is one event in the books, two or more postings that sum to zero in every currency. In: amounts owed or
// cleared between accounts. Out: an entry, or an exception: an entry that does not balance is a fault of this program, never of its input.

import type { AccountId } from '../shared/identity.ts';

/** Below zero the account owes, above zero it is owed. */
export interface Posting {
  readonly account: AccountId;
  readonly currency: string;
  readonly amountMicros: number;
}

export interface Entry {
  readonly kind: 'claim' | 'settlement';
  /** The batch that a settlement clears. */
  readonly batch: string | undefined;
  readonly postings: readonly Posting[];
}

/** So much goes, or is owed, from one account to another. */
export interface Transfer {
  readonly payer: AccountId;
  readonly payee: AccountId;
  readonly currency: string;
  readonly amountMicros: number;
}

/** Adds integers and throws rather than leave the range in which they are exact. */
export function sumMicros(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => {
    const sum = total + amount;
    if (!Number.isSafeInteger(sum)) throw new Error(`expected a sum below 2^53 micros, got ${total} + ${amount}`);
    return sum;
  }, 0);
}

/** Transfers of the same payer, payee and currency as one each, in a fixed order; nothing moves for those of 0. */
export function netTransfers(transfers: readonly Transfer[]): Transfer[] {
  const netted = new Map<string, Transfer>();
  for (const transfer of transfers) {
    const key = transfer.currency + transfer.payer + transfer.payee;
    const known = netted.get(key);
    netted.set(key, { ...transfer, amountMicros: sumMicros([known?.amountMicros ?? 0, transfer.amountMicros]) });
  }
  return [...netted.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, transfer]) => transfer)
    .filter((transfer) => transfer.amountMicros !== 0);
}

/** What is newly owed: payers are debited, payees credited. `undefined` when no money is owed. */
export function claimEntry(owed: readonly Transfer[]): Entry | undefined {
  return entryOf('claim', undefined, owed, 1);
}

/** The opposite: the rail has moved the money, so the debts are gone. */
export function settlementEntry(batch: string, moved: readonly Transfer[]): Entry | undefined {
  return entryOf('settlement', batch, moved, -1);
}

function entryOf(
  kind: Entry['kind'],
  batch: string | undefined,
  transfers: readonly Transfer[],
  sign: 1 | -1,
): Entry | undefined {
  const debits = netTransfers(transfers.map((one) => ({ ...one, payee: one.payer })));
  const credits = netTransfers(transfers.map((one) => ({ ...one, payer: one.payee })));
  const postings = [
    ...debits.map(({ payer, currency, amountMicros }) => ({ account: payer, currency, amountMicros: -sign * amountMicros })),
    ...credits.map(({ payee, currency, amountMicros }) => ({ account: payee, currency, amountMicros: sign * amountMicros })),
  ];
  if (postings.length === 0) return undefined;
  const entry: Entry = { kind, batch, postings };
  assertBalanced(postings, `a ${kind} entry`);
  return entry;
}

/** Throws unless the postings are two or more and sum to zero per currency. */
export function assertBalanced(postings: readonly Posting[], what: string): void {
  if (postings.length < 2) throw new Error(`${what}: expected two or more postings, got ${postings.length}`);
  for (const [currency, sum] of sumsOf(postings)) {
    if (sum !== 0) throw new Error(`${what}: expected postings that sum to 0 ${currency} micros, got ${sum}`);
  }
}

export function sumsOf(postings: readonly Posting[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { currency, amountMicros } of postings) sums.set(currency, sumMicros([sums.get(currency) ?? 0, amountMicros]));
  return sums;
}
