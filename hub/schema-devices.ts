// The tables about devices that came after the first: ceilings, firmware, and what was refused. In: a database with devices. Out: one that keeps orders and ceilings as they were given.

/** How far prepaid devices may go: each raise is a row, the highest holds, and a device without one is post-paid. */
export const GRANTS = `
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
export const FIRMWARE = `
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
export const QUARANTINE = `
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
