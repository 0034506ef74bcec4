// The database against itself: tables, constraints and triggers are those that this program makes, SQLite finds nothing wrong in its own file, and nothing refers to what is not there. In: the
// tables. Out: faults. It comes last: what it finds is seldom the row that somebody has changed.

import { COVERAGE } from '../coverage.ts';
import type { Faults, Ground } from './fault.ts';

export function* faultsOfDatabase({ tables, counted }: Ground): Faults {
  const [found, expected] = [tables.schema(), tables.expectedSchema()];
  for (const name of new Set([...expected.keys(), ...found.keys()])) {
    counted('tables, indexes and triggers', 1);
    if (found.get(name) === expected.get(name)) continue;
    const how = found.has(name)
      ? expected.has(name)
        ? 'it is not as this program makes it'
        : 'this program makes no such thing'
      : 'it is not there';
    yield { table: 'sqlite_schema', row: name, what: how };
  }
  for (const table of tables.tables().keys())
    if (COVERAGE[table] === undefined) yield { table, row: '', what: 'nothing is known of this table' };
  for (const { table, key, parent } of tables.orphans())
    yield { table, row: key, what: `it refers to a row of ${parent} that is not there` };
  for (const what of tables.integrity()) yield { table: 'sqlite_schema', row: '', what };
}
