// The audit against random edits, in memory: each edit on a fresh copy of the same database. In: a data folder's database, how many edits, a seed. Out: which edits were found, under which names, and
// which were not.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Fault } from '../../hub/audit/fault.ts';
import type { HubKeys } from '../../hub/audit/keys.ts';
import { hubKeysIn } from '../../hub/audit/keys.ts';
import { auditTables } from '../../hub/audit/run.ts';
import type { Verify } from '../../hub/accept.ts';
import { verifierOf } from '../../hub/proofs.ts';
import { DATABASE_FILE } from '../../hub/store.ts';
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
  readonly image: Buffer;
  readonly schema: ReadonlyMap<string, string>;
  readonly keys: HubKeys;
}

/** A copy without triggers, which would refuse the edits; what the audit is told of the schema is as it was. */
export function originalOf(dataDir: string): Original {
  const file = new Database(join(dataDir, DATABASE_FILE), { readonly: true });
  const image = plainImage(file);
  file.close();
  const db = new Database(image);
  const schema = tableRows(db).schema();
  for (const { name } of db.prepare<[], { name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).all())
    db.exec(`DROP TRIGGER "${name}"`);
  const bare = plainImage(db);
  db.close();
  return { image: bare, schema, keys: hubKeysIn(dataDir) };
}

/** A database in memory has no WAL: its header must not say that it has. */
function plainImage(db: Database.Database): Buffer {
  const image = db.serialize();
  image[18] = 1;
  image[19] = 1;
  return image;
}

export function* tamper({ image, schema, keys }: Original, edits: number, seed: number): IterableIterator<Tampering> {
  const random = seededRandom(seed, 'edits');
  const first = new Database(image);
  const targets = targetsOf(first);
  first.close();
  const verifiers = new Map<string, Verify>();
  for (let i = 0; i < edits; i++) {
    const db = new Database(image);
    db.pragma('foreign_keys = OFF');
    db.pragma('ignore_check_constraints = ON');
    const edit = editOnce(db, targets, random);
    db.pragma('ignore_check_constraints = OFF');
    const tables: TableRows = { ...tableRows(db), schema: () => schema, expectedSchema: () => schema };
    const { faults } = auditTables(tables, keys, { verifierOf: (key) => rememberingVerifier(verifiers, key) });
    db.close();
    yield { edit, fault: faults[0] };
  }
}

/** Whether a signature is good does not change from copy to copy. */
function rememberingVerifier(verifiers: Map<string, Verify>, key: string): Verify {
  const known = verifiers.get(key);
  if (known !== undefined) return known;
  const verify = verifierOf(key);
  const answers = new Map<string, boolean>();
  const remembering: Verify = (message, signature) => {
    const asked = message + signature;
    const answer = answers.get(asked) ?? verify(message, signature);
    answers.set(asked, answer);
    return answer;
  };
  verifiers.set(key, remembering);
  return remembering;
}
