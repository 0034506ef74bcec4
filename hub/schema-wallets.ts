// The wallets' tables: what the books rest on when accounts are prepaid or bounded. What is said once (terms, budgets, uses, refunds) is never changed; what
// moves (a reservation, what is left of a lot, a dispute) moves one way only, and the database refuses every other.

/** How an account pays, the newest row holding. It has one currency for good: what it may cost is one sum. */
const TERMS = `
CREATE TABLE account_terms (
  number INTEGER PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts,
  kind TEXT NOT NULL CHECK (kind IN ('prepaid', 'post-paid')),
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  credit_micros INTEGER NOT NULL CHECK (credit_micros >= 0 AND (kind = 'post-paid' OR credit_micros = 0)),
  set_at_seconds INTEGER NOT NULL
) STRICT;
CREATE INDEX account_terms_newest ON account_terms (account, number);
CREATE TRIGGER account_terms_one_currency BEFORE INSERT ON account_terms
WHEN EXISTS (SELECT 1 FROM account_terms WHERE account = NEW.account AND currency <> NEW.currency)
BEGIN SELECT RAISE(ABORT, 'the currency of an account''s terms never changes'); END;

-- Of a scope and period the newest row holds; without a limit it is lifted. The subject is a device, a payee's account, or empty.
CREATE TABLE budgets (
  number INTEGER PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts,
  scope TEXT NOT NULL CHECK (scope IN ('account', 'device', 'payee')),
  subject TEXT NOT NULL CHECK ((scope = 'account') = (subject = '')),
  per_day INTEGER NOT NULL CHECK (per_day IN (0, 1)),
  zone TEXT NOT NULL,
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  limit_micros INTEGER CHECK (limit_micros >= 0),
  set_at_seconds INTEGER NOT NULL
) STRICT;
CREATE INDEX budgets_by_account ON budgets (account, number);
`;

/**
 * What channels may cost, held back at their opening. A released one counts what was charged; it is drawn when that is claimed.
 * Channels are found by their accounts, too: for terms that are given while channels are open, and for statements.
 */
const RESERVATIONS = `
CREATE INDEX channels_by_payer ON channels (payer);
CREATE INDEX channels_by_payee ON channels (payee);
CREATE TABLE reservations (
  device TEXT NOT NULL,
  number INTEGER NOT NULL,
  account TEXT NOT NULL REFERENCES accounts,
  payee TEXT NOT NULL REFERENCES accounts,
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  limit_micros INTEGER NOT NULL CHECK (limit_micros >= 0),
  counted_micros INTEGER NOT NULL CHECK (counted_micros BETWEEN 0 AND limit_micros),
  opened_at_seconds INTEGER NOT NULL,
  released_at_seconds INTEGER,
  released_by TEXT CHECK (released_by IN ('closing', 'limit', 'operator')),
  drawn INTEGER NOT NULL DEFAULT 0 CHECK (drawn IN (0, 1)),
  PRIMARY KEY (device, number),
  FOREIGN KEY (device, number) REFERENCES channels,
  CHECK ((released_at_seconds IS NULL) = (released_by IS NULL)),
  CHECK (drawn = 0 OR released_by IS NOT NULL),
  CHECK (released_by IS NOT NULL OR counted_micros = limit_micros)
) STRICT, WITHOUT ROWID;
CREATE INDEX reservations_undrawn ON reservations (account) WHERE drawn = 0;
CREATE INDEX reservations_to_draw ON reservations (device, number) WHERE drawn = 0 AND released_by IS NOT NULL;
CREATE INDEX reservations_by_opening ON reservations (account, opened_at_seconds);
CREATE TRIGGER reservations_go_forward BEFORE UPDATE ON reservations
WHEN NEW.device <> OLD.device OR NEW.number <> OLD.number OR NEW.account <> OLD.account OR NEW.payee <> OLD.payee OR NEW.currency <> OLD.currency
  OR NEW.limit_micros <> OLD.limit_micros OR NEW.opened_at_seconds <> OLD.opened_at_seconds OR NEW.drawn < OLD.drawn
  OR (OLD.released_by IS NOT NULL
    AND (NEW.counted_micros <> OLD.counted_micros OR NEW.released_by IS NOT OLD.released_by OR NEW.released_at_seconds IS NOT OLD.released_at_seconds))
BEGIN SELECT RAISE(ABORT, 'a reservation is released once, then drawn'); END;
CREATE TRIGGER reservations_stay BEFORE DELETE ON reservations
BEGIN SELECT RAISE(ABORT, 'reservations are never deleted'); END;

-- Channels that the operator wants closed at what is accepted; the hub that runs does it.
CREATE TABLE releases (
  device TEXT NOT NULL,
  number INTEGER NOT NULL,
  reason TEXT NOT NULL,
  asked_at_seconds INTEGER NOT NULL,
  done_at_seconds INTEGER,
  PRIMARY KEY (device, number),
  FOREIGN KEY (device, number) REFERENCES channels
) STRICT, WITHOUT ROWID;
CREATE INDEX releases_asked ON releases (device, number) WHERE done_at_seconds IS NULL;
`;

/** Promotions by the entry that gave them, and what was used of each by which entry: a claim, or its expiry. */
const LOTS = `
CREATE TABLE lots (
  entry INTEGER PRIMARY KEY REFERENCES entries,
  account TEXT NOT NULL REFERENCES accounts,
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  amount_micros INTEGER NOT NULL CHECK (amount_micros > 0),
  priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 1000),
  expires_at_seconds INTEGER NOT NULL,
  left_micros INTEGER NOT NULL CHECK (left_micros BETWEEN 0 AND amount_micros)
) STRICT;
CREATE INDEX lots_left ON lots (account, currency) WHERE left_micros > 0;
CREATE INDEX lots_due ON lots (expires_at_seconds) WHERE left_micros > 0;
CREATE TABLE lot_uses (
  entry INTEGER NOT NULL REFERENCES entries,
  lot INTEGER NOT NULL REFERENCES lots,
  used_micros INTEGER NOT NULL CHECK (used_micros > 0),
  PRIMARY KEY (entry, lot)
) STRICT, WITHOUT ROWID;
CREATE INDEX lot_uses_by_lot ON lot_uses (lot, entry);
CREATE TRIGGER lots_begin_whole BEFORE INSERT ON lots WHEN NEW.left_micros <> NEW.amount_micros
BEGIN SELECT RAISE(ABORT, 'a lot begins whole'); END;
CREATE TRIGGER lot_uses_lessen AFTER INSERT ON lot_uses
BEGIN UPDATE lots SET left_micros = left_micros - NEW.used_micros WHERE entry = NEW.lot; END;
CREATE TRIGGER lots_only_lessen BEFORE UPDATE ON lots
WHEN NEW.entry <> OLD.entry OR NEW.account <> OLD.account OR NEW.currency <> OLD.currency OR NEW.amount_micros <> OLD.amount_micros
  OR NEW.priority <> OLD.priority OR NEW.expires_at_seconds <> OLD.expires_at_seconds
  OR NEW.left_micros <> OLD.amount_micros - (SELECT sum(used_micros) FROM lot_uses WHERE lot = OLD.entry)
BEGIN SELECT RAISE(ABORT, 'a lot changes by its uses only'); END;
CREATE TRIGGER lots_stay BEFORE DELETE ON lots
BEGIN SELECT RAISE(ABORT, 'lots are never deleted'); END;
`;

/** What came back of a channel's charge: never more than was claimed. A dispute that the payee has won gives nothing back. */
const RETURNED = `(SELECT coalesce(sum(amount_micros), 0) FROM refunds WHERE device = NEW.device AND number = NEW.number)
  + (SELECT coalesce(sum(amount_micros), 0) FROM disputes WHERE device = NEW.device AND number = NEW.number AND winner IS NOT 'payee')
  + NEW.amount_micros > (SELECT claimed_micros FROM channels WHERE device = NEW.device AND number = NEW.number)`;

const RETURNS = `
CREATE TABLE refunds (
  entry INTEGER PRIMARY KEY REFERENCES entries,
  device TEXT NOT NULL,
  number INTEGER NOT NULL,
  amount_micros INTEGER NOT NULL CHECK (amount_micros > 0),
  FOREIGN KEY (device, number) REFERENCES channels
) STRICT;
CREATE INDEX refunds_by_channel ON refunds (device, number);
CREATE TABLE disputes (
  entry INTEGER PRIMARY KEY REFERENCES entries,
  id TEXT NOT NULL UNIQUE,
  device TEXT NOT NULL,
  number INTEGER NOT NULL,
  amount_micros INTEGER NOT NULL CHECK (amount_micros > 0),
  winner TEXT CHECK (winner IN ('payer', 'payee')),
  resolution INTEGER REFERENCES entries,
  FOREIGN KEY (device, number) REFERENCES channels,
  CHECK ((winner IS NULL) = (resolution IS NULL))
) STRICT;
CREATE INDEX disputes_by_channel ON disputes (device, number);
CREATE UNIQUE INDEX disputes_by_resolution ON disputes (resolution) WHERE resolution IS NOT NULL;
CREATE TRIGGER refunds_within_claims BEFORE INSERT ON refunds WHEN ${RETURNED}
BEGIN SELECT RAISE(ABORT, 'no more comes back than was claimed'); END;
CREATE TRIGGER disputes_within_claims BEFORE INSERT ON disputes WHEN ${RETURNED}
BEGIN SELECT RAISE(ABORT, 'no more is disputed than was claimed'); END;
CREATE TRIGGER disputes_resolved_once BEFORE UPDATE ON disputes
WHEN OLD.winner IS NOT NULL OR NEW.entry <> OLD.entry OR NEW.id <> OLD.id OR NEW.device <> OLD.device OR NEW.number <> OLD.number
  OR NEW.amount_micros <> OLD.amount_micros
BEGIN SELECT RAISE(ABORT, 'a dispute is resolved once'); END;
CREATE TRIGGER disputes_stay BEFORE DELETE ON disputes
BEGIN SELECT RAISE(ABORT, 'disputes are never deleted'); END;
`;

/** How much each channel's claims grew on each day (UTC, of the entries' own times), and the last entry that claimed: what a statement explains them by. */
const CLAIM_DAYS = `
CREATE TABLE claim_days (
  device TEXT NOT NULL,
  number INTEGER NOT NULL,
  day INTEGER NOT NULL,
  units INTEGER NOT NULL CHECK (units > 0),
  micros INTEGER NOT NULL CHECK (micros >= 0),
  entry INTEGER REFERENCES entries,
  PRIMARY KEY (device, number, day),
  FOREIGN KEY (device, number) REFERENCES channels
) STRICT, WITHOUT ROWID;
CREATE TRIGGER claim_days_only_grow BEFORE UPDATE ON claim_days
WHEN NEW.device <> OLD.device OR NEW.number <> OLD.number OR NEW.day <> OLD.day OR NEW.units < OLD.units OR NEW.micros < OLD.micros
BEGIN SELECT RAISE(ABORT, 'claims never fall'); END;
CREATE TRIGGER claim_days_stay BEFORE DELETE ON claim_days
BEGIN SELECT RAISE(ABORT, 'days of claims are never deleted'); END;
INSERT INTO claim_days SELECT device, number, changed_at_seconds / 86400, claimed_units, claimed_micros, NULL FROM channels WHERE claimed_units > 0;
`;

/**
 * A payer's side of an entry: debits of claims and what clears them, what comes into a wallet and goes out of it. The other side is a payee's: credits of
 * claims, what is paid out of them, refunds given, disputes.
 */
const IS_WALLETS = `(kind IN ('top-up', 'withdrawal', 'collection', 'reward', 'promotion', 'expiry')
  OR (kind IN ('claim', 'reversal') AND amount_micros < 0)
  OR (kind IN ('settlement', 'refund') AND amount_micros > 0)
  OR (kind = 'resolution' AND account = (SELECT payer FROM disputes d JOIN channels USING (device, number) WHERE d.entry = refers_to)))`;

/** What each wallet holds: the sum of its own postings, kept beside them because every commitment asks for it. */
const BALANCES = `
CREATE TABLE wallet_balances (
  account TEXT NOT NULL REFERENCES accounts,
  currency TEXT NOT NULL,
  held_micros INTEGER NOT NULL CHECK (held_micros BETWEEN -9007199254740991 AND 9007199254740991),
  PRIMARY KEY (account, currency)
) STRICT, WITHOUT ROWID;
INSERT INTO wallet_balances SELECT account, currency, sum(amount_micros) FROM postings JOIN entries USING (entry)
  WHERE ${IS_WALLETS} GROUP BY account, currency;
CREATE TRIGGER postings_move_wallets AFTER INSERT ON postings
WHEN EXISTS (SELECT 1 FROM (SELECT NEW.account AS account, NEW.amount_micros AS amount_micros, kind, refers_to FROM entries WHERE entry = NEW.entry)
  WHERE ${IS_WALLETS})
BEGIN INSERT INTO wallet_balances VALUES (NEW.account, NEW.currency, NEW.amount_micros)
  ON CONFLICT DO UPDATE SET held_micros = held_micros + excluded.held_micros; END;
`;

/** For the audit: wallets whose balance is not the sum of their postings, or that are there without any, or the other way round. */
export const WALLETS_THAT_DIFFER = `account, currency, sum(held) AS heldMicros, sum(posted) AS postedMicros FROM (
  SELECT account, currency, held_micros AS held, 0 AS posted, 1 AS kept, 0 AS moved FROM wallet_balances
  UNION ALL SELECT account, currency, 0, amount_micros, 0, 1 FROM postings JOIN entries USING (entry) WHERE ${IS_WALLETS})
GROUP BY account, currency HAVING sum(held) <> sum(posted) OR max(kept) <> max(moved) ORDER BY account, currency`;

export const WALLETS = TERMS + RESERVATIONS + LOTS + RETURNS + CLAIM_DAYS + BALANCES;
export const WALLETS_UNCHANGEABLE: readonly string[] = ['account_terms', 'budgets', 'lot_uses', 'refunds'];
