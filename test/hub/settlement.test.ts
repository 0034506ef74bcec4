// Settlement: claims, netting, the rails, and a stop between any two steps. Stops are real: the file system or the database refuses the step.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AccountId } from '../../shared/identity.ts';
import { drawClaims } from '../../hub/draw.ts';
import { audit } from '../../hub/audit.ts';
import type { Batch } from '../../hub/batch.ts';
import type { Hub } from '../../hub/hub.ts';
import { accountIdOf } from '../../hub/ids.ts';
import { claimEntry, netTransfers, settlementEntry } from '../../hub/ledger.ts';
import { csvRows, decimalOf } from '../../hub/rails/csv.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import type { ConnectedPayer } from './payer.ts';
import { payAt, startHub } from './fixture.ts';

const [alice, bob, carol] = ['alice', 'bob', 'carol'].map(accountIdOf) as [AccountId, AccountId, AccountId];

describe('ledger', () => {
  const owed = [
    { payer: alice, payee: bob, currency: 'EUR', amountMicros: 5 },
    { payer: alice, payee: bob, currency: 'EUR', amountMicros: 7 },
    { payer: bob, payee: alice, currency: 'EUR', amountMicros: 12 },
    { payer: alice, payee: carol, currency: 'USD', amountMicros: 1 },
    { payer: carol, payee: bob, currency: 'USD', amountMicros: 0 },
  ];

  test('transfers are netted per payer, payee and currency', () => {
    const netted = netTransfers(owed).map(({ payer, payee, currency, amountMicros }) => [payer, payee, currency, amountMicros]);
    expect(netted).toHaveLength(3);
    expect(netted).toEqual(
      expect.arrayContaining([
        [alice, bob, 'EUR', 12],
        [bob, alice, 'EUR', 12],
        [alice, carol, 'USD', 1],
      ]),
    );
  });

  test('a claim debits payers and credits payees; a settlement is its opposite', () => {
    const claim = claimEntry(owed)?.postings ?? [];
    const settled = settlementEntry('b', owed)?.postings ?? [];
    const sum = (postings: typeof claim, account: AccountId, currency: string): number =>
      postings
        .filter((one) => one.account === account && one.currency === currency)
        .reduce((total, one) => total + one.amountMicros, 0);
    expect(claim).toHaveLength(6);
    expect(sum(claim, alice, 'USD')).toBe(-1);
    expect(sum(claim, carol, 'USD')).toBe(1);
    expect([...claim, ...settled].reduce((total, one) => total + one.amountMicros, 0)).toBe(0);
    for (const account of [alice, bob, carol]) expect(sum(claim, account, 'EUR') + sum(settled, account, 'EUR')).toBe(0);
  });

  test('what costs nothing is no entry, and what cannot be exact throws', () => {
    expect(claimEntry([{ payer: alice, payee: bob, currency: 'EUR', amountMicros: 0 }])).toBeUndefined();
    const most = { payer: alice, payee: bob, currency: 'EUR', amountMicros: Number.MAX_SAFE_INTEGER };
    expect(() => claimEntry([most, most])).toThrow('expected a sum below 2^53 micros');
  });
});

describe('CSV', () => {
  test.each([
    [0, '0.000000'],
    [1, '0.000001'],
    [1_234_567, '1.234567'],
    [9_000_000_000_000_000, '9000000000.000000'],
  ])('%d micros are %s', (micros, text) => {
    expect(decimalOf(micros)).toBe(text);
  });

  test('names that a spreadsheet would compute, and quotes, are harmless', () => {
    const names = new Map([
      [alice, '=cmd|"/c calc"!A1'],
      [bob, '@sum, "b"'],
    ]);
    const line = {
      device: 'AAAAAAAAAAA',
      number: 1,
      payer: alice,
      payee: bob,
      currency: 'EUR',
      fromUnits: 0,
      toUnits: 2,
      fromMicros: 0,
      toMicros: 30,
    };
    const batch = { id: 'ab', state: 'prepared', preparedAtSeconds: 0, lines: [line] } as unknown as Batch;
    expect([...csvRows(batch, (account) => names.get(account) ?? '')].slice(0, 3)).toEqual([
      'record,batch,channel,payer,payee,units,amount,currency\r\n',
      `line,ab,AAAAAAAAAAA/1,"'=cmd|""/c calc""!A1","'@sum, ""b""",2,0.000030,EUR\r\n`,
      `transfer,ab,,"'=cmd|""/c calc""!A1","'@sum, ""b""",,0.000030,EUR\r\n`,
    ]);
  });
});

async function paidHub(): Promise<{ hub: Hub; payer: ConnectedPayer }> {
  const hub = await startHub({ claimEveryMs: 1_000_000 });
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  await payer.send(payer.payword(1, 30));
  return { hub, payer };
}

function balances(hub: Hub): number[] {
  return hub.store.books
    .balances()
    .map((posting) => posting.amountMicros)
    .sort((a, b) => a - b);
}

test('claims are drawn once, and settlement takes them with what came since', async () => {
  const { hub, payer } = await paidHub();
  expect(drawClaims(hub.store, 1)).toHaveLength(1);
  expect(drawClaims(hub.store, 2)).toHaveLength(0);
  expect(balances(hub)).toEqual([-300_000, 300_000]);
  await payer.send(payer.payword(1, 45));
  const preview = hub.settle({ dryRun: true });
  expect(balances(hub)).toEqual([-300_000, 300_000]);
  const settlement = hub.settle({ dryRun: false });
  expect(settlement.batch?.id).toBe(preview.batch?.id);
  expect(settlement.batch?.lines).toEqual(preview.batch?.lines);
  expect(settlement.batch?.lines[0]).toMatchObject({ units: 45, amountMicros: 450_000 });
  expect(balances(hub)).toEqual([0, 0]);
  expect(hub.settle({ dryRun: false }).batch).toBeUndefined();
  await payer.send(payer.payword(1, 46));
  expect(hub.settle({ dryRun: false }).batch?.lines[0]).toMatchObject({ units: 1, amountMicros: 10_000 });
  expect(audit(hub.store)).toEqual([]);
});

test('a dry run changes nothing', async () => {
  const { hub } = await paidHub();
  const before = hub.status();
  hub.settle({ dryRun: true });
  expect(hub.status()).toEqual(before);
  expect(() => readdirSync(join(hub.store.dataDir, 'settlements'))).toThrow('ENOENT');
});

describe('a stop between two steps is resumed, and nothing is settled twice', () => {
  function triggerOn(hub: Hub, state: string): () => void {
    const db = new Database(join(hub.store.dataDir, DATABASE_FILE));
    onTestFinished(() => void db.close());
    db.exec(
      `CREATE TRIGGER fault BEFORE UPDATE ON batches WHEN NEW.state = '${state}' BEGIN SELECT RAISE(ABORT, 'stopped'); END`,
    );
    return () => void db.exec('DROP TRIGGER fault');
  }

  function blockFolder(hub: Hub): () => void {
    const folder = join(hub.store.dataDir, 'settlements');
    writeFileSync(folder, 'in the way');
    return () => rmSync(folder);
  }

  function blockFile(hub: Hub): () => void {
    const id = hub.settle({ dryRun: true }).batch?.id ?? '';
    const inTheWay = join(hub.store.dataDir, 'settlements', `${id}.csv`);
    mkdirSync(join(inTheWay, 'in the way'), { recursive: true });
    return () => rmSync(inTheWay, { recursive: true });
  }

  test.each([
    ['before the file', blockFolder, 'prepared'],
    ['before the file has its name', blockFile, 'prepared'],
    ['after the file', (hub: Hub) => triggerOn(hub, 'sent'), 'prepared'],
    ['before the accounts are cleared', (hub: Hub) => triggerOn(hub, 'settled'), 'prepared'],
  ])('%s', async (_name, stop, state) => {
    const { hub, payer } = await paidHub();
    const goOn = stop(hub);
    expect(() => hub.settle({ dryRun: false })).toThrow();
    expect(hub.store.batches.underWay()?.state).toBe(state);
    expect(hub.status()).toMatchObject({ balanced: true, units: { accepted: 30, settled: 0 } });
    await payer.send(payer.payword(1, 40));
    goOn();
    const { batch, resumed } = hub.settle({ dryRun: false });
    expect(resumed).toMatchObject({ state: 'settled', lines: [{ units: 30, amountMicros: 300_000 }] });
    expect(batch).toMatchObject({ state: 'settled', lines: [{ units: 10, amountMicros: 100_000 }] });
    expect(hub.status()).toMatchObject({ balanced: true, units: { accepted: 40, settled: 40 } });
    const files = readdirSync(join(hub.store.dataDir, 'settlements')).filter((name) => name.endsWith('.csv'));
    expect(files.sort()).toEqual([`${resumed?.id}.csv`, `${batch?.id}.csv`].sort());
    expect(readFileSync(join(hub.store.dataDir, 'settlements', `${batch?.id}.csv`), 'utf8')).toContain(
      'alice,bob,10,0.100000,EUR',
    );
  });
});

test('what is free is settled in units, with no money moved', async () => {
  const hub = await startHub();
  const tariff = {
    currency: 'EUR',
    unit: 'vend',
    priceMicros: 0 as never,
    perUnits: 1,
    validFromSeconds: 0,
    validUntilSeconds: 4_000_000_000,
  };
  const payer = await payAt(hub, { tariff });
  await payer.send(payer.commitment(1));
  await payer.send(payer.payword(1, 3));
  expect(hub.settle({ dryRun: false }).batch?.lines).toMatchObject([{ units: 3, amountMicros: 0 }]);
  expect(hub.status()).toMatchObject({ balanced: true, units: { accepted: 3, settled: 3 } });
});

describe('the audit', () => {
  test.each([
    [
      'a charge nobody owes',
      'UPDATE channels SET charged_micros = charged_micros + 1',
      'accepted units cost 300000 micros, the books say 300001',
    ],
    [
      'units nobody claimed',
      'UPDATE channels SET settled_units = claimed_units, settled_micros = claimed_micros',
      'batches settled 0 units',
    ],
    [
      'a posting put in by hand',
      `INSERT INTO entries (entry, kind, posted_at_seconds, hash) VALUES (2, 'claim', 0, zeroblob(32)); INSERT INTO postings SELECT 2, 0, account, 'EUR', 5 FROM accounts LIMIT 1`,
      'entry 2: its postings do not sum to zero',
    ],
  ])('names %s', async (_name, sql, fault) => {
    const { hub } = await paidHub();
    drawClaims(hub.store, 1);
    expect(hub.status().balanced).toBe(true);
    const db = new Database(join(hub.store.dataDir, DATABASE_FILE));
    db.exec(sql);
    db.close();
    const status = hub.status();
    expect(status.balanced).toBe(false);
    expect(status.faults.join('\n')).toContain(fault);
  });
});
