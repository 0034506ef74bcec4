// Refused messages as the operator finds them: counted, sampled, bounded, and judged again by the hub's own intake when the cause is gone.

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { Bytes } from '../../shared/bytes.ts';
import type { DeviceId } from '../../shared/identity.ts';
import { tariffIdOf } from '../../hub/ids.ts';
import { quarantine, SAMPLES_PER_REASON } from '../../hub/quarantine.ts';
import type { ReplayOutcome } from '../../hub/store-quarantine.ts';
import type { Store } from '../../hub/store.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { openStore } from '../../hub/store.ts';
import { enrolAt, freshFolder, payAt, requestOf, startHub, startStore } from './fixture.ts';
import { enrol } from '../../hub/enrol.ts';
import { payerOf } from './payer.ts';
import type { FlatTariff } from '../../shared/tariff.ts';
import { replaySamples } from '../../cli/replay.ts';

const FAST = { grantEveryMs: 20 };

function beside(dataDir: string): Store {
  const store = openStore(dataDir);
  onTestFinished(() => store.close());
  return store;
}

async function outcomeOf(store: Store, sample: number): Promise<ReplayOutcome> {
  const kept = store.quarantine.find(sample);
  if (kept === undefined) throw new Error(`no sample ${sample}`);
  const replay = store.quarantine.ask(kept, 1);
  await expect.poll(() => store.quarantine.outcome(replay)).toBeDefined();
  return store.quarantine.outcome(replay) as ReplayOutcome;
}

test('refused messages are counted and kept by device and reason, and are there after a restart', async () => {
  const dataDir = freshFolder();
  const hub = await startHub({ ...FAST, dataDir });
  const payer = await payAt(hub);
  for (let i = 0; i < 3; i++) await payer.send('nonsense');
  await payer.send(payer.payword(9, 1));
  await expect.poll(() => hub.store.quarantine.counts().length).toBe(2);
  await payer.end();
  await hub.close();
  const store = beside(dataDir);
  const counts = store.quarantine.counts().map((row) => [row.reason, row.messages]);
  expect(new Map(counts as [string, number][])).toEqual(new Map([['malformed', 3], ['unknown-channel', 1]])); // prettier-ignore
  const malformed = store.quarantine.samples().find((kept) => kept.reason === 'malformed');
  expect(malformed).toMatchObject({ device: payer.config.device, message: 'nonsense', times: 3 });
  expect(malformed?.detail).not.toBe('');
});

test('what a device can make the hub keep is bounded, in memory and on the disk', () => {
  const store = startStore();
  const { device } = enrol(store, requestOf(1883));
  const held = quarantine();
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 1000; i++) {
      held.add({ device, reason: 'malformed', detail: '', messageHex: `${round}${i}`.padStart(8, '0'), atSeconds: round });
    }
    const groups = held.pending();
    expect(groups.map((group) => [group.messages, group.samples.length])).toEqual([[1000, SAMPLES_PER_REASON]]);
    store.atomically(() => groups.forEach((group) => store.quarantine.keep(group)));
    held.kept(groups);
  }
  expect(held.pending()).toEqual([]);
  expect(store.quarantine.counts()).toMatchObject([{ messages: 3000, firstAtSeconds: 0, lastAtSeconds: 2 }]);
  const samples = store.quarantine.samples();
  expect(samples.length).toBe(SAMPLES_PER_REASON);
  expect(samples.every((kept) => kept.lastAtSeconds === 2)).toBe(true);
});

test('of many devices that are refused, those that have waited longest are written down first, so many at a time', () => {
  const held = quarantine();
  const add = (name: number): void =>
    held.add({ device: `device ${name}` as DeviceId, reason: 'malformed', detail: '', messageHex: '00', atSeconds: 0 });
  for (let name = 0; name < 20; name++) add(name);
  const first = held.pending();
  expect(first.map(({ device }) => device)).toEqual(Array.from({ length: 16 }, (_, i) => `device ${i}`));
  held.kept(first);
  add(0); // again: it waits behind those that wait already
  const rest = held.pending();
  expect(rest.map(({ device }) => device)).toEqual(['device 16', 'device 17', 'device 18', 'device 19', 'device 0']);
  held.kept(rest);
  expect(held.pending()).toEqual([]);
  for (let name = 0; name < 1600; name++) add(name);
  expect(held.pending().length).toBe(100);
  let turns = 0;
  for (let next = held.pending(); next.length > 0; next = held.pending(), turns++) held.kept(next);
  expect(turns).toBe(44);
});

test('the log has one line for each device and reason, however often it was refused, and says what came last', async () => {
  const lines: Array<Record<string, unknown>> = [];
  const log = pino({ level: 'warn' }, { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
  const hub = await startHub({ ...FAST, grantEveryMs: 60_000, log });
  const payer = await payAt(hub);
  for (let i = 0; i < 30; i++) await payer.send(`nonsense ${i}`);
  await payer.end();
  await hub.close();
  const refused = lines.filter(({ msg }) => msg === 'refused messages');
  expect(refused).toMatchObject([{ device: payer.config.device, reason: 'malformed', messages: 30 }]);
  expect(refused[0]?.detail).not.toBe('');
});

test('what cannot be written down now is written down later, once', async () => {
  let errors = 0;
  const log = pino({ level: 'error' }, { write: () => void errors++ });
  const hub = await startHub({ ...FAST, log });
  const payer = await payAt(hub);
  const other = new Database(join(hub.store.dataDir, DATABASE_FILE));
  onTestFinished(() => void other.close());
  other.exec(`CREATE TRIGGER fault BEFORE INSERT ON quarantine BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END`);
  await payer.send('nonsense');
  await expect.poll(() => errors).toBeGreaterThan(1);
  expect(hub.store.quarantine.counts()).toEqual([]);
  other.exec('DROP TRIGGER fault');
  await expect.poll(() => hub.store.quarantine.counts()).toMatchObject([{ reason: 'malformed', messages: 1 }]);
});

test('a sample is judged again by the hub that runs: refused while its cause lasts, accepted when it is gone', async () => {
  const hub = await startHub(FAST);
  const config = enrolAt(hub);
  const payer = await payAt(hub);
  const terms = requestOf(1).tariff as FlatTariff;
  const later = { ...terms, priceMicros: (terms.priceMicros / 2) as typeof terms.priceMicros };
  await payer.send(payer.commitment(1, { tariff: tariffIdOf(later) }));
  await expect.poll(() => hub.store.quarantine.samples().length).toBe(1);
  const [kept] = hub.store.quarantine.samples();
  expect(kept?.reason).toBe('unknown-tariff');
  const store = beside(hub.store.dataDir);
  const sample = kept?.sample as number;
  expect(await outcomeOf(store, sample)).toEqual({ kind: 'rejected', reason: 'unknown-tariff' });
  store.atomically(() => store.devices.tariff(later));
  expect(await outcomeOf(store, sample)).toEqual({ kind: 'accepted', channel: 1, acceptedUnits: 0 });
  expect(store.quarantine.find(sample)).toBeUndefined();
  expect(store.quarantine.counts()[0]?.reason).toBe('unknown-tariff');
  await payer.send(payer.payword(1, 7));
  await payer.hears((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 7);
  expect(config.device).not.toBe(payer.config.device); // another device of the same hub has seen nothing of it
  expect(hub.status()).toMatchObject({ balanced: true, units: { accepted: 7 } });
});

/** A hub that starts forgets samples of long ago. */
function today(): number {
  return Math.floor(Date.now() / 1000);
}

test('where no hub runs, replaying starts one: a commitment first, then the vouchers that needed it', async () => {
  const dataDir = freshFolder();
  const store = beside(dataDir);
  const payer = payerOf(enrol(store, requestOf(1883)));
  const { device } = payer.config;
  const messages = [payer.commitment(1), payer.payword(1, 3), payer.payword(1, 5), payer.signed(1, 9), 'nonsense' as Bytes];
  store.atomically(() => {
    for (const message of messages) {
      const sample = { messageHex: Buffer.from(message, 'latin1').toString('hex'), detail: '', times: 1 };
      store.quarantine.keep({ device, reason: 'unknown-channel', messages: 1, lastAtSeconds: today(), samples: [sample] });
    }
  });
  const replayed = await replaySamples(store, store.quarantine.samples());
  expect(replayed.map(({ outcome }) => (outcome.kind === 'accepted' ? outcome.acceptedUnits : outcome.reason))).toEqual([
    0,
    3,
    5,
    9,
    'malformed',
  ]);
  expect(store.channels.accounts()).toMatchObject([{ device, acceptedUnits: 9 }]);
  expect(store.quarantine.samples().map((kept) => [kept.message, kept.reason])).toEqual([
    ['nonsense', 'malformed'],
    ['nonsense', 'unknown-channel'],
  ]);
});
