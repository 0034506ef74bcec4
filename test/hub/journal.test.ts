// The journal: what is durable before a PUBACK and not yet in the database. Killed hubs are stood in for by copies of their folder, a disk that fails by a device that cannot be flushed, torn writes by every cut of a
// file.

import { readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { hubStatus } from '../../hub/status.ts';
import { ENTRY_BYTES, HEAD_BYTES, journalEntries, openJournal, readEntry } from '../../hub/journal.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { openStore } from '../../hub/store.ts';
import { copyOf, freshFolder, payAt, startHub } from './fixture.ts';
import { closeOf, connectPayer } from './payer.ts';

function unitsIn(dataDir: string, readonly = false): number {
  const store = openStore(dataDir, { readonly });
  try {
    const status = hubStatus(store);
    expect(status.balanced).toBe(true);
    return status.units.accepted;
  } finally {
    store.close();
  }
}

/** A row of the table itself, not of what a store makes of it. */
function rowUnits(dataDir: string): number {
  const db = new Database(join(dataDir, DATABASE_FILE), { readonly: true });
  const row = db.prepare<[], { units: number }>('SELECT accepted_units AS units FROM channels').get();
  db.close();
  return row?.units ?? -1;
}

test('what was acknowledged is in the journal, and a reader sees it before it is in the database', async () => {
  const dataDir = freshFolder();
  const hub = await startHub({ dataDir });
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  for (const units of [1, 2, 7]) await payer.send(payer.payword(1, units));
  const copy = copyOf(dataDir);
  expect(unitsIn(copy, true)).toBe(7);
  expect(unitsIn(copy)).toBe(7);
  expect(rowUnits(copy)).toBe(7);
  expect(unitsIn(copy)).toBe(7); // a second time changes nothing
});

test('a record that is not whole was never acknowledged: a file is read up to it, wherever it ends', async () => {
  const dataDir = freshFolder();
  const journal = openJournal(dataDir);
  onTestFinished(() => journal.close());
  for (let units = 1; units <= 3; units++) {
    const buffer = Buffer.alloc(HEAD_BYTES + 2 * ENTRY_BYTES, units);
    buffer.writeUInt32BE(units, HEAD_BYTES + 12);
    await new Promise<void>((resolve) => journal.append({ buffer, bytes: 2 * ENTRY_BYTES, signedBytes: 0 }, () => resolve()));
  }
  const path = join(dataDir, 'journal-0');
  const whole = readFileSync(path);
  const length = HEAD_BYTES + 2 * ENTRY_BYTES;
  expect(whole.length).toBe(3 * length);
  const found = (): number[] => [...journalEntries(dataDir)].map((entry) => readEntry(entry).units).filter((_, i) => i % 2 === 0);
  for (let cut = 0; cut <= whole.length; cut++) {
    writeFileSync(path, whole);
    truncateSync(path, cut);
    expect(found()).toEqual([1, 2, 3].slice(0, Math.floor(cut / length)));
  }
  for (let bit = 0; bit < length * 8; bit += 3) {
    const damaged = Buffer.from(whole);
    damaged[length + (bit >> 3)] = (damaged[length + (bit >> 3)] as number) ^ (1 << (bit & 7));
    writeFileSync(path, damaged);
    expect(found(), `bit ${bit} of the second record`).toEqual([1]);
  }
});

test('an entry is believed for its proof: rubbish with a good checksum changes nothing', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  const copy = copyOf(hub.store.dataDir);
  await payer.send(payer.payword(1, 2));
  const journal = openJournal(copy);
  const buffer = Buffer.alloc(HEAD_BYTES + ENTRY_BYTES);
  buffer.write(Buffer.from(payer.config.device, 'base64url').toString('latin1'), HEAD_BYTES, 'latin1');
  buffer.writeUInt32BE(1, HEAD_BYTES + 8);
  buffer.writeUInt32BE(500, HEAD_BYTES + 12);
  await new Promise<void>((resolve) => journal.append({ buffer, bytes: ENTRY_BYTES, signedBytes: 0 }, () => resolve()));
  journal.close();
  expect(unitsIn(copy)).toBe(0);
});

test('a journal of another version is not passed over: nobody knows what was paid in it', () => {
  const dataDir = freshFolder();
  openStore(dataDir).close();
  writeFileSync(join(dataDir, 'journal-1'), Buffer.concat([Buffer.from('TSJ1'), Buffer.alloc(60)]));
  for (const readonly of [false, true])
    expect(() => openStore(dataDir, { readonly })).toThrow(/journal-1 was written by another version.*TSJ1, expected TSJ2/);
  expect(readFileSync(join(dataDir, 'journal-1')).length).toBe(64);
});

test('a journal that takes nothing does no harm: each group goes into the database', async () => {
  const dataDir = freshFolder();
  for (const name of ['journal-0', 'journal-1']) symlinkSync('/dev/null', join(dataDir, name));
  const hub = await startHub({ dataDir });
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  for (const units of [1, 2, 3]) {
    await payer.send(payer.payword(1, units));
    expect(rowUnits(dataDir)).toBe(units);
  }
  await payer.hears((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 3);
});

test('when journal and database take nothing, nothing is acknowledged; afterwards all goes on', async () => {
  const dataDir = freshFolder();
  for (const name of ['journal-0', 'journal-1']) symlinkSync('/dev/null', join(dataDir, name));
  const hub = await startHub({ dataDir });
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  await payer.send(payer.payword(1, 1));
  const beside = new Database(join(dataDir, DATABASE_FILE));
  onTestFinished(() => void beside.close());
  beside.exec(
    `CREATE TRIGGER fault BEFORE UPDATE OF accepted_units ON channels BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END`,
  );
  const closed = closeOf(payer.client);
  let acknowledged = false;
  payer.send(payer.payword(1, 2)).then(
    () => (acknowledged = true),
    () => {},
  );
  await closed;
  expect(acknowledged).toBe(false);
  expect(payer.heard.some((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 2)).toBe(false);

  // The same voucher again: proven before, and still not stored, so there is no receipt for it either.
  const again = await connectPayer(payer.config);
  const closedAgain = closeOf(again.client);
  again.send(again.payword(1, 2)).catch(() => {});
  await closedAgain;
  expect(again.heard).toEqual([]);

  beside.exec('DROP TRIGGER fault');
  const last = await connectPayer(payer.config);
  onTestFinished(() => last.end());
  await last.send(last.payword(1, 2));
  await last.hears((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 2);
  expect(rowUnits(dataDir)).toBe(2);
});

test('a clean end leaves an empty journal, and a database that needs none', async () => {
  const dataDir = freshFolder();
  const hub = await startHub({ dataDir });
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  await payer.send(payer.payword(1, 9));
  await payer.end();
  await hub.close();
  expect([...journalEntries(dataDir)]).toEqual([]);
  for (const name of ['journal-0', 'journal-1']) rmSync(join(dataDir, name));
  expect(unitsIn(dataDir)).toBe(9);
});

test('a signed voucher after paywords, and paywords after it: one maximum on both ways', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  await payer.send(payer.payword(1, 3));
  await payer.send(payer.signed(1, 10));
  await payer.send(payer.payword(1, 8)); // covered
  await payer.send(payer.payword(1, 12));
  await payer.send(payer.commitment(2));
  await payer.send(payer.payword(2, 4));
  await payer.send(payer.payword(1, 13));
  await payer.hears((answer) => answer.kind === 'receipt' && answer.channel === 1 && answer.acceptedUnits === 13);
  const copy = copyOf(hub.store.dataDir);
  expect(unitsIn(copy)).toBe(17);
  expect(hub.status()).toMatchObject({ balanced: true, units: { accepted: 17 } });
});
