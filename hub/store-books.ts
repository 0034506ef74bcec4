// The books in the database: entries and postings, written once, each entry hashed onto the one before. In: balanced entries. Out: what is posted, and sums for the
// audit. It must never change a line: triggers of the schema see to that, and a correction is a new entry.

import type { Database } from 'better-sqlite3';
import type { Bytes } from '../shared/bytes.ts';
import type { AccountId, HubId } from '../shared/identity.ts';
import { blobOf, bytesOf, bytesOfHex, hexOf } from './blob.ts';
import type { Entry, EntryKind, PostedEntry, Posting } from './ledger.ts';
import { entryHash, ledgerStart } from './ledger.ts';
import { sha256 } from './proofs.ts';

export interface BookRows {
  /** Writes the entry and answers its number. Throws where its key is taken: look with `numberOf` first, in the same transaction. */
  post(entry: Entry, nowSeconds: number): number;
  /** The entry that has the key. */
  numberOf(key: string): number | undefined;
  find(entry: number): PostedEntry | undefined;
  /** In their order, from an entry on. */
  entriesFrom(entry: number): IterableIterator<PostedEntry>;
  /** The last entry's number and hash; before the first, 0 and what stands for a hash there. */
  head(): { readonly entry: number; readonly hash: Bytes };
  postingsOf(entry: number): Posting[];
  /** Entries whose postings do not sum to zero; there are none, unless somebody wrote to the database behind the hub's back. */
  unbalanced(): number[];
  /** What every account owes (below zero) or is owed. */
  balances(): Posting[];
  /** What claims alone have put on every account. */
  claimed(): Posting[];
  /** What the account stood at just before. */
  balanceBefore(account: AccountId, currency: string, atSeconds: number): number;
  /** What claims have put on the account in between. */
  claimedWithin(account: AccountId, currency: string, fromSeconds: number, untilSeconds: number): number;
  /** When claims were posted last; 0 before the first. */
  lastClaimedAtSeconds(): number;
  /** All else that has moved it in between, in the books' order. */
  movesWithin(account: AccountId, currency: string, fromSeconds: number, untilSeconds: number): Move[];
  /** Of one account, in every currency that it has moved. */
  balancesOf(account: AccountId): Posting[];
  balanceMicros(account: AccountId, currency: string): number;
}

/** What an entry has moved one account by. */
export interface Move extends Omit<PostedEntry, 'postings' | 'hash'> {
  readonly amountMicros: number;
}

interface RawPosting {
  account: string;
  currency: string;
  amountMicros: number;
}

interface RawEntry {
  entry: number;
  kind: EntryKind;
  key: string | null;
  refers_to: number | null;
  text: string | null;
  posted_at_seconds: number;
  hash: Buffer;
}

function headOf(raw: Omit<RawEntry, 'hash'>): Omit<PostedEntry, 'hash' | 'postings'> {
  return {
    entry: raw.entry,
    kind: raw.kind,
    ...(raw.key === null ? {} : { key: raw.key }),
    ...(raw.refers_to === null ? {} : { refersTo: raw.refers_to }),
    ...(raw.text === null ? {} : { text: raw.text }),
    postedAtSeconds: raw.posted_at_seconds,
  };
}

function postingOf(raw: RawPosting): Posting {
  return { account: bytesOfHex(raw.account) as AccountId, currency: raw.currency, amountMicros: raw.amountMicros };
}

export function bookRows(db: Database, hub: HubId): BookRows {
  return { ...writeRows(db, hub), ...readRows(db) };
}

function writeRows(db: Database, hub: HubId): Pick<BookRows, 'post' | 'numberOf' | 'head'> {
  const last = db.prepare<[], Pick<RawEntry, 'entry' | 'hash'>>('SELECT entry, hash FROM entries ORDER BY entry DESC LIMIT 1');
  const byKey = db.prepare<[string], { entry: number }>('SELECT entry FROM entries WHERE key = ?');
  const addEntry = db.prepare(
    'INSERT INTO entries (entry, kind, key, refers_to, text, posted_at_seconds, hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const addPosting = db.prepare('INSERT INTO postings (entry, line, account, currency, amount_micros) VALUES (?, ?, ?, ?, ?)');
  const head: BookRows['head'] = () => {
    const row = last.get();
    return row === undefined ? { entry: 0, hash: ledgerStart(hub, sha256) } : { entry: row.entry, hash: bytesOf(row.hash) };
  };
  return {
    head,
    numberOf: (key) => byKey.get(key)?.entry,
    post(entry, nowSeconds) {
      const before = head();
      const number = before.entry + 1;
      const hash = entryHash(before.hash, { ...entry, entry: number, postedAtSeconds: nowSeconds }, sha256);
      const { kind, key = null, refersTo = null, text = null } = entry;
      addEntry.run(number, kind, key, refersTo, text, nowSeconds, blobOf(hash));
      entry.postings.forEach((posting, line) =>
        addPosting.run(number, line, hexOf(posting.account), posting.currency, posting.amountMicros),
      );
      return number;
    },
  };
}

function readRows(db: Database): Omit<BookRows, 'post' | 'numberOf' | 'head'> {
  const postings = db.prepare<[number], RawPosting>(
    'SELECT account, currency, amount_micros AS amountMicros FROM postings WHERE entry = ? ORDER BY line',
  );
  const find = db.prepare<[number], RawEntry>('SELECT * FROM entries WHERE entry = ?');
  const following = db.prepare<[number], RawEntry>('SELECT * FROM entries WHERE entry >= ? ORDER BY entry LIMIT 1000');
  const unbalanced = db.prepare<[], { entry: number }>(
    'SELECT DISTINCT entry FROM (SELECT entry FROM postings GROUP BY entry, currency HAVING sum(amount_micros) <> 0 OR count(*) < 2)',
  );
  const balances = db.prepare<[], RawPosting>(
    'SELECT account, currency, sum(amount_micros) AS amountMicros FROM postings GROUP BY account, currency ORDER BY account, currency',
  );
  const claimed = db.prepare<[], RawPosting>(
    `SELECT account, currency, sum(amount_micros) AS amountMicros FROM postings JOIN entries USING (entry) WHERE kind = 'claim'
     GROUP BY account, currency ORDER BY account, currency`,
  );
  const balancesOf = db.prepare<[string], RawPosting>(
    'SELECT account, currency, sum(amount_micros) AS amountMicros FROM postings WHERE account = ? GROUP BY currency ORDER BY currency',
  );
  const balanceBefore = db.prepare<[string, string, number], { micros: number | null }>(
    `SELECT sum(amount_micros) AS micros FROM postings JOIN entries USING (entry)
     WHERE account = ? AND currency = ? AND posted_at_seconds < ?`,
  );
  const within = `FROM postings JOIN entries USING (entry)
     WHERE account = ? AND currency = ? AND posted_at_seconds >= ? AND posted_at_seconds < ?`;
  const lastClaimed = db
    .prepare<[], number>("SELECT posted_at_seconds FROM entries WHERE kind = 'claim' ORDER BY entry DESC LIMIT 1")
    .pluck();
  const claimedWithin = db.prepare<[string, string, number, number], { micros: number | null }>(
    `SELECT sum(amount_micros) AS micros ${within} AND kind = 'claim'`,
  );
  const movesWithin = db.prepare<[string, string, number, number], Omit<RawEntry, 'hash'> & { micros: number }>(
    `SELECT entry, kind, key, refers_to, text, posted_at_seconds, sum(amount_micros) AS micros ${within} AND kind <> 'claim' GROUP BY entry ORDER BY entry`,
  );
  const balance = db.prepare<[string, string], { micros: number | null }>(
    'SELECT sum(amount_micros) AS micros FROM postings WHERE account = ? AND currency = ?',
  );
  const postingsOf = (entry: number): Posting[] => postings.all(entry).map(postingOf);
  const entryOf = (raw: RawEntry): PostedEntry => ({ ...headOf(raw), hash: bytesOf(raw.hash), postings: postingsOf(raw.entry) });
  return {
    postingsOf,
    find(entry) {
      const raw = find.get(entry);
      return raw === undefined ? undefined : entryOf(raw);
    },
    *entriesFrom(entry) {
      for (let page = following.all(entry); page.length > 0; page = following.all((page.at(-1) as RawEntry).entry + 1))
        yield* page.map(entryOf);
    },
    unbalanced: () => unbalanced.all().map((row) => row.entry),
    balances: () => balances.all().map(postingOf),
    claimed: () => claimed.all().map(postingOf),
    balanceBefore: (account, currency, atSeconds) => balanceBefore.get(hexOf(account), currency, atSeconds)?.micros ?? 0,
    lastClaimedAtSeconds: () => lastClaimed.get() ?? 0,
    claimedWithin: (account, currency, from, until) => claimedWithin.get(hexOf(account), currency, from, until)?.micros ?? 0,
    movesWithin: (account, currency, from, until) =>
      movesWithin.all(hexOf(account), currency, from, until).map((raw) => ({ ...headOf(raw), amountMicros: raw.micros })),
    balancesOf: (account) => balancesOf.all(hexOf(account)).map(postingOf),
    balanceMicros: (account, currency) => balance.get(hexOf(account), currency)?.micros ?? 0,
  };
}
