// The audit against random edits, in memory: each edit on a fresh copy of the same database. In: a data folder's database, how many edits, a seed. Out: which edits were found, under which names, and
// which were not.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Fault, Ground } from '../../hub/audit/fault.ts';
import type { HubKeys } from '../../hub/audit/keys.ts';
import { hubKeysIn } from '../../hub/audit/keys.ts';
import { auditTables } from '../../hub/audit/run.ts';
import type { Verify } from '../../hub/accept.ts';
import { verifierOf } from '../../hub/proofs.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import type { TableRows } from '../../hub/store-tables.ts';
import { tableRows } from '../../hub/store-tables.ts';
import { seededRandom } from '../../simulator/random.ts';
import type { Edit } from './edits.ts';
import { editOnce, targetsOf } from './edits.ts';

export interface Tampering {
  readonly edit: Edit;
  /** The first fault; `undefined` when the audit has found none. */
  readonly fault: Fault | undefined;
}

export interface Original {
  /** With its triggers. */
  readonly whole: Buffer;
  /** Without them: they would refuse the edits. */
  readonly bare: Buffer;
  readonly schema: ReadonlyMap<string, string>;
  readonly keys: HubKeys;
}

export function originalOf(dataDir: string): Original {
  const file = new Database(join(dataDir, DATABASE_FILE), { readonly: true });
  const whole = plainImage(file);
  file.close();
  const db = new Database(whole);
  const schema = tableRows(db).schema();
  for (const { name } of db.prepare<[], { name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).all())
    db.exec(`DROP TRIGGER "${name}"`);
  const bare = plainImage(db);
  db.close();
  return { whole, bare, schema, keys: hubKeysIn(dataDir) };
}

/** A database in memory has no WAL: its header must not say that it has. */
function plainImage(db: Database.Database): Buffer {
  const image = db.serialize();
  image[18] = 1;
  image[19] = 1;
  return image;
}

/** Edits of cells and rows. What the audit is told of the schema is as it was. */
export function* editRows({ bare, schema, keys }: Original, edits: number, seed: number): IterableIterator<Tampering> {
  const random = seededRandom(seed, 'edits');
  const first = new Database(bare);
  const targets = targetsOf(first);
  first.close();
  const verify = rememberingVerifiers();
  for (let i = 0; i < edits; i++) {
    const db = new Database(bare);
    db.pragma('foreign_keys = OFF');
    db.pragma('ignore_check_constraints = ON');
    const edit = editOnce(db, targets, random);
    db.pragma('ignore_check_constraints = OFF');
    const tables: TableRows = { ...tableRows(db), schema: () => schema, expectedSchema: () => schema };
    const { faults } = auditTables(tables, keys, { verifierOf: verify });
    db.close();
    yield { edit, fault: faults[0] };
  }
}

/** Edits of single bytes of the file. One that changes nothing that anything guards needs not be found. */
export function* editBytes(
  { whole, schema, keys }: Original,
  edits: number,
  seed: number,
): IterableIterator<Tampering & { readonly changed: boolean }> {
  const random = seededRandom(seed, 'bytes');
  const verify = rememberingVerifiers();
  const before = dumpOf(whole);
  for (let i = 0; i < edits; i++) {
    const image = Buffer.from(whole);
    const at = random.integer(0, image.length - 1);
    const byte = (image[at] as number) ^ random.integer(1, 255);
    const what = `byte ${at} from ${image[at]} to ${byte}`;
    image[at] = byte;
    const fault = faultOfImage(image, schema, keys, verify);
    yield { edit: { table: '', what }, fault, changed: fault === undefined && dumpOf(image) !== before };
  }
}

function faultOfImage(
  image: Buffer,
  expected: ReadonlyMap<string, string>,
  keys: HubKeys,
  verify: Ground['verifierOf'],
): Fault | undefined {
  let db: Database.Database | undefined;
  try {
    db = new Database(image);
    const tables: TableRows = { ...tableRows(db), expectedSchema: () => expected };
    return auditTables(tables, keys, { verifierOf: verify }).faults[0];
  } catch (error) {
    return { table: 'sqlite_schema', row: '', what: `it cannot be opened: ${(error as Error).message}` };
  } finally {
    db?.close();
  }
}

/** Everything that something guards, as one text. */
function dumpOf(image: Buffer): string {
  const db = new Database(image);
  try {
    return JSON.stringify(
      targetsOf(db).map(({ table, guarded, rows }) => [table, rows.map((row) => guarded.map((column) => row[column]))]),
    );
  } finally {
    db.close();
  }
}

/** Whether a signature is good does not change from copy to copy. */
function rememberingVerifiers(): Ground['verifierOf'] {
  const verifiers = new Map<string, Verify>();
  return (key) => {
    const known = verifiers.get(key) ?? remembering(verifierOf(key));
    verifiers.set(key, known);
    return known;
  };
}

function remembering(verify: Verify): Verify {
  const answers = new Map<string, boolean>();
  return (message, signature) => {
    const asked = message + signature;
    const answer = answers.get(asked) ?? verify(message, signature);
    answers.set(asked, answer);
    return answer;
  };
}
