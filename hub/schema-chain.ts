// The step that made the books a hash chain. In: a database whose entries have no keys and no hashes. Out: the same entries, each with the hash of all before it.

import { ENTRY_KINDS } from './ledger.ts';

/**
 * The books as a hash chain, with more kinds of entries, each under a key that is taken once. The earlier entries are carried over, and hashed by the
 * function that the store lends.
 */
export const CHAIN = `
DROP TRIGGER entries_no_update;
DROP TRIGGER entries_no_delete;
DROP TRIGGER postings_no_update;
DROP TRIGGER postings_no_delete;
DROP INDEX entries_one_per_batch;
ALTER TABLE postings RENAME TO earlier_postings;
ALTER TABLE entries RENAME TO earlier_entries;

CREATE TABLE entries (
  entry INTEGER PRIMARY KEY CHECK (entry >= 1),
  kind TEXT NOT NULL CHECK (kind IN (${ENTRY_KINDS.map((kind) => `'${kind}'`).join(', ')})),
  key TEXT UNIQUE,
  refers_to INTEGER REFERENCES entries CHECK (refers_to < entry),
  text TEXT,
  posted_at_seconds INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE postings (
  entry INTEGER NOT NULL REFERENCES entries,
  line INTEGER NOT NULL,
  account TEXT NOT NULL REFERENCES accounts,
  currency TEXT NOT NULL,
  amount_micros INTEGER NOT NULL CHECK (amount_micros <> 0),
  PRIMARY KEY (entry, line)
) STRICT, WITHOUT ROWID;

CREATE INDEX postings_by_account ON postings (account, currency, entry);

CREATE TRIGGER entries_follow BEFORE INSERT ON entries
WHEN NEW.entry <> (SELECT coalesce(max(entry), 0) + 1 FROM entries)
BEGIN SELECT RAISE(ABORT, 'entries are numbered without gaps'); END;

INSERT INTO entries (entry, kind, key, posted_at_seconds, hash)
SELECT entry, kind, CASE WHEN batch IS NOT NULL THEN 'settlement:' || batch END, posted_at_seconds, chained_hash((SELECT public_key FROM hub), entry, kind,
  CASE WHEN batch IS NOT NULL THEN 'settlement:' || batch END, posted_at_seconds,
  (SELECT json_group_array(json_array(account, currency, amount_micros) ORDER BY line) FROM earlier_postings p WHERE p.entry = e.entry))
FROM (SELECT * FROM earlier_entries ORDER BY entry) e;
INSERT INTO postings SELECT * FROM earlier_postings;
DROP TABLE earlier_postings;
DROP TABLE earlier_entries;
`;
