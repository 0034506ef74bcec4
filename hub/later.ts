// Statements compiled when they are first run: a store has some two hundred, and who opens one runs a few of them. In: a database. Out: the same one, whose `prepare` costs nothing.
// A statement that is no SQL is found out by its first use, which a test of each room is; it must never behave otherwise than one that was compiled at once.

import type { Database, Statement } from 'better-sqlite3';

type Mode = 'pluck' | 'raw';
type Verb = 'run' | 'get' | 'all' | 'iterate';

const VERBS: readonly Verb[] = ['run', 'get', 'all', 'iterate'];

export function preparedLater(db: Database): Database {
  const later = (sql: string): Statement => statementLater(db, sql);
  return Object.create(db, { prepare: { value: later } }) as Database;
}

function statementLater(db: Database, sql: string): Statement {
  const modes: Mode[] = [];
  const statement = {} as Record<Mode | Verb, unknown>;
  for (const mode of ['pluck', 'raw'] as const) statement[mode] = () => (modes.push(mode), statement);
  /** From the first use on its verbs are the compiled one's own: what is run by the thousand goes through nothing else. */
  function compile(): Statement {
    const compiled = db.prepare(sql);
    for (const mode of modes) compiled[mode]();
    for (const verb of VERBS) statement[verb] = (compiled[verb] as () => unknown).bind(compiled);
    return compiled;
  }
  for (const verb of VERBS) {
    statement[verb] = (...given: unknown[]) => (compile()[verb] as (...values: unknown[]) => unknown)(...given);
  }
  return statement as unknown as Statement;
}
