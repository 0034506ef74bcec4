// The tables of the first version: accounts, tariffs, devices, channels, batches and the books. In: an empty database. Out: one that refuses what no channel and no batch may do. Later steps
// have changed some of them.

export const FIRST = `
CREATE TABLE hub (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  public_key BLOB NOT NULL CHECK (length(public_key) = 32),
  root TEXT NOT NULL
) STRICT;

CREATE TABLE accounts (
  account TEXT PRIMARY KEY CHECK (length(account) = 16),
  name TEXT NOT NULL UNIQUE,
  created_at_seconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tariffs (
  tariff TEXT PRIMARY KEY CHECK (length(tariff) = 32),
  bytes BLOB NOT NULL,
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  unit TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
  device TEXT PRIMARY KEY CHECK (length(device) = 11),
  public_key BLOB NOT NULL UNIQUE CHECK (length(public_key) = 32),
  mac_key BLOB NOT NULL CHECK (length(mac_key) = 32),
  password_sha256 BLOB NOT NULL CHECK (length(password_sha256) = 32),
  label TEXT NOT NULL,
  profile TEXT NOT NULL,
  payer TEXT NOT NULL REFERENCES accounts,
  payee TEXT NOT NULL REFERENCES accounts,
  tariff TEXT NOT NULL REFERENCES tariffs,
  credit_micros INTEGER NOT NULL CHECK (credit_micros >= 0),
  enrolled_at_seconds INTEGER NOT NULL,
  revoked_at_seconds INTEGER,
  conflict_at_seconds INTEGER
) STRICT, WITHOUT ROWID;

-- What a device last said of itself. Nobody has signed it: no money depends on it.
CREATE TABLE presence (
  device TEXT PRIMARY KEY REFERENCES devices,
  state TEXT NOT NULL CHECK (state IN ('offline', 'serving', 'stopped', 'fault')),
  channel INTEGER NOT NULL CHECK (channel >= 0),
  register_units INTEGER NOT NULL CHECK (register_units >= 0),
  seen_at_seconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE commitments (
  device TEXT NOT NULL REFERENCES devices,
  number INTEGER NOT NULL CHECK (number BETWEEN 1 AND 4294967295),
  payload BLOB NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  opened_at_seconds INTEGER NOT NULL,
  PRIMARY KEY (device, number)
) STRICT, WITHOUT ROWID;

-- The sub-ledger: one row per channel, whose cumulative counts only ever grow.
CREATE TABLE channels (
  device TEXT NOT NULL,
  number INTEGER NOT NULL,
  payer TEXT NOT NULL REFERENCES accounts,
  payee TEXT NOT NULL REFERENCES accounts,
  tariff TEXT NOT NULL REFERENCES tariffs,
  limit_units INTEGER NOT NULL,
  accepted_units INTEGER NOT NULL DEFAULT 0,
  charged_micros INTEGER NOT NULL DEFAULT 0,
  claimed_units INTEGER NOT NULL DEFAULT 0,
  claimed_micros INTEGER NOT NULL DEFAULT 0,
  settled_units INTEGER NOT NULL DEFAULT 0,
  settled_micros INTEGER NOT NULL DEFAULT 0,
  link_units INTEGER NOT NULL DEFAULT 0,
  link BLOB NOT NULL CHECK (length(link) = 16),
  signed_payload BLOB,
  signed_signature BLOB CHECK (signed_signature IS NULL OR length(signed_signature) = 64),
  closed INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)),
  changed_at_seconds INTEGER NOT NULL,
  PRIMARY KEY (device, number),
  FOREIGN KEY (device, number) REFERENCES commitments,
  CHECK (accepted_units <= limit_units),
  CHECK (link_units BETWEEN 0 AND accepted_units),
  CHECK (settled_units >= 0 AND claimed_units >= settled_units AND accepted_units >= claimed_units),
  CHECK (settled_micros >= 0 AND claimed_micros >= settled_micros AND charged_micros >= claimed_micros),
  CHECK ((signed_payload IS NULL) = (signed_signature IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX channels_unclaimed ON channels (device, number) WHERE claimed_units < accepted_units;
CREATE INDEX channels_unsettled ON channels (device, number) WHERE settled_units < claimed_units;

CREATE TABLE batches (
  batch TEXT PRIMARY KEY CHECK (length(batch) = 32),
  sequence INTEGER NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('prepared', 'sent', 'settled')),
  prepared_at_seconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- At most one batch is under way, whichever process works on it.
CREATE UNIQUE INDEX batches_one_under_way ON batches (state <> 'settled') WHERE state <> 'settled';

CREATE TABLE batch_lines (
  batch TEXT NOT NULL REFERENCES batches,
  line INTEGER NOT NULL,
  device TEXT NOT NULL,
  number INTEGER NOT NULL,
  payer TEXT NOT NULL REFERENCES accounts,
  payee TEXT NOT NULL REFERENCES accounts,
  currency TEXT NOT NULL,
  from_units INTEGER NOT NULL,
  to_units INTEGER NOT NULL CHECK (to_units > from_units),
  from_micros INTEGER NOT NULL,
  to_micros INTEGER NOT NULL CHECK (to_micros >= from_micros),
  PRIMARY KEY (batch, line),
  UNIQUE (device, number, from_units),
  FOREIGN KEY (device, number) REFERENCES channels
) STRICT, WITHOUT ROWID;

CREATE TABLE entries (
  entry INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('claim', 'settlement')),
  batch TEXT REFERENCES batches CHECK ((kind = 'settlement') = (batch IS NOT NULL)),
  posted_at_seconds INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX entries_one_per_batch ON entries (batch) WHERE batch IS NOT NULL;

CREATE TABLE postings (
  entry INTEGER NOT NULL REFERENCES entries,
  line INTEGER NOT NULL,
  account TEXT NOT NULL REFERENCES accounts,
  currency TEXT NOT NULL,
  amount_micros INTEGER NOT NULL CHECK (amount_micros <> 0),
  PRIMARY KEY (entry, line)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER channels_only_grow BEFORE UPDATE ON channels
WHEN NEW.accepted_units < OLD.accepted_units OR NEW.charged_micros < OLD.charged_micros
  OR NEW.claimed_units < OLD.claimed_units OR NEW.claimed_micros < OLD.claimed_micros
  OR NEW.settled_units < OLD.settled_units OR NEW.settled_micros < OLD.settled_micros
  OR NEW.link_units < OLD.link_units OR NEW.closed < OLD.closed
BEGIN SELECT RAISE(ABORT, 'a channel''s counts never fall'); END;

CREATE TRIGGER channels_terms_stay BEFORE UPDATE OF device, number, payer, payee, tariff, limit_units ON channels
BEGIN SELECT RAISE(ABORT, 'the terms of a channel never change'); END;
CREATE TRIGGER channels_stay BEFORE DELETE ON channels
BEGIN SELECT RAISE(ABORT, 'channels are never deleted'); END;

CREATE TRIGGER batches_go_forward BEFORE UPDATE ON batches
WHEN NEW.batch <> OLD.batch OR NEW.sequence <> OLD.sequence
  OR NOT ((OLD.state = 'prepared' AND NEW.state = 'sent') OR (OLD.state = 'sent' AND NEW.state = 'settled'))
BEGIN SELECT RAISE(ABORT, 'a batch goes from prepared to sent to settled'); END;
CREATE TRIGGER batches_stay BEFORE DELETE ON batches
BEGIN SELECT RAISE(ABORT, 'batches are never deleted'); END;
`;
