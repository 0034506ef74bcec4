// The table of records: a hash chain over every write of a row that money rests on and that nothing signs. In: nothing. Out: SQL for one step of the migrations. Rows of other tables hold
// what is; records hold a digest of what was written, in order, so that a row that was changed, put in or taken out by anything but the hub does not fit. See store-records.ts for who writes them.

export const RECORDS_SCHEMA = `
CREATE TABLE records (
  record INTEGER PRIMARY KEY CHECK (record >= 1),
  of_table TEXT NOT NULL,
  of_key TEXT NOT NULL,
  -- 32 bytes over the row as it was written, zeros when it was deleted; then 32 bytes over these and the record before.
  sealed BLOB NOT NULL CHECK (length(sealed) = 64)
) STRICT;

-- What makes a digest of personal data say nothing once the row is gone: the salt goes with it.
CREATE TABLE record_salts (
  of_table TEXT NOT NULL,
  of_key TEXT NOT NULL,
  salt BLOB NOT NULL CHECK (length(salt) = 16),
  PRIMARY KEY (of_table, of_key)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER records_no_update BEFORE UPDATE ON records
BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER records_no_delete BEFORE DELETE ON records
BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;
`;
