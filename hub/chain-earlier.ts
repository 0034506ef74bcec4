// For databases from before the books were a hash chain: the function by which the migration hashes their entries. In: earlier entries, in their order. Out: each
// one's hash, over the one before. It is lent to SQL for that one step.

import type { Database } from 'better-sqlite3';
import type { AccountId } from '../shared/identity.ts';
import { hubIdOf } from '../shared/identity.ts';
import { blobOf, bytesOf, bytesOfHex } from './blob.ts';
import type { EntryKind } from './ledger.ts';
import { entryHash, ledgerStart } from './ledger.ts';
import { sha256 } from './proofs.ts';

export function lendChainedHash(db: Database): void {
  let before: string | undefined;
  db.function('chained_hash', (publicKey, entry, kind, key, postedAtSeconds, postingsJson) => {
    before ??= ledgerStart(hubIdOf(bytesOf(publicKey as Buffer), sha256), sha256);
    const rows = JSON.parse(postingsJson as string) as [string, string, number][];
    const postings = rows.map(([account, currency, amountMicros]) => {
      return { account: bytesOfHex(account) as AccountId, currency, amountMicros };
    });
    const head = { entry: entry as number, kind: kind as EntryKind, postedAtSeconds: postedAtSeconds as number, postings };
    before = entryHash(before, key === null ? head : { ...head, key: key as string }, sha256);
    return blobOf(before);
  });
}
