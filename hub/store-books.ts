// The books in the database: entries and postings, written once. In: balanced entries. Out: sums for the audit. It must never change a line: triggers
// of the schema see to that, and a correction is a new entry.

import type { Database } from 'better-sqlite3';
import type { AccountId } from '../shared/identity.ts';
import { bytesOfHex, hexOf } from './blob.ts';
import type { Entry, Posting } from './ledger.ts';

export interface BookRows {
  /** Writes the entry and answers its number. */
  post(entry: Entry, nowSeconds: number): number;
  postingsOf(entry: number): Posting[];
  /** Entries whose postings do not sum to zero; there are none, unless somebody wrote to the database behind the hub's back. */
  unbalanced(): number[];
  /** What every account owes (below zero) or is owed. */
  balances(): Posting[];
}

interface RawPosting {
  account: string;
  currency: string;
  amountMicros: number;
}

function postingOf(raw: RawPosting): Posting {
  return { account: bytesOfHex(raw.account) as AccountId, currency: raw.currency, amountMicros: raw.amountMicros };
}

export function bookRows(db: Database): BookRows {
  const addEntry = db.prepare('INSERT INTO entries (kind, batch, posted_at_seconds) VALUES (?, ?, ?)');
  const addPosting = db.prepare('INSERT INTO postings (entry, line, account, currency, amount_micros) VALUES (?, ?, ?, ?, ?)');
  const find = db.prepare<[number], RawPosting>(
    'SELECT account, currency, amount_micros AS amountMicros FROM postings WHERE entry = ? ORDER BY line',
  );
  const unbalanced = db.prepare<[], { entry: number }>(
    'SELECT DISTINCT entry FROM (SELECT entry FROM postings GROUP BY entry, currency HAVING sum(amount_micros) <> 0 OR count(*) < 2)',
  );
  const balances = db.prepare<[], RawPosting>(
    'SELECT account, currency, sum(amount_micros) AS amountMicros FROM postings GROUP BY account, currency ORDER BY account, currency',
  );
  return {
    post(entry, nowSeconds) {
      const number = Number(addEntry.run(entry.kind, entry.batch ?? null, nowSeconds).lastInsertRowid);
      entry.postings.forEach((posting, line) =>
        addPosting.run(number, line, hexOf(posting.account), posting.currency, posting.amountMicros),
      );
      return number;
    },
    postingsOf: (entry) => find.all(entry).map(postingOf),
    unbalanced: () => unbalanced.all().map((row) => row.entry),
    balances: () => balances.all().map(postingOf),
  };
}
