// Double entry, as pure nouns: an entry is one event in the books, two or more postings that sum to zero in every currency. In: amounts owed or
// cleared between accounts. Out: an entry, or an exception: an entry that does not balance is a fault of this program, never of its input. Entries form a
// hash chain: each one's hash covers the one before, so none can be changed, taken out or put in without changing all that follow.

import type { Bytes, Sha256 } from '../shared/bytes.ts';
import { toHex } from '../shared/bytes.ts';
import type { AccountId, HubId } from '../shared/identity.ts';

/** Below zero the account owes, above zero it is owed. */
export interface Posting {
  readonly account: AccountId;
  readonly currency: string;
  readonly amountMicros: number;
}

/**
 * `claim`: payers newly owe payees. `settlement`: the built-in rail has cleared a batch. `top-up`, `withdrawal`: a wallet's money comes in, goes out.
 * `payout`, `collection`: a rail has moved money to a payee, from a payer; `reversal`: it came back; `fee`: what a rail kept. `refund`, `reward`,
 * `promotion`: to a payer from a payee, from the operator, for a time; `expiry`: what was left of a promotion. `dispute`: an amount is held until a
 * `resolution`.
 */
export const ENTRY_KINDS = [
  'claim',
  'settlement',
  'top-up',
  'withdrawal',
  'payout',
  'collection',
  'reversal',
  'fee',
  'refund',
  'reward',
  'promotion',
  'expiry',
  'dispute',
  'resolution',
] as const;

export type EntryKind = (typeof ENTRY_KINDS)[number];

export interface Entry {
  readonly kind: EntryKind;
  /** What makes it this event and no other, such as `settlement:<batch>` or `top-up:<id>`: the books take each key once. */
  readonly key?: string;
  /** The entry that this one corrects or answers. */
  readonly refersTo?: number;
  /** Why, in the operator's words. */
  readonly text?: string;
  readonly postings: readonly Posting[];
}

/** An entry in its place in the books. */
export interface PostedEntry extends Entry {
  /** From 1, without gaps. */
  readonly entry: number;
  readonly postedAtSeconds: number;
  /** 32 bytes, over this entry and the hash before it. */
  readonly hash: Bytes;
}

/** Names of accounts that are the operator's own begin so; nobody else's may. */
export const OWN_PREFIX = 'hub/';

/** Where money is outside of the books: at a bank, with a provider, on a chain. */
export const BANK = 'hub/bank';
/** What rails keep for moving money. */
export const FEES = 'hub/fees';
/** What the operator gives away: rewards, and promotions until they expire. */
export const REWARDS = 'hub/rewards';
export const PROMOTIONS = 'hub/promotions';
/** What is held until a dispute is resolved. */
export const DISPUTES = 'hub/disputes';

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
export function netTransfers(transfers: Iterable<Transfer>): Transfer[] {
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
  return entryOf({ kind: 'claim' }, owed, 1);
}

/** The opposite: the money has moved between them, so the debts are gone. */
export function settlementEntry(batch: string, moved: readonly Transfer[]): Entry | undefined {
  return entryOf({ kind: 'settlement', key: `settlement:${batch}` }, moved, -1);
}

function entryOf(head: Pick<Entry, 'kind' | 'key'>, transfers: readonly Transfer[], sign: 1 | -1): Entry | undefined {
  const debits = netTransfers(transfers.map((one) => ({ ...one, payee: one.payer })));
  const credits = netTransfers(transfers.map((one) => ({ ...one, payer: one.payee })));
  const postings = [
    ...debits.map(({ payer, currency, amountMicros }) => ({ account: payer, currency, amountMicros: -sign * amountMicros })),
    ...credits.map(({ payee, currency, amountMicros }) => ({ account: payee, currency, amountMicros: sign * amountMicros })),
  ];
  if (postings.length === 0) return undefined;
  assertBalanced(postings, `a ${head.kind} entry`);
  return { ...head, postings };
}

/** What the first entry's hash covers in place of a hash before it. */
export function ledgerStart(hub: HubId, sha256: Sha256): Bytes {
  return sha256('tallystick ledger 1' + hub);
}

/** The hash of an entry: over the one before, and a JSON list, so that no two entries read alike. */
export function entryHash(before: Bytes, posted: Omit<PostedEntry, 'hash'>, sha256: Sha256): Bytes {
  const { entry, kind, key, refersTo, text, postedAtSeconds } = posted;
  const postings = posted.postings.map(({ account, currency, amountMicros }) => [toHex(account), currency, amountMicros]);
  const content = [entry, kind, key ?? null, refersTo ?? null, text ?? null, postedAtSeconds, postings];
  return sha256('\x02' + before + utf8(JSON.stringify(content)));
}

/** Texts and names may be beyond Latin-1; what is hashed are bytes. */
function utf8(text: string): Bytes {
  return Buffer.from(text, 'utf8').toString('latin1');
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
