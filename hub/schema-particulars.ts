// The tables of personal data, apart from the books: particulars of accounts, and where payouts in progress go. In: nothing. Out: SQL for one step of the
// migrations. They are the only rows about people that may be changed and deleted; what stays of an erasure is one line without personal data, and an
// account's name that is its id.

import { ERASED_PREFIX } from './pseudonym.ts';

export const PARTICULARS_SCHEMA = `
CREATE TABLE particulars (
  account TEXT NOT NULL REFERENCES accounts,
  field TEXT NOT NULL CHECK (length(field) BETWEEN 1 AND 40),
  value TEXT NOT NULL CHECK (length(value) BETWEEN 1 AND 2000),
  set_at_seconds INTEGER NOT NULL,
  PRIMARY KEY (account, field)
) STRICT, WITHOUT ROWID;

-- Where a payout goes, as its rail has made it when the payout was prepared. It goes when the person is erased, and never changes.
CREATE TABLE payout_destinations (
  payout TEXT PRIMARY KEY CHECK (length(payout) = 32),
  account TEXT NOT NULL REFERENCES accounts,
  destination TEXT NOT NULL CHECK (json_type(destination) = 'object'),
  frozen_at_seconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX payout_destinations_by_account ON payout_destinations (account);

CREATE TRIGGER payout_destinations_no_update BEFORE UPDATE ON payout_destinations
BEGIN SELECT RAISE(ABORT, 'where a payout goes never changes'); END;

CREATE TABLE erasures (
  erasure INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL UNIQUE REFERENCES accounts,
  particulars INTEGER NOT NULL CHECK (particulars >= 0),
  destinations INTEGER NOT NULL CHECK (destinations >= 0),
  labels INTEGER NOT NULL CHECK (labels >= 0),
  erased_at_seconds INTEGER NOT NULL
) STRICT;

CREATE TRIGGER erasures_no_update BEFORE UPDATE ON erasures
BEGIN SELECT RAISE(ABORT, 'erasures are never changed'); END;
CREATE TRIGGER erasures_no_delete BEFORE DELETE ON erasures
BEGIN SELECT RAISE(ABORT, 'erasures are never deleted'); END;

CREATE TRIGGER accounts_change_by_erasure_only BEFORE UPDATE ON accounts
WHEN NEW.account <> OLD.account OR NEW.created_at_seconds <> OLD.created_at_seconds OR NEW.name <> '${ERASED_PREFIX}' || OLD.account
  OR NOT EXISTS (SELECT 1 FROM erasures WHERE account = OLD.account)
BEGIN SELECT RAISE(ABORT, 'an account changes only when its person is erased'); END;
CREATE TRIGGER accounts_stay BEFORE DELETE ON accounts
BEGIN SELECT RAISE(ABORT, 'accounts are never deleted'); END;
CREATE TRIGGER accounts_with_names_of_their_own BEFORE INSERT ON accounts
WHEN substr(NEW.name, 1, ${ERASED_PREFIX.length}) = '${ERASED_PREFIX}'
BEGIN SELECT RAISE(ABORT, 'a name that begins with ${ERASED_PREFIX} stands for an erased one'); END;

CREATE TRIGGER particulars_of_the_living_insert BEFORE INSERT ON particulars
WHEN EXISTS (SELECT 1 FROM erasures WHERE account = NEW.account)
BEGIN SELECT RAISE(ABORT, 'the person of this account is erased'); END;
CREATE TRIGGER destinations_of_the_living BEFORE INSERT ON payout_destinations
WHEN EXISTS (SELECT 1 FROM erasures WHERE account = NEW.account)
BEGIN SELECT RAISE(ABORT, 'the person of this account is erased'); END;
`;
