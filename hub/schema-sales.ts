// The tables that insight rests on: where devices stand, and what was sold when. In: nothing. Out: SQL text for one step of the migrations. Sales are a second
// account of what channels have claimed, by time: never more, never less, and never what a payment rests on.

/** Quarter hours and days are counted from 1970 in UTC. Sales of before this step stand in the quarter hour of their channel's last change. */
export const SALES = `
-- A stay is one device at one place; a later version of a stay corrects it, a later stay follows it.
CREATE TABLE places (
  device TEXT NOT NULL REFERENCES devices,
  stay INTEGER NOT NULL CHECK (stay >= 1),
  version INTEGER NOT NULL CHECK (version >= 1),
  site TEXT CHECK (length(site) BETWEEN 1 AND 64),
  product TEXT CHECK (length(product) BETWEEN 1 AND 64),
  zone TEXT CHECK (length(zone) BETWEEN 1 AND 64),
  placed_at_seconds INTEGER NOT NULL,
  PRIMARY KEY (device, stay, version)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER places_follow BEFORE INSERT ON places
WHEN NOT (NEW.version = 1 AND NEW.stay = 1 + (SELECT coalesce(max(stay), 0) FROM places WHERE device = NEW.device))
  AND NOT (NEW.stay = (SELECT max(stay) FROM places WHERE device = NEW.device)
    AND NEW.version = 1 + (SELECT max(version) FROM places WHERE device = NEW.device AND stay = NEW.stay))
BEGIN SELECT RAISE(ABORT, 'a place corrects the last stay or begins the next'); END;

-- What is added up for the whole fleet: one currency, unit and zone as it was said when the till was opened ('': none).
CREATE TABLE clocks (
  clock INTEGER PRIMARY KEY,
  currency TEXT NOT NULL,
  unit TEXT NOT NULL,
  zone TEXT NOT NULL,
  UNIQUE (currency, unit, zone)
) STRICT;

-- What sales are counted by: one device during one stay, for one payer and payee, under one tariff.
CREATE TABLE tills (
  till INTEGER PRIMARY KEY,
  device TEXT NOT NULL REFERENCES devices,
  stay INTEGER NOT NULL CHECK (stay >= 1),
  payer TEXT NOT NULL REFERENCES accounts,
  payee TEXT NOT NULL REFERENCES accounts,
  tariff TEXT NOT NULL REFERENCES tariffs,
  clock INTEGER NOT NULL REFERENCES clocks,
  UNIQUE (device, stay, payer, payee, tariff)
) STRICT;

-- By time first: a drawing writes to the end of the tree, and what is old lies together.
CREATE TABLE sales (
  quarter INTEGER NOT NULL CHECK (quarter >= 0),
  till INTEGER NOT NULL REFERENCES tills,
  units INTEGER NOT NULL CHECK (units >= 0),
  micros INTEGER NOT NULL CHECK (micros >= 0),
  PRIMARY KEY (quarter, till)
) STRICT, WITHOUT ROWID;

CREATE TABLE sale_days (
  day INTEGER NOT NULL CHECK (day >= 0),
  till INTEGER NOT NULL REFERENCES tills,
  units INTEGER NOT NULL CHECK (units >= 0),
  micros INTEGER NOT NULL CHECK (micros >= 0),
  PRIMARY KEY (day, till)
) STRICT, WITHOUT ROWID;

-- Small, and kept for good: hours of the whole fleet outlive those of its tills.
CREATE TABLE sale_clocks (
  quarter INTEGER NOT NULL CHECK (quarter >= 0),
  clock INTEGER NOT NULL REFERENCES clocks,
  units INTEGER NOT NULL CHECK (units >= 0),
  micros INTEGER NOT NULL CHECK (micros >= 0),
  PRIMARY KEY (quarter, clock)
) STRICT, WITHOUT ROWID;

-- Quarter hours before this one are not kept any more, only their days.
CREATE TABLE sale_floor (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  quarter INTEGER NOT NULL CHECK (quarter >= 0 AND quarter % 96 = 0)
) STRICT;
INSERT INTO sale_floor (one, quarter) VALUES (1, 0);

INSERT INTO clocks (currency, unit, zone) SELECT DISTINCT currency, unit, '' FROM tariffs;
INSERT INTO tills (device, stay, payer, payee, tariff, clock)
SELECT DISTINCT device, 1, payer, payee, tariff, clock FROM channels JOIN tariffs USING (tariff) JOIN clocks USING (currency, unit)
WHERE claimed_units > 0 OR claimed_micros > 0 ORDER BY device;
INSERT INTO sales (quarter, till, units, micros)
SELECT max(changed_at_seconds, 0) / 900 AS at, till, sum(claimed_units), sum(claimed_micros)
FROM channels JOIN tills USING (device, payer, payee, tariff) WHERE claimed_units > 0 OR claimed_micros > 0 GROUP BY at, till;
INSERT INTO sale_days (day, till, units, micros)
SELECT quarter / 96 AS at, till, sum(units), sum(micros) FROM sales GROUP BY at, till;
INSERT INTO sale_clocks (quarter, clock, units, micros)
SELECT quarter, clock, sum(units), sum(micros) FROM sales JOIN tills USING (till) GROUP BY quarter, clock;

CREATE TRIGGER sales_only_grow BEFORE UPDATE ON sales
WHEN NEW.quarter <> OLD.quarter OR NEW.till <> OLD.till OR NEW.units < OLD.units OR NEW.micros < OLD.micros
BEGIN SELECT RAISE(ABORT, 'what was sold never falls'); END;
CREATE TRIGGER sales_stay BEFORE DELETE ON sales WHEN OLD.quarter >= (SELECT quarter FROM sale_floor)
BEGIN SELECT RAISE(ABORT, 'quarter hours are deleted below the floor only'); END;
CREATE TRIGGER sale_days_only_grow BEFORE UPDATE ON sale_days
WHEN NEW.day <> OLD.day OR NEW.till <> OLD.till OR NEW.units < OLD.units OR NEW.micros < OLD.micros
BEGIN SELECT RAISE(ABORT, 'what was sold never falls'); END;
CREATE TRIGGER sale_days_stay BEFORE DELETE ON sale_days BEGIN SELECT RAISE(ABORT, 'days of sales are never deleted'); END;
CREATE TRIGGER sale_clocks_only_grow BEFORE UPDATE ON sale_clocks
WHEN NEW.quarter <> OLD.quarter OR NEW.clock <> OLD.clock OR NEW.units < OLD.units OR NEW.micros < OLD.micros
BEGIN SELECT RAISE(ABORT, 'what was sold never falls'); END;
CREATE TRIGGER sale_clocks_stay BEFORE DELETE ON sale_clocks BEGIN SELECT RAISE(ABORT, 'sales of the whole fleet are never deleted'); END;
CREATE TRIGGER sale_floor_only_rises BEFORE UPDATE ON sale_floor WHEN NEW.quarter < OLD.quarter
BEGIN SELECT RAISE(ABORT, 'the floor only rises: what was below it is gone'); END;
CREATE TRIGGER sale_floor_stays BEFORE DELETE ON sale_floor BEGIN SELECT RAISE(ABORT, 'the floor stays'); END;
`;
