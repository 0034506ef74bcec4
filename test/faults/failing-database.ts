// A database that fails when it is told to, loaded before the hub with `node --import`. In: a file, named by the environment, with the code of an SQLite error in it
// as long as it exists. Out: transactions that end in that error, at their commit or at their beginning, or channels that cannot be read back. The hub's own code is the shipped one.

import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';

const FILE = process.env['TALLYSTICK_FAULT'] ?? '';

type Step = 'begin' | 'commit' | 'read';

function fault(step: Step): Error | undefined {
  try {
    const [code = '', at] = readFileSync(FILE, 'utf8').split(' ');
    return at === step ? new Database.SqliteError(`planted at ${step}`, code) : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function strike(step: Step): void {
  const error = fault(step);
  if (error !== undefined) throw error;
}

type Write = (...words: unknown[]) => unknown;

const { transaction } = Database.prototype as unknown as { transaction: (this: unknown, write: Write) => unknown };

Object.assign(Database.prototype, {
  // What throws inside is rolled back, as SQLite rolls back a commit that its disk refuses.
  transaction(this: unknown, write: Write): unknown {
    return transaction.call(this, (...words) => {
      strike('begin');
      const result = write(...words);
      strike('commit');
      return result;
    });
  },
});

const memory = new Database(':memory:');
const statements = Object.getPrototypeOf(memory.prepare('SELECT 1')) as {
  get: (this: { source: string }, ...words: unknown[]) => unknown;
};
memory.close();
const { get } = statements;
statements.get = function (...words) {
  if (this.source.startsWith('SELECT accepted_units, claimed_units')) strike('read');
  return get.call(this, ...words);
};
