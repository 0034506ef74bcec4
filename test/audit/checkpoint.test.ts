// Checkpoints: what they find and the audit alone cannot, because the database agrees with itself.

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { checkpointRefusal, makeCheckpoint } from '../../hub/audit/checkpoints.ts';
import type { Fault } from '../../hub/audit/fault.ts';
import { hubKeysIn } from '../../hub/audit/keys.ts';
import { auditTables } from '../../hub/audit/run.ts';
import { blobOf } from '../../hub/blob.ts';
import type { Checkpoint } from '../../hub/checkpoint.ts';
import { parseCheckpoint } from '../../hub/checkpoint.ts';
import { entryHash, ledgerStart } from '../../hub/ledger.ts';
import { sha256, verifierOf } from '../../hub/proofs.ts';
import type { Store } from '../../hub/store.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { openStore } from '../../hub/store.ts';
import { freshFolder } from '../hub/fixture.ts';
import type { Business } from './business.ts';
import { openBusiness, START_SECONDS, workDay } from './business.ts';

const AT = START_SECONDS + 1_000_000;

function businessIn(folder: string): Business {
  const business = openBusiness(folder);
  onTestFinished(() => business.store.close());
  return business;
}

function faultsIn(dataDir: string, checkpoints: readonly Checkpoint[] = []): readonly Fault[] {
  const store = openStore(dataDir, { readonly: true });
  try {
    return auditTables(store.tables, hubKeysIn(dataDir), { all: true, checkpoints }).faults;
  } finally {
    store.close();
  }
}

/** As they stand on the disk, while the store is open. */
function copyOf(store: Store): string {
  const folder = join(freshFolder(), 'copy');
  cpSync(store.dataDir, folder, { recursive: true, filter: (path) => !path.endsWith('-shm') });
  return folder;
}

test('books that went on are a continuation of their checkpoints', () => {
  const business = businessIn(freshFolder());
  const empty = makeCheckpoint(business.store, AT);
  workDay(business, 0);
  const first = makeCheckpoint(business.store, AT);
  workDay(business, 1);
  expect(empty.entries.count).toBe(0);
  expect(first.entries.count).toBeGreaterThan(0);
  expect(first.batch?.sequence).toBe(1);
  const checkpoints = [makeCheckpoint(business.store, AT), first, empty];
  expect(faultsIn(business.store.dataDir, checkpoints)).toEqual([]);
  for (const checkpoint of checkpoints) expect(parseCheckpoint(JSON.parse(JSON.stringify(checkpoint)))).toEqual(checkpoint);
});

test('a database put back to an earlier state passes by itself, and not beside its checkpoint', () => {
  const business = businessIn(freshFolder());
  workDay(business, 0);
  const earlier = copyOf(business.store);
  const before = makeCheckpoint(business.store, AT).entries.count;
  workDay(business, 1);
  const checkpoint = makeCheckpoint(business.store, AT);
  expect(faultsIn(earlier)).toEqual([]);
  const missing = checkpoint.entries.count - before;
  const [first, ...others] = faultsIn(earlier, [checkpoint]);
  expect(first).toMatchObject({
    table: 'entries',
    what: expect.stringContaining(`these books have ${before}: ${missing} are missing`) as string,
  });
  expect(others.map(({ table }) => table)).toEqual(expect.arrayContaining(['records', 'channels', 'batches']));
});

/** Every entry's time a second later, and all hashes made again: what somebody with this very program could do. */
function rewriteEntries(store: Store): void {
  const entries = [...store.books.entriesFrom(1)];
  const db = new Database(join(store.dataDir, DATABASE_FILE));
  for (const verb of ['update', 'delete']) db.exec(`DROP TRIGGER entries_no_${verb}`);
  let hash = ledgerStart(store.hub, sha256);
  for (const entry of entries) {
    const postedAtSeconds = entry.postedAtSeconds + 1;
    hash = entryHash(hash, { ...entry, postedAtSeconds }, sha256);
    db.prepare('UPDATE entries SET posted_at_seconds = ?, hash = ? WHERE entry = ?').run(
      postedAtSeconds,
      blobOf(hash),
      entry.entry,
    );
  }
  for (const [name, sql] of store.tables.expectedSchema()) if (name.startsWith('entries_no_')) db.exec(sql);
  db.close();
}

test('a ledger rewritten from its first entry agrees with itself, and not with its checkpoints', () => {
  const business = businessIn(freshFolder());
  const empty = makeCheckpoint(business.store, AT);
  workDay(business, 2); // the day without a batch
  const checkpoint = makeCheckpoint(business.store, AT);
  rewriteEntries(business.store);
  const { dataDir } = business.store;
  expect(faultsIn(dataDir)).toEqual([]);
  expect(faultsIn(dataDir, [checkpoint, empty])).toEqual([
    {
      table: 'entries',
      row: '1',
      what: expect.stringMatching(
        /ends in another hash after \d+ entries: entry 1 is another one than the hub has signed/,
      ) as string,
    },
  ]);
});

test('the signed head of a batch finds the same: it has the ledger under its seal', () => {
  const business = businessIn(freshFolder());
  workDay(business, 0);
  rewriteEntries(business.store);
  expect(faultsIn(business.store.dataDir)).toMatchObject([
    { table: 'tree_heads', what: expect.stringContaining('had another hash') as string },
  ]);
});

test('a checkpoint of another hub, or one that was changed, is refused', () => {
  const [ours, theirs] = [businessIn(freshFolder()), businessIn(freshFolder())];
  const checkpoint = makeCheckpoint(ours.store, AT);
  const keys = { ...hubKeysIn(ours.store.dataDir), verifierOf };
  expect(checkpointRefusal(checkpoint, keys)).toBeUndefined();
  expect(checkpointRefusal(makeCheckpoint(theirs.store, AT), keys)).toMatch(
    /^expected a checkpoint of hub [0-9a-f]{16}, got one of hub/,
  );
  expect(checkpointRefusal({ ...checkpoint, atSeconds: AT + 1 }, keys)).toContain('its signature is not that of hub');
  expect(parseCheckpoint({ ...checkpoint, entries: { count: -1, hash: checkpoint.entries.hash } })).toMatch(/^entries\.count: /);
});
