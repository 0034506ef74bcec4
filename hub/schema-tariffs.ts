// The tables of prices that differ by time: which units of a channel belong to which element of its tariff. A segment grows at the end of its channel alone, so what units
// cost that were claimed or settled never changes.

export const SEGMENTS = `
CREATE TABLE segments (
  device TEXT NOT NULL,
  number INTEGER NOT NULL,
  sequence INTEGER NOT NULL CHECK (sequence >= 0),
  element INTEGER NOT NULL CHECK (element BETWEEN 0 AND 23),
  to_units INTEGER NOT NULL CHECK (to_units >= 1),
  from_seconds INTEGER NOT NULL,
  until_seconds INTEGER NOT NULL CHECK (until_seconds >= from_seconds),
  chosen INTEGER NOT NULL CHECK (chosen IN (0, 1)),
  PRIMARY KEY (device, number, sequence),
  FOREIGN KEY (device, number) REFERENCES channels
) STRICT, WITHOUT ROWID;

CREATE TRIGGER segments_follow BEFORE INSERT ON segments
WHEN NEW.sequence <> (SELECT count(*) FROM segments WHERE device = NEW.device AND number = NEW.number)
  OR EXISTS (SELECT 1 FROM segments WHERE device = NEW.device AND number = NEW.number
    AND (to_units >= NEW.to_units OR until_seconds > NEW.from_seconds))
BEGIN SELECT RAISE(ABORT, 'a segment goes on where the one before it ends'); END;

CREATE TRIGGER segments_only_grow BEFORE UPDATE ON segments
WHEN NEW.device <> OLD.device OR NEW.number <> OLD.number OR NEW.sequence <> OLD.sequence OR NEW.element <> OLD.element
  OR NEW.from_seconds <> OLD.from_seconds OR NEW.chosen <> OLD.chosen OR OLD.chosen = 1
  OR NEW.to_units < OLD.to_units OR NEW.until_seconds < OLD.until_seconds
  OR EXISTS (SELECT 1 FROM segments WHERE device = OLD.device AND number = OLD.number AND sequence > OLD.sequence)
BEGIN SELECT RAISE(ABORT, 'only the last segment of a channel grows, at its end'); END;

CREATE TRIGGER segments_accepted BEFORE INSERT ON segments
WHEN NEW.to_units > (SELECT accepted_units FROM channels WHERE device = NEW.device AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'a segment holds units that were accepted'); END;
CREATE TRIGGER segments_still_accepted BEFORE UPDATE ON segments
WHEN NEW.to_units > (SELECT accepted_units FROM channels WHERE device = NEW.device AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'a segment holds units that were accepted'); END;

CREATE TRIGGER segments_stay BEFORE DELETE ON segments
BEGIN SELECT RAISE(ABORT, 'segments are never deleted'); END;
`;
