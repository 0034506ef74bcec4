// Rules of the books that the database keeps by itself, whoever writes. In: nothing. Out: SQL for one step of the migrations, after the tables that it names. What SQL cannot say (hashes, prices, proofs) is
// for the audit; what it can say in a look or two at each write is here.

export const GUARDS = `
-- The entry before has to be whole before another one begins: so at every commit all but the last one are known to be.
CREATE TRIGGER entries_whole BEFORE INSERT ON entries
WHEN EXISTS (SELECT 1 FROM entries WHERE entry = NEW.entry - 1) AND (
  (SELECT count(*) FROM postings WHERE entry = NEW.entry - 1) < 2
  OR EXISTS (SELECT 1 FROM postings WHERE entry = NEW.entry - 1 GROUP BY currency HAVING sum(amount_micros) <> 0))
BEGIN SELECT RAISE(ABORT, 'the postings of the entry before do not sum to zero'); END;

CREATE TRIGGER postings_of_the_newest BEFORE INSERT ON postings
WHEN NEW.entry IS NOT (SELECT max(entry) FROM entries)
BEGIN SELECT RAISE(ABORT, 'postings are added to the newest entry only'); END;

CREATE TRIGGER devices_stay_who_they_are BEFORE UPDATE OF device, public_key, payer, payee, enrolled_at_seconds ON devices
WHEN NEW.device <> OLD.device OR NEW.public_key <> OLD.public_key OR NEW.payer <> OLD.payer OR NEW.payee <> OLD.payee
  OR NEW.enrolled_at_seconds <> OLD.enrolled_at_seconds
BEGIN SELECT RAISE(ABORT, 'a device keeps its key and its accounts'); END;
CREATE TRIGGER devices_revoked_for_good BEFORE UPDATE OF revoked_at_seconds, conflict_at_seconds ON devices
WHEN OLD.revoked_at_seconds IS NOT NULL AND NEW.revoked_at_seconds IS NOT OLD.revoked_at_seconds
  OR OLD.conflict_at_seconds IS NOT NULL AND NEW.conflict_at_seconds IS NOT OLD.conflict_at_seconds
BEGIN SELECT RAISE(ABORT, 'a device is revoked, and marked, once'); END;

CREATE TRIGGER hub_stays_who_it_is BEFORE UPDATE OF public_key ON hub WHEN NEW.public_key <> OLD.public_key
BEGIN SELECT RAISE(ABORT, 'the hub keeps its key'); END;
CREATE TRIGGER hub_stays BEFORE DELETE ON hub BEGIN SELECT RAISE(ABORT, 'the hub keeps its key'); END;
`;
