// What an error of the database or the disk means. In: errors as SQLite and Node throw them. Out: whether to wait and try again, whether the program has contradicted its books, and what
// the operator does about the disk. It must never take a contradiction of the books for a disk that is full.

import Database from 'better-sqlite3';
import { adviceOn, isDiskError } from './health.ts';
import { MIGRATIONS } from './migrations.ts';

/**
 * True if the database refused the transaction or could not take it now: nothing of it counts as stored, and it may be tried again. So it is after an I/O
 * error too: what a failed commit has put into the WAL stands behind its last valid frame, and the next commit writes over it, byte for byte anew, so
 * it does not depend on what the kernel still holds of pages that it could not write. A damaged file is another matter: that ends the process.
 */
export function isStorageFault(error: unknown): error is Error {
  if (isDiskError(error)) return true;
  if (isRuleOfSchema(error)) return false;
  return error instanceof Database.SqliteError && !/^SQLITE_(CORRUPT|NOTADB)/.test(error.code);
}

/** A rule of this program's own schema has refused a row: the program, or somebody beside it, has contradicted the books. */
export function isRuleOfSchema(error: unknown): error is Error {
  if (!(error instanceof Database.SqliteError)) return false;
  if (error.code === 'SQLITE_CONSTRAINT_CHECK') return true;
  return error.code === 'SQLITE_CONSTRAINT_TRIGGER' && RULES.has(error.message);
}

/** What the schema's triggers say. */
const RULES: ReadonlySet<string> = new Set(
  MIGRATIONS.flatMap((sql) =>
    [...sql.matchAll(/RAISE\(ABORT, '((?:[^']|'')*)'\)/g)].map(([, rule]) => (rule ?? '').replaceAll("''", "'")),
  ),
);

/** What the operator does about an error of the disk under any command; `undefined` for any other error. */
export function diskAdvice(error: unknown): string | undefined {
  const { code = '' } = error as NodeJS.ErrnoException;
  const isOfDisk = isDiskError(error) || /^SQLITE_(FULL|IOERR|READONLY|BUSY)/.test(code);
  return isOfDisk ? adviceOn(code, (error as Error).message) : undefined;
}
