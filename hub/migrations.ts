// The database's schema as the ordered list of steps that made it; step n leaves `user_version` at n. In: a database of an earlier version.
// Out: one of this version. A step that was released is never edited: the next one corrects it. What the books may not do, the database
// itself refuses: constraints carry the bounds, triggers keep history unchangeable and counts from falling.

import { ENTRY_KINDS } from './ledger.ts';
import { PARTICULARS_SCHEMA } from './schema-particulars.ts';
import { WALLETS, WALLETS_UNCHANGEABLE } from './schema-wallets.ts';
import { HEADS } from './schema-heads.ts';
import { RETENTION } from './schema-retention.ts';
import { SALES } from './schema-sales.ts';
import { SETTLEMENT, SETTLEMENT_UNCHANGEABLE } from './schema-settlement.ts';
import { GUARDS } from './schema-guards.ts';
import { RECORDS_SCHEMA } from './schema-records.ts';
import { SEGMENTS } from './schema-tariffs.ts';

const FIRST = `
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

/** How far prepaid devices may go: each raise is a row, the highest holds, and a device without one is post-paid. */
const GRANTS = `
CREATE TABLE grants (
  device TEXT NOT NULL REFERENCES devices,
  ceiling_units INTEGER NOT NULL CHECK (ceiling_units BETWEEN 0 AND 9007199254740991),
  granted_at_seconds INTEGER NOT NULL,
  PRIMARY KEY (device, ceiling_units)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER grants_only_rise BEFORE INSERT ON grants
WHEN EXISTS (SELECT 1 FROM grants WHERE device = NEW.device AND ceiling_units >= NEW.ceiling_units)
BEGIN SELECT RAISE(ABORT, 'a device''s ceiling only rises'); END;
`;

/** Files by build and version; which device is to run which, the highest number holding; and what each has reported last. */
const FIRMWARE = `
CREATE TABLE firmware_files (
  build TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 99999999),
  bytes BLOB NOT NULL,
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  added_at_seconds INTEGER NOT NULL,
  PRIMARY KEY (build, version)
) STRICT;

CREATE TABLE firmware_orders (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  device TEXT NOT NULL REFERENCES devices,
  build TEXT NOT NULL,
  version INTEGER NOT NULL,
  ordered_at_seconds INTEGER NOT NULL,
  FOREIGN KEY (build, version) REFERENCES firmware_files
) STRICT;

CREATE INDEX firmware_orders_by_device ON firmware_orders (device, number);

CREATE TABLE firmware_reports (
  device TEXT PRIMARY KEY REFERENCES devices,
  version INTEGER NOT NULL,
  build TEXT NOT NULL,
  state TEXT NOT NULL,
  offered INTEGER NOT NULL,
  at INTEGER NOT NULL,
  order_number INTEGER NOT NULL,
  reported_at_seconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

/** What was refused, counted by device and reason, with a few samples of each; and samples that were judged again. */
const QUARANTINE = `
CREATE TABLE quarantine (
  device TEXT NOT NULL REFERENCES devices,
  reason TEXT NOT NULL,
  messages INTEGER NOT NULL CHECK (messages >= 1),
  first_at_seconds INTEGER NOT NULL,
  last_at_seconds INTEGER NOT NULL,
  PRIMARY KEY (device, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine_samples (
  sample INTEGER PRIMARY KEY AUTOINCREMENT,
  device TEXT NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  message BLOB NOT NULL CHECK (length(message) <= 1024),
  times INTEGER NOT NULL CHECK (times >= 1),
  first_at_seconds INTEGER NOT NULL,
  last_at_seconds INTEGER NOT NULL,
  UNIQUE (device, reason, message),
  FOREIGN KEY (device, reason) REFERENCES quarantine
) STRICT;

CREATE TABLE replays (
  replay INTEGER PRIMARY KEY AUTOINCREMENT,
  sample INTEGER NOT NULL,
  device TEXT NOT NULL REFERENCES devices,
  message BLOB NOT NULL,
  asked_at_seconds INTEGER NOT NULL,
  reason TEXT,
  channel INTEGER,
  accepted_units INTEGER,
  answered_at_seconds INTEGER
) STRICT;

CREATE INDEX replays_asked ON replays (replay) WHERE answered_at_seconds IS NULL;
`;

/**
 * The books as a hash chain, with more kinds of entries, each under a key that is taken once. The earlier entries are carried over, and hashed by the
 * function that the store lends.
 */
const CHAIN = `
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

function unchangeable(table: string): string {
  return ['UPDATE', 'DELETE']
    .map(
      (verb) =>
        `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table} ` +
        `BEGIN SELECT RAISE(ABORT, '${table} are never changed: a correction is a new one'); END;`,
    )
    .join('\n');
}

export const MIGRATIONS: readonly string[] = [
  FIRST + ['commitments', 'batch_lines', 'entries', 'postings', 'tariffs'].map(unchangeable).join('\n'),
  GRANTS + unchangeable('grants'),
  FIRMWARE + ['firmware_files', 'firmware_orders'].map(unchangeable).join('\n'),
  QUARANTINE,
  CHAIN + ['entries', 'postings'].map(unchangeable).join('\n'),
  PARTICULARS_SCHEMA,
  WALLETS + WALLETS_UNCHANGEABLE.map(unchangeable).join('\n'),
  HEADS + unchangeable('tree_heads'),
  SALES + ['places', 'tills', 'clocks'].map(unchangeable).join('\n'),
  SETTLEMENT + SETTLEMENT_UNCHANGEABLE.map(unchangeable).join('\n'),
  RECORDS_SCHEMA + GUARDS,
  SEGMENTS,
  RETENTION,
];
