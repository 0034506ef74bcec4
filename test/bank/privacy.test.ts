// Personal data: exported whole, erased for good, and the books still balance. In: people who pay and are paid, for real. Out: not a byte of them in the database's files,
// and everything else as it was.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hubKeysIn } from '../../hub/audit/keys.ts';
import { auditTables } from '../../hub/audit/run.ts';
import { audit } from '../../hub/audit.ts';
import type { ErasureReport } from '../../hub/erasure.ts';
import { erasePerson, previewErasure } from '../../hub/erasure.ts';
import { evidenceOf, verifyEvidence } from '../../hub/evidence.ts';
import { accountIdOf } from '../../hub/ids.ts';
import { recordOutcomes } from '../../hub/outcome.ts';
import { exportPerson } from '../../hub/person-export.ts';
import { setParticulars } from '../../hub/person.ts';
import type { Rail } from '../../hub/rails/rail.ts';
import { openSepa } from '../../hub/rails/sepa.ts';
import { sendPayouts } from '../../hub/send.ts';
import { settle } from '../../hub/settlement.ts';
import { hubStatus } from '../../hub/status.ts';
import type { Store } from '../../hub/store.ts';
import { openStore } from '../../hub/store.ts';
import { termsWith } from '../../hub/terms.ts';
import { tracesOf } from '../../hub/traces.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import { freshFolder, payAt, requestOf, startHub } from '../hub/fixture.ts';
import { openChannel } from '../settle/owing.ts';
import type { AccountKeeper } from './account-keeper.ts';
import { openBank } from './account-keeper.ts';
import { configOf, FRIDAY_SECONDS } from './bank.ts';

const IBAN = 'AT611904300234573201';
const HOLDER = 'Robertina Bobbington';
const NOW = FRIDAY_SECONDS;

/** How often any of the texts stands in the database's own files. */
function bytesHolding(store: Store, texts: readonly string[]): number {
  const isMeant = (name: string): boolean => name.startsWith('hub.db');
  return tracesOf(store.dataDir, texts, { isMeant, wholeWords: false }).reduce((sum, { times }) => sum + times, 0);
}

interface Scene {
  readonly store: Store;
  readonly rail: Rail;
  readonly bank: AccountKeeper;
  readonly send: () => Promise<void>;
  /** What the bank has written since, as `settle reply` takes it. */
  readonly reply: () => void;
}

/** Alicia owes bobbington 1.2345 EUR; he is paid through a bank. */
function scene(): Scene {
  const store = openStore(freshFolder());
  onTestFinished(() => store.close());
  openChannel(store, 'machine of bobbington', {
    payer: 'alicia',
    payee: 'bobbington',
    currency: 'EUR',
    priceMicros: 12_345,
  }).accept(100, 1);
  setParticulars(
    store,
    'bobbington',
    [`holder=${HOLDER}`, `iban=${IBAN}`, 'town=Wien', 'country=at', 'email=b@example.com'],
    NOW,
  );
  store.atomically(() => store.routes.route(accountIdOf('bobbington'), 'pay', 'sepa', NOW));
  const config = configOf();
  const rail = openSepa(config, store.dataDir, () => NOW);
  const bank = openBank(store.dataDir, config.iban);
  const terms = termsWith([rail], { thresholdOf: () => ({ minMicros: 0, maxFeeShareMillionths: 1_000_000 }) });
  const memory = store.payouts.memoryOf('sepa', (write) => store.atomically(write));
  return {
    ...{ store, rail, bank },
    async send() {
      settle(store, { dryRun: false, nowSeconds: NOW, terms });
      await sendPayouts(store, terms, NOW);
    },
    reply() {
      bank.carry();
      const payouts = store.payouts.newest(10).map((row) => ({
        ...{ id: row.id, batch: row.batch, direction: row.direction, currency: row.currency, amountMicros: row.amountMicros },
        ...{ account: 'bobbington', destination: store.particulars.frozen(row.id) ?? {}, createdAtSeconds: row.createdAtSeconds },
      }));
      for (const xml of bank.outbox.splice(0)) {
        const read = rail.readReply?.(Buffer.from(xml), payouts, memory);
        if (read === undefined || typeof read === 'string') throw new Error(`expected replies, got ${read ?? 'no reader'}`);
        recordOutcomes(store, read.replies, 'sepa', NOW);
      }
    },
  };
}

const erase = (store: Store, name: string, keepBalance = false): ErasureReport =>
  erasePerson(store, name, { nowSeconds: NOW, keepBalance });

describe('a payee who is paid through a bank', () => {
  it('is exported with everything, and without the keys of devices', async () => {
    const { store, send, reply } = scene();
    await send();
    const [file] = readSettlements(store);
    const exported = exportPerson(store, 'bobbington', NOW);
    expect(exported.particulars.map(({ field }) => field)).toEqual(['country', 'email', 'holder', 'iban', 'town']);
    expect(Object.keys(exported.rows)).toEqual(
      expect.arrayContaining([
        'batch_lines',
        'channels',
        'devices',
        'entries',
        'payout_destinations',
        'payouts',
        'postings',
        'routes',
      ]),
    );
    expect(exported.rows['payouts']).toHaveLength(1);
    expect(exported.balances).toEqual([{ currency: 'EUR', amountMicros: 1_234_500 }]);
    expect(exported.files.map(({ path }) => path)).toEqual(expect.arrayContaining([file]));
    const text = JSON.stringify(exported);
    expect(text).toContain(HOLDER);
    expect(text).not.toMatch(/mac_key|password_sha256|"salt"/);
    reply();
    expect(exportPerson(store, 'bobbington', NOW).balances).toEqual([{ currency: 'EUR', amountMicros: 4_500 }]);
    expect(exportPerson(store, 'alicia', NOW).rows['payouts']).toBeUndefined();
    expect(JSON.stringify(exportPerson(store, 'alicia', NOW))).not.toContain(IBAN);
  });

  it('is erased only when nothing is under way, and then to the last byte', async () => {
    const { store, send, reply } = scene();
    const early = (): ErasureReport => erase(store, 'bobbington');
    await send();
    expect(early).toThrow(/^payouts: expected none under way, got [0-9a-f]{32}/);
    reply();
    expect(early).toThrow(/^devices: expected none in use/);
    for (const { device } of store.devices.all()) store.atomically(() => store.devices.revoke(device, NOW));
    expect(early).toThrow('balance: expected none, got 0.0045 EUR');
    expect(store.particulars.of(accountIdOf('bobbington'))).toMatchObject({ iban: IBAN });
    expect(bytesHolding(store, [IBAN])).toBeGreaterThan(0);
    const [payout] = store.payouts.newest(1);

    const preview = previewErasure(store, 'bobbington', { nowSeconds: NOW, keepBalance: true });
    expect(preview.erasure).toMatchObject({ particulars: 5, destinations: 1 });
    expect(store.devices.accountName(accountIdOf('bobbington'))).toBe('bobbington');

    const report = erase(store, 'bobbington', true);
    expect(report).toMatchObject({
      already: false,
      file: 'clean',
      erasure: { particulars: 5, destinations: 1, erasedAtSeconds: NOW },
    });
    expect(report.remains.map(({ where }) => where)).toEqual([
      ...store.devices.all().map(({ device }) => `devices ${device}`), // alicia calls her machine after him
      ...readSettlements(store),
    ]);
    expect(report.remains).toEqual(preview.remains);
    expect(bytesHolding(store, [IBAN, HOLDER, 'b@example.com'])).toBe(0);
    expect(store.particulars.frozen(payout?.id as never)).toBeUndefined();
    expect(audit(store)).toEqual([]);
    expect(store.books.balanceMicros(accountIdOf('bobbington'), 'EUR')).toBe(4_500);
    expect(erase(store, report.name)).toMatchObject({ already: true, file: 'clean', erasure: report.erasure });
    expect(() => setParticulars(store, 'bobbington', [`iban=${IBAN}`], NOW)).toThrow('whose person was erased');
    expect(exportPerson(store, report.name, NOW)).toMatchObject({ name: report.name, particulars: [], erased: report.erasure });
  });

  it('takes what is left of his label with him when he is the one who pays', () => {
    const { store } = scene();
    for (const { device } of store.devices.all()) store.atomically(() => store.devices.revoke(device, NOW));
    const report = erase(store, 'alicia', true);
    expect(report.erasure.labels).toBe(1);
    expect(store.devices.all().map(({ device, label }) => label === device)).toEqual([true]);
    expect(bytesHolding(store, ['alicia', 'machine of bobbington'])).toBe(0);
  });
});

function readSettlements(store: Store): string[] {
  return tracesOf(store.dataDir, ['bobbington'], { isMeant: (name) => name.startsWith('settlements'), wholeWords: true }).map(
    ({ path }) => path,
  );
}

describe('a payer with evidence in other hands', () => {
  it('is erased, and all evidence holds, old and new', async () => {
    const dataDir = freshFolder();
    const hub = await startHub({ dataDir });
    const payer = await payAt(hub, { payer: 'alicia-example', label: 'kiosk of alicia' });
    await payer.send(payer.commitment(1));
    await payer.send(payer.payword(1, 7));
    hub.settle({ dryRun: false });
    await payer.end();
    await hub.close();
    const store = openStore(dataDir);
    onTestFinished(() => store.close());
    const [{ device } = { device: undefined }] = store.devices.all();
    if (device === undefined) throw new Error('expected a device');
    const before = evidenceOf(store, device, 1 as ChannelNumber);
    const balanced = hubStatus(store);
    const faultsBefore = auditTables(store.tables, hubKeysIn(store.dataDir), { all: true }).faults;
    expect(verifyEvidence(before)).toMatchObject({ kind: 'valid', channels: [{ payer: 'alicia-example' }] });
    store.atomically(() => store.devices.revoke(device, NOW));
    const report = erase(store, 'alicia-example');
    expect(report.remains.map(({ where }) => where)).toEqual([expect.stringMatching(/settlements.[0-9a-f]{32}\.csv$/)]);
    expect(bytesHolding(store, ['alicia'])).toBe(0);
    expect(verifyEvidence(before)).toMatchObject({ kind: 'valid', channels: [{ payer: 'alicia-example' }] });
    const after = evidenceOf(store, device, 1 as ChannelNumber);
    expect(JSON.stringify(after)).not.toContain('alicia');
    expect(verifyEvidence(after)).toMatchObject({ kind: 'valid', channels: [{ payer: report.name, units: 7, settledUnits: 7 }] });
    expect(hubStatus(store)).toMatchObject({ balanced: true, faults: [], units: balanced.units, amounts: balanced.amounts });
    expect(auditTables(store.tables, hubKeysIn(store.dataDir), { all: true }).faults).toEqual(faultsBefore);
  });

  it('does not come back under the erased name', async () => {
    const dataDir = freshFolder();
    const hub = await startHub({ dataDir });
    hub.enrol(requestOf(hub.port, { payer: 'alicia-example' }));
    const store = openStore(dataDir);
    onTestFinished(() => store.close());
    for (const { device } of store.devices.all()) store.atomically(() => store.devices.revoke(device, NOW));
    erase(store, 'alicia-example');
    expect(() => hub.enrol(requestOf(hub.port, { payer: 'alicia-example' }))).toThrow('payer: expected an account in use');
  });
});

describe('the file of the database', () => {
  const people = Array.from({ length: 150 }, (_, i) => `person-${i}-of-many`);

  it('forgets one of many, whose particulars were corrected again and again, beside an open reader', () => {
    const store = openStore(freshFolder());
    onTestFinished(() => store.close());
    const reader = openStore(store.dataDir, { readonly: true });
    onTestFinished(() => reader.close());
    store.atomically(() => people.map((name) => store.devices.account(name, NOW)));
    for (let round = 0; round < 4; round++)
      for (const [i, name] of people.entries())
        setParticulars(
          store,
          name,
          [`holder=Holder ${i} round ${round} ${'x'.repeat(round * 7)}`, `mandateId=MANDATE-${i}-${round}`],
          NOW,
        );
    const report = erase(store, people[123] as string);
    expect(report).toMatchObject({ file: 'clean', remains: [] });
    const gone = [0, 1, 2, 3].flatMap((round) => [`Holder 123 round ${round}`, `MANDATE-123-${round}`]);
    expect(bytesHolding(store, [...gone, 'person-123-of'])).toBe(0);
    expect(bytesHolding(store, ['Holder 124 round 3', 'person-124-of'])).toBeGreaterThan(0);
    expect(reader.particulars.of(accountIdOf(people[124] as string))).toHaveProperty('holder');
  });

  it('of an earlier program, which left deleted rows in it, is written anew', () => {
    const store = openStore(freshFolder());
    onTestFinished(() => store.close());
    store.devices.account('bobbington', NOW);
    setParticulars(store, 'bobbington', [`holder=${HOLDER}`], NOW);
    const careless = new Database(join(store.dataDir, 'hub.db'));
    careless.pragma('secure_delete = OFF');
    careless.exec(`CREATE TABLE scrap (text TEXT); INSERT INTO scrap VALUES ('${HOLDER}'); DELETE FROM scrap; DROP TABLE scrap`);
    careless.close();
    store.emptyLog();
    expect(bytesHolding(store, [HOLDER])).toBeGreaterThan(1);
    expect(erase(store, 'bobbington')).toMatchObject({ file: 'clean' });
    expect(bytesHolding(store, [HOLDER])).toBe(0);
  });

  it('says so when another process keeps it from being cleaned, and is cleaned the next time', () => {
    const store = openStore(freshFolder());
    onTestFinished(() => store.close());
    store.devices.account('bobbington', NOW);
    setParticulars(store, 'bobbington', [`holder=${HOLDER}`], NOW);
    const reader = new Database(join(store.dataDir, 'hub.db'), { readonly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT * FROM particulars').all();
    const report = erase(store, 'bobbington');
    expect(report.file).toBe('busy');
    reader.exec('COMMIT');
    reader.close();
    expect(erase(store, report.name)).toMatchObject({ already: true, file: 'clean' });
    expect(bytesHolding(store, [HOLDER])).toBe(0);
  }, 60_000);
});

describe('traces in files', () => {
  it('are found wherever a piece of the file ends, and only as whole words', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tallystick-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const options = { isMeant: (): boolean => true, wholeWords: true };
    const piece = 1 << 20;
    for (let at = piece - 12; at < piece + 3; at++) {
      const text = Buffer.alloc(piece + 100, 0x20);
      text.write('alicia', at);
      text.write('alicia', 0);
      writeFileSync(join(folder, 'x'), text);
      expect(tracesOf(folder, ['alicia'], options)).toEqual([{ path: join(folder, 'x'), times: 2 }]);
    }
    writeFileSync(join(folder, 'x'), 'malicia, alicias; "alicia"');
    expect(tracesOf(folder, ['alicia'], options)).toMatchObject([{ times: 1 }]);
    expect(tracesOf(folder, ['ali'], options)).toEqual([]);
    expect(readFileSync(join(folder, 'x'), 'utf8')).toContain('alicia');
  });
});
