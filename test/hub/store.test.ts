// The store on a real disk: durability settings on every open, migrations, refusals in one sentence, and rules that the database itself enforces.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { enrol } from '../../hub/enrol.ts';
import { lockData } from '../../hub/lock.ts';
import { MIGRATIONS } from '../../hub/migrations.ts';
import { HubRefused } from '../../hub/refused.ts';
import { settle } from '../../hub/settlement.ts';
import { hubStatus } from '../../hub/status.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { openStore } from '../../hub/store.ts';
import { freshFolder, payAt, requestOf, startHub } from './fixture.ts';
import { scriptOf } from './script.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function refusalOf(attempt: () => unknown): HubRefused {
  try {
    attempt();
  } catch (error) {
    if (error instanceof HubRefused) return error;
    throw error;
  }
  throw new Error('expected a refusal, got none');
}

/** A second connection, as a stranger's tool would open one. */
function database(dataDir: string): Database.Database {
  const db = new Database(join(dataDir, DATABASE_FILE));
  onTestFinished(() => void db.close());
  return db;
}

describe('durability', () => {
  test('the first commit and every commit after a re-open are asserted to be FULL', () => {
    const dataDir = freshFolder();
    for (let open = 0; open < 3; open++) {
      const store = openStore(dataDir);
      // atomically throws unless the connection that has just written says WAL and FULL
      store.atomically(() => store.setRoot(`t${open}`));
      expect(store.root()).toBe(`t${open}`);
      store.close();
    }
    const bare = database(dataDir);
    expect(bare.pragma('journal_mode', { simple: true })).toBe('wal');
    // The trap that the setting is for: a connection that sets nothing falls back.
    bare.exec('UPDATE hub SET root = root');
    expect(bare.pragma('synchronous', { simple: true })).toBe(1);
  });

  test('a transaction that throws leaves nothing behind', () => {
    const store = openStore(freshFolder());
    onTestFinished(() => store.close());
    expect(() =>
      store.atomically(() => {
        store.setRoot('gone');
        throw new Error('midway');
      }),
    ).toThrow('midway');
    expect(store.root()).toBe('t');
  });
});

describe('refusals', () => {
  test('a database of a later version', () => {
    const dataDir = freshFolder();
    openStore(dataDir).close();
    database(dataDir).pragma(`user_version = ${MIGRATIONS.length + 1}`);
    const refusal = refusalOf(() => openStore(dataDir));
    expect(refusal.kind).toBe('later-database');
    expect(refusal.message).toBe(
      `the database in ${dataDir} is of version ${MIGRATIONS.length + 1}, this program knows versions up to ${MIGRATIONS.length}; use a later tallystick`,
    );
    expect(refusalOf(() => openStore(dataDir, { readonly: true })).kind).toBe('later-database');
  });

  test('reading where no hub has been', () => {
    const dataDir = freshFolder();
    expect(refusalOf(() => openStore(dataDir, { readonly: true })).kind).toBe('no-data');
    expect(existsSync(join(dataDir, DATABASE_FILE))).toBe(false);
  });

  test('a data folder that is a file', () => {
    const path = join(freshFolder(), 'file');
    writeFileSync(path, '');
    const refusal = refusalOf(() => openStore(path));
    expect(refusal.kind).toBe('unwritable-data');
    expect(refusal.message).toContain(path);
  });

  test('a database that is none', () => {
    const dataDir = freshFolder();
    writeFileSync(join(dataDir, DATABASE_FILE), 'not a database, but long enough to look like one'.repeat(40));
    expect(refusalOf(() => openStore(dataDir)).kind).toBe('damaged-data');
  });

  test('another hub’s key, or none, beside the database', () => {
    const one = freshFolder();
    const other = freshFolder();
    openStore(one).close();
    openStore(other).close();
    writeFileSync(join(one, 'hub.key'), readFileSync(join(other, 'hub.key')));
    expect(refusalOf(() => openStore(one)).kind).toBe('foreign-key');
    rmSync(join(one, 'hub.key'));
    expect(refusalOf(() => openStore(one)).kind).toBe('foreign-key');
    writeFileSync(join(one, 'hub.key'), 'no key');
    expect(refusalOf(() => openStore(one)).kind).toBe('damaged-data');
  });

  test('a port in use, and then nothing is left locked', async () => {
    const first = await startHub();
    const dataDir = freshFolder();
    await expect(startHub({ dataDir, port: first.port })).rejects.toMatchObject({ kind: 'port-in-use' });
    const second = await startHub({ dataDir });
    expect(second.port).not.toBe(first.port);
  });

  test('a root that no topic could have', async () => {
    await expect(startHub({ root: 'a/b' })).rejects.toMatchObject({ kind: 'unusable-root' });
  });

  test('an address that this machine does not have', async () => {
    await expect(startHub({ host: '203.0.113.7' })).rejects.toMatchObject({ kind: 'unusable-address' });
  });

  test('a second hub on the same data', async () => {
    const dataDir = freshFolder();
    const hub = await startHub({ dataDir });
    await expect(startHub({ dataDir })).rejects.toMatchObject({ kind: 'already-running' });
    await hub.close();
    await startHub({ dataDir });
  });

  test('the lock of a process that was killed is gone', async () => {
    const dataDir = freshFolder();
    const code = await scriptOf(`import { lockData } from './hub/lock.ts';
      lockData(process.argv[1]); process.stdout.write('locked'); setInterval(() => {}, 1000);`);
    const holder = spawn(process.execPath, ['--input-type=module', '-e', code, dataDir], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void holder.kill('SIGKILL'));
    const ended = once(holder, 'exit');
    await once(holder.stdout, 'data');
    expect(refusalOf(() => lockData(dataDir)).kind).toBe('already-running');
    holder.kill('SIGKILL');
    await ended;
    lockData(dataDir).release();
  });
});

test('the hub’s key is made once and readable by its owner only', () => {
  const dataDir = freshFolder();
  const first = openStore(dataDir);
  const { hub } = first;
  first.close();
  const again = openStore(dataDir);
  expect(again.hub).toBe(hub);
  again.close();
  expect(statSync(join(dataDir, 'hub.key')).mode & 0o777).toBe(0o600);
});

describe('what the database itself refuses', () => {
  test.each([
    ['a count that falls', 'UPDATE channels SET accepted_units = accepted_units - 1', 'counts never fall'],
    ['a channel that reopens', 'UPDATE channels SET closed = 0', 'counts never fall'],
    ['settled above claimed', 'UPDATE channels SET settled_units = claimed_units + 1', 'CHECK constraint'],
    ['claimed above accepted', 'UPDATE channels SET claimed_units = accepted_units + 1', 'CHECK constraint'],
    ['accepted above the limit', 'UPDATE channels SET accepted_units = limit_units + 1', 'CHECK constraint'],
    ['another payee', 'UPDATE channels SET payee = payer', 'terms of a channel never change'],
    ['a channel deleted', 'DELETE FROM channels', 'never deleted'],
    ['a commitment changed', "UPDATE commitments SET payload = x'00'", 'never changed'],
    ['a commitment deleted', 'DELETE FROM commitments', 'never changed'],
    ['a posting changed', 'UPDATE postings SET amount_micros = 1', 'never changed'],
    ['a posting deleted', 'DELETE FROM postings', 'never changed'],
    ['an entry changed', "UPDATE entries SET kind = 'claim'", 'never changed'],
    ['an entry deleted', 'DELETE FROM entries', 'never changed'],
    ['a line changed', 'UPDATE batch_lines SET to_units = to_units + 1', 'never changed'],
    ['a line deleted', 'DELETE FROM batch_lines', 'never changed'],
    ['a tariff edited', "UPDATE tariffs SET unit = 'kWh'", 'never changed'],
    ['a batch that goes back', "UPDATE batches SET state = 'prepared'", 'from prepared to sent to settled'],
    ['a batch deleted', 'DELETE FROM batches', 'never deleted'],
    ['a device deleted', 'DELETE FROM devices', 'FOREIGN KEY constraint'],
  ])('%s', async (_name, sql, why) => {
    const hub = await startHub();
    const payer = await payAt(hub);
    await payer.send(payer.commitment(1));
    await payer.send(payer.signed(1, 10, true));
    hub.settle({ dryRun: false });
    const db = database(hub.store.dataDir);
    db.pragma('foreign_keys = ON');
    expect(() => db.exec(sql)).toThrow(why);
  });
});

test('two processes’ worth of connections settle and enrol beside each other', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  await payer.send(payer.payword(1, 5));
  const beside = openStore(hub.store.dataDir);
  onTestFinished(() => beside.close());
  expect(settle(beside, { dryRun: false, nowSeconds: 1 }).batch).toMatchObject({ state: 'settled' });
  expect(hub.settle({ dryRun: false }).batch).toBeUndefined();
  enrol(beside, requestOf(hub.port, { label: 'second' }));
  expect(hub.status().devices.map((device) => device.label)).toEqual(['machine', 'second']);
  expect(hubStatus(beside)).toEqual(hub.status());
});
