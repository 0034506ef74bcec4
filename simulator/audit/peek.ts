// A quick look at single counts in the committed books: the auditor's own SQL on a connection of its own. In: the folder of the database. Out: units of one
// channel. It only reads, and asks for one column where the hub's own rows would bring them all: it looks at every receipt.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { DATABASE_FILE } from '../../hub/database.ts';
import type { DeviceId } from '../../shared/identity.ts';

export interface Peek {
  /** -1 for a channel that is not in the books. */
  acceptedUnits(device: DeviceId, channel: number): number;
  /** All looks see the same moment. */
  atOneMoment(look: () => void): void;
  close(): void;
}

export function openPeek(dir: string): Peek {
  const db = new Database(join(dir, DATABASE_FILE), { readonly: true, fileMustExist: true });
  const find = db
    .prepare<[string, number], number>('SELECT accepted_units FROM channels WHERE device = ? AND number = ?')
    .pluck();
  const transaction = db.transaction((look: () => void) => look());
  return {
    acceptedUnits: (device, channel) => find.get(device, channel) ?? -1,
    atOneMoment: (look) => transaction.deferred(look),
    close: () => void db.close(),
  };
}
