// How long the hub keeps what the books do not rest on: one row for each kind that the operator has decided on. In: nothing. Out: SQL text for one step of the migrations.

export const RETENTION = `
CREATE TABLE retention (
  kind TEXT PRIMARY KEY,
  keep_days INTEGER CHECK (keep_days BETWEEN 1 AND 36500),
  set_at_seconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
