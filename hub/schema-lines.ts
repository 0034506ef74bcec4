// The schema of batches' lines, as they are kept since they come by the million: each names its batch by the batch's number and not by its id, in both of the table's trees; and its payer, payee and currency
// are its channel's, which never change. In: nothing. Out: SQL text for one step of the migrations. What was there is taken over.

export const LINES = `
CREATE TABLE numbered_lines (
  -- The batch's id is a hash over its lines: it is there only after them, and at the commit.
  batch INTEGER NOT NULL REFERENCES batches (sequence) DEFERRABLE INITIALLY DEFERRED,
  line INTEGER NOT NULL,
  device TEXT NOT NULL,
  number INTEGER NOT NULL,
  from_units INTEGER NOT NULL,
  to_units INTEGER NOT NULL CHECK (to_units > from_units),
  from_micros INTEGER NOT NULL,
  to_micros INTEGER NOT NULL CHECK (to_micros >= from_micros),
  PRIMARY KEY (batch, line),
  -- Nothing is settled twice.
  UNIQUE (device, number, from_units),
  FOREIGN KEY (device, number) REFERENCES channels
) STRICT, WITHOUT ROWID;

INSERT INTO numbered_lines
SELECT (SELECT sequence FROM batches b WHERE b.batch = l.batch), line, device, number, from_units, to_units, from_micros, to_micros
FROM batch_lines l ORDER BY 1, 2;

DROP TABLE batch_lines;
ALTER TABLE numbered_lines RENAME TO batch_lines;

-- A line as it is hashed, with the id of its batch.
CREATE VIEW lines AS
SELECT b.batch, l.line, l.device, l.number, c.payer, c.payee, t.currency, l.from_units, l.to_units, l.from_micros, l.to_micros
FROM batch_lines l JOIN batches b ON b.sequence = l.batch JOIN channels c ON c.device = l.device AND c.number = l.number JOIN tariffs t ON t.tariff = c.tariff;
`;
