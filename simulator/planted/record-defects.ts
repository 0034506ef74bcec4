// Defects of the records that guard what nobody signs. In: the shipped store. Out: the same store, which now and then leaves no record of what it has written: as a program would that writes beside the hub.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { DATABASE_FILE } from '../../hub/database.ts';
import type { Store } from '../../hub/store.ts';
import type { Defect } from './defect.ts';
import { everyNth, inStore } from './defect.ts';

const GUARD = 'records_no_delete';

/** The newest record goes, and nothing of the schema looks different afterwards. */
function forgetRecord(dataDir: string): void {
  const db = new Database(join(dataDir, DATABASE_FILE));
  try {
    const guard = db.prepare<[string], { sql: string }>('SELECT sql FROM sqlite_master WHERE name = ?').get(GUARD);
    db.exec(`DROP TRIGGER ${GUARD}`);
    db.exec('DELETE FROM records WHERE record = (SELECT max(record) FROM records)');
    db.exec(guard?.sql ?? '');
  } finally {
    db.close();
  }
}

function forgetful(): (store: Store) => Store {
  const forgets = everyNth(100);
  return (store) => ({
    ...store,
    atomically(write) {
      const result = store.atomically(write);
      if (forgets()) forgetRecord(store.dataDir);
      return result;
    },
  });
}

export const RECORD_DEFECTS: readonly Defect[] = [
  inStore({ id: 'record-skipped', room: 'store', what: 'Now and then what was written has no record.' }, forgetful),
];
