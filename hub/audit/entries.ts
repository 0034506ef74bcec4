// The ledger against itself: entries are numbered without gaps, each one's hash covers it and the one before, its postings sum to zero, and no posting is without an entry. In: the tables.
// Out: faults.

import type { Bytes } from '../../shared/bytes.ts';
import type { AccountId } from '../../shared/identity.ts';
import { bytesOf, bytesOfHex, hexOf } from '../blob.ts';
import type { EntryKind, PostedEntry, Posting } from '../ledger.ts';
import { ENTRY_KINDS, entryHash, ledgerStart, sumsOf } from '../ledger.ts';
import type { RawRow } from '../store-tables.ts';
import type { Faults, Ground } from './fault.ts';
import type { Peekable } from './peekable.ts';
import { peekable } from './peekable.ts';

interface RawEntry extends RawRow {
  readonly entry: number;
  readonly kind: string;
  readonly key: string | null;
  readonly refers_to: number | null;
  readonly text: string | null;
  readonly posted_at_seconds: number;
  readonly hash: Buffer;
}

interface RawPosting extends RawRow {
  readonly entry: number;
  readonly line: number;
  readonly account: string;
  readonly currency: string;
  readonly amount_micros: number;
}

export function* faultsOfEntries(ground: Ground): Faults {
  const postings = peekable(ground.tables.each<RawPosting>('postings'));
  try {
    yield* faultsOfAll(ground, postings);
  } finally {
    postings.close();
  }
}

function* faultsOfAll(ground: Ground, postings: Peekable<RawPosting>): Faults {
  let before = ledgerStart(ground.hub, ground.sha256);
  let expected = 1;
  for (const row of ground.tables.each<RawEntry>('entries')) {
    ground.counted('entries', 1);
    const at = { table: 'entries', row: String(row.entry) };
    if (row.entry !== expected) yield { ...at, what: `expected entry ${expected} next` };
    yield* straysBefore(postings, row.entry);
    const own = takeOf(postings, row.entry);
    ground.counted('postings', own.length);
    yield* faultsOfEntry(ground, before, row, own);
    before = bytesOf(row.hash);
    expected = row.entry + 1;
  }
  yield* straysBefore(postings, Infinity);
}

function* faultsOfEntry({ sha256 }: Ground, before: Bytes, row: RawEntry, own: readonly RawPosting[]): Faults {
  const at = { table: 'entries', row: String(row.entry) };
  for (const [index, { line, account, amount_micros: micros }] of own.entries()) {
    const posting = { table: 'postings', row: `${row.entry}/${line}` };
    if (line !== index) yield { ...posting, what: `expected line ${index} next` };
    if (hexOf(bytesOfHex(account)) !== account)
      yield { ...posting, what: `expected an account's id, got ${JSON.stringify(account)}` };
    if (!Number.isSafeInteger(micros)) {
      yield { ...posting, what: `expected a safe integer of micros, got ${micros}` };
      return;
    }
  }
  if (!(ENTRY_KINDS as readonly string[]).includes(row.kind))
    yield { ...at, what: `there is no kind ${JSON.stringify(row.kind)}` };
  const posted = postedOf(row, own);
  if (entryHash(before, posted, sha256) !== bytesOf(row.hash))
    yield { ...at, what: 'its hash does not cover it, its postings and the entry before' };
  if (own.length < 2) yield { ...at, what: `expected two or more postings, got ${own.length}` };
  for (const [currency, sum] of sumsOf(posted.postings))
    if (sum !== 0) yield { ...at, what: `its postings sum to ${sum} ${currency} micros, expected 0` };
}

function postedOf(row: RawEntry, own: readonly RawPosting[]): Omit<PostedEntry, 'hash'> {
  return {
    entry: row.entry,
    kind: row.kind as EntryKind,
    ...(row.key === null ? {} : { key: row.key }),
    ...(row.refers_to === null ? {} : { refersTo: row.refers_to }),
    ...(row.text === null ? {} : { text: row.text }),
    postedAtSeconds: row.posted_at_seconds,
    postings: own.map(postingOf),
  };
}

function postingOf({ account, currency, amount_micros: amountMicros }: RawPosting): Posting {
  return { account: bytesOfHex(account) as AccountId, currency, amountMicros };
}

function takeOf(postings: Peekable<RawPosting>, entry: number): RawPosting[] {
  const own: RawPosting[] = [];
  for (let next = postings.peek(); next?.entry === entry; next = postings.peek()) {
    own.push(next);
    postings.next();
  }
  return own;
}

function* straysBefore(postings: Peekable<RawPosting>, entry: number): Faults {
  for (let next = postings.peek(); next !== undefined && next.entry < entry; next = postings.peek()) {
    yield { table: 'postings', row: `${next.entry}/${next.line}`, what: 'there is no such entry' };
    postings.next();
  }
}
