// The table of signed tree heads: for each batch what the hub has put its name to, in the transaction that prepared the batch. Written once. Batches from
// before this table have none.

export const HEADS = `
CREATE TABLE tree_heads (
  batch TEXT PRIMARY KEY REFERENCES batches,
  number INTEGER NOT NULL UNIQUE CHECK (number >= 1),
  lines INTEGER NOT NULL CHECK (lines >= 1),
  root BLOB NOT NULL CHECK (length(root) = 32),
  prepared_at_seconds INTEGER NOT NULL CHECK (prepared_at_seconds >= 0),
  entry INTEGER NOT NULL CHECK (entry >= 0),
  ledger BLOB NOT NULL CHECK (length(ledger) = 32),
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  -- The roots of every 1024 lines, from which the root follows: what a path needs beside the lines around its own.
  chunks BLOB NOT NULL CHECK (length(chunks) = 32 * ((lines + 1023) / 1024))
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tree_heads_follow BEFORE INSERT ON tree_heads
WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM tree_heads)
BEGIN SELECT RAISE(ABORT, 'tree heads are numbered without gaps'); END;
`;
