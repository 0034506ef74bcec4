// The schema of payouts: where accounts are paid, what was handed to rails, and what became of it. In: nothing. Out: SQL text. What must not happen to money the
// database refuses by itself: a payout never changes but for its state, which only goes forward; each lost one is carried into another at most once; and
// what a payout carries in is what was left of the ones before it, to the micro.

import { RAIL_NAMES } from './rails/rail.ts';

const rails = RAIL_NAMES.map((name) => `'${name}'`).join(', ');

export const SETTLEMENT = `
DROP INDEX batches_one_under_way;
-- Several batches may wait for their payouts; one at a time is being prepared, whichever process works on it.
CREATE UNIQUE INDEX batches_one_prepared ON batches (state) WHERE state = 'prepared';
CREATE INDEX batches_open ON batches (sequence) WHERE state <> 'settled';

-- The newest of an account and direction holds; one without a rail ends the one before.
CREATE TABLE routes (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL REFERENCES accounts,
  direction TEXT NOT NULL CHECK (direction IN ('pay', 'collect')),
  rail TEXT CHECK (rail IN (${rails})),
  routed_at_seconds INTEGER NOT NULL
) STRICT;

CREATE INDEX routes_by_account ON routes (account, direction, number);

CREATE TABLE approvals (
  batch TEXT PRIMARY KEY REFERENCES batches,
  approved_by TEXT NOT NULL,
  approved_at_seconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE payouts (
  payout TEXT PRIMARY KEY CHECK (length(payout) = 32),
  sequence INTEGER NOT NULL UNIQUE,
  batch TEXT NOT NULL REFERENCES batches,
  rail TEXT NOT NULL CHECK (rail IN (${rails})),
  direction TEXT NOT NULL CHECK (direction IN ('pay', 'collect')),
  account TEXT NOT NULL REFERENCES accounts,
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  -- What the lines of its batch sum to for the account.
  gross_micros INTEGER NOT NULL CHECK (gross_micros >= 0),
  -- What was below the smallest unit before, and what earlier payouts did not move.
  carried_micros INTEGER NOT NULL CHECK (carried_micros >= 0),
  unit_micros INTEGER NOT NULL CHECK (unit_micros >= 1),
  amount_micros INTEGER NOT NULL CHECK (amount_micros > 0 AND amount_micros % unit_micros = 0),
  state TEXT NOT NULL CHECK (state IN ('prepared', 'sent', 'accepted', 'settled', 'rejected', 'reversed')),
  created_at_seconds INTEGER NOT NULL,
  UNIQUE (batch, direction, account, currency),
  CHECK (gross_micros + carried_micros - amount_micros BETWEEN 0 AND unit_micros - 1)
) STRICT, WITHOUT ROWID;

CREATE INDEX payouts_by_account ON payouts (account, direction, currency, sequence);
CREATE INDEX payouts_by_state ON payouts (state, sequence);
CREATE INDEX payouts_by_rail ON payouts (rail, state, created_at_seconds);

-- An amount that was not moved, or came back, goes into one later payout.
CREATE TABLE payout_carries (
  payout TEXT PRIMARY KEY REFERENCES payouts,
  carried_into TEXT NOT NULL REFERENCES payouts DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

CREATE INDEX payout_carries_into ON payout_carries (carried_into);

-- The money of its lines has moved once: by itself, or by one that carried it.
CREATE TABLE payouts_moved (
  payout TEXT PRIMARY KEY REFERENCES payouts,
  moved_by TEXT NOT NULL REFERENCES payouts
) STRICT, WITHOUT ROWID;

CREATE TABLE payout_events (
  payout TEXT NOT NULL REFERENCES payouts,
  number INTEGER NOT NULL,
  said TEXT NOT NULL,
  said_by TEXT NOT NULL,
  said_at_seconds INTEGER NOT NULL,
  reference TEXT,
  why TEXT,
  -- 0: noted, and nothing followed from it.
  counts INTEGER NOT NULL CHECK (counts IN (0, 1)),
  PRIMARY KEY (payout, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE rail_memory (
  rail TEXT NOT NULL CHECK (rail IN (${rails})),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (rail, key)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER payouts_begin BEFORE INSERT ON payouts WHEN NEW.state <> 'prepared'
BEGIN SELECT RAISE(ABORT, 'a payout begins as prepared'); END;

CREATE TRIGGER payouts_carry_exactly BEFORE INSERT ON payouts
WHEN NEW.carried_micros <>
    coalesce((SELECT gross_micros + carried_micros - amount_micros FROM payouts
      WHERE account = NEW.account AND direction = NEW.direction AND currency = NEW.currency ORDER BY sequence DESC LIMIT 1), 0)
    + coalesce((SELECT sum(amount_micros) FROM payout_carries JOIN payouts USING (payout)
      WHERE carried_into = NEW.payout AND account = NEW.account AND direction = NEW.direction AND currency = NEW.currency), 0)
BEGIN SELECT RAISE(ABORT, 'a payout carries in what was left before it, exactly'); END;

CREATE TRIGGER payouts_go_forward BEFORE UPDATE ON payouts
WHEN NEW.payout <> OLD.payout OR NEW.sequence <> OLD.sequence OR NEW.batch <> OLD.batch OR NEW.rail <> OLD.rail OR NEW.direction <> OLD.direction
  OR NEW.account <> OLD.account OR NEW.currency <> OLD.currency OR NEW.gross_micros <> OLD.gross_micros OR NEW.carried_micros <> OLD.carried_micros
  OR NEW.unit_micros <> OLD.unit_micros OR NEW.amount_micros <> OLD.amount_micros OR NEW.created_at_seconds <> OLD.created_at_seconds
  OR NOT ((OLD.state = 'prepared' AND NEW.state IN ('sent', 'rejected')) OR (OLD.state = 'sent' AND NEW.state IN ('accepted', 'settled', 'rejected'))
    OR (OLD.state = 'accepted' AND NEW.state IN ('settled', 'rejected')) OR (OLD.state = 'settled' AND NEW.state = 'reversed'))
BEGIN SELECT RAISE(ABORT, 'a payout never changes but for its state, which only goes forward'); END;
CREATE TRIGGER payouts_stay BEFORE DELETE ON payouts
BEGIN SELECT RAISE(ABORT, 'payouts are never deleted'); END;

CREATE TRIGGER payout_carries_of_lost BEFORE INSERT ON payout_carries
WHEN (SELECT state FROM payouts WHERE payout = NEW.payout) NOT IN ('rejected', 'reversed')
BEGIN SELECT RAISE(ABORT, 'only a rejected or reversed payout is carried into another'); END;

CREATE TRIGGER payouts_moved_by_settled BEFORE INSERT ON payouts_moved
WHEN (SELECT state FROM payouts WHERE payout = NEW.moved_by) <> 'settled'
BEGIN SELECT RAISE(ABORT, 'only a settled payout has moved money'); END;
`;

/** Append-only, in the words that all such tables share. */
export const SETTLEMENT_UNCHANGEABLE = ['routes', 'approvals', 'payout_carries', 'payouts_moved', 'payout_events'] as const;
