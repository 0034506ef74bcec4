// Evidence: what the hub writes is valid, and no field of it can be changed unnoticed. Each change is a row, with the reason the outsider is given.

import { beforeAll, describe, expect, test } from 'vitest';
import { pino } from 'pino';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '../../shared/bytes.ts';
import type { DeviceId } from '../../shared/identity.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import type { Evidence } from '../../hub/evidence.ts';
import { evidenceOf, verifyEvidence } from '../../hub/evidence.ts';
import { openHub } from '../../hub/hub.ts';
import { requestOf } from './fixture.ts';
import type { ConnectedPayer } from './payer.ts';
import { connectPayer } from './payer.ts';

interface Proven {
  readonly payword: Evidence;
  readonly signed: Evidence;
  readonly fresh: Evidence;
  readonly other: ConnectedPayer;
  readonly payer: ConnectedPayer;
}

let proven: Proven;

/** Two devices, two batches; the first device pays by paywords on channel 1, by signature on 2, and opens 3. */
beforeAll(async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tallystick-test-'));
  const hub = await openHub({ dataDir, host: '127.0.0.1', port: 0, root: 't', log: pino({ level: 'silent' }) });
  const payers: ConnectedPayer[] = [];
  for (const label of ['one', 'two', 'three']) payers.push(await connectPayer(hub.enrol(requestOf(hub.port, { label }))));
  for (const payer of payers) {
    for (const channel of [1, 2, 3]) await payer.send(payer.commitment(channel));
    await payer.send(payer.payword(1, 20));
    await payer.send(payer.signed(2, 12));
  }
  hub.settle({ dryRun: false });
  for (const payer of payers) await payer.send(payer.payword(1, 33));
  hub.settle({ dryRun: false });
  const [payer, other] = payers as [ConnectedPayer, ConnectedPayer];
  const of = (channel: number): Evidence => {
    const evidence = evidenceOf(hub.store, payer.config.device, channel as ChannelNumber);
    if (evidence === undefined) throw new Error(`expected evidence of channel ${channel}`);
    return evidence;
  };
  proven = { payword: of(1), signed: of(2), fresh: of(3), payer, other };
  expect(evidenceOf(hub.store, payer.config.device, 4 as ChannelNumber)).toBeUndefined();
  expect(evidenceOf(hub.store, 'AAAAAAAAAAA' as DeviceId, 1 as ChannelNumber)).toBeUndefined();
  for (const one of payers) await one.end();
  await hub.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** As an outsider gets it: through a file. */
function throughFile(evidence: unknown): unknown {
  return JSON.parse(JSON.stringify(evidence));
}

describe('what the hub writes is valid', () => {
  test('paywords, settled in two batches', () => {
    expect(proven.payword.settled.map((line) => [line.fromUnits, line.toUnits, line.count])).toEqual([
      [0, 20, 6],
      [20, 33, 3],
    ]);
    expect(verifyEvidence(throughFile(proven.payword))).toMatchObject({
      ...{ kind: 'valid', device: proven.payer.config.device, channel: 1, payer: 'alice', payee: 'bob' },
      ...{ units: 33, unit: 'vend', amountMicros: 330_000, currency: 'EUR', settledUnits: 33, settledMicros: 330_000 },
    });
  });

  test('a signed voucher', () => {
    expect(verifyEvidence(throughFile(proven.signed))).toMatchObject({ kind: 'valid', units: 12, settledUnits: 12 });
  });

  test('a channel that never paid', () => {
    expect(proven.fresh).toMatchObject({ voucher: null, units: 0, settled: [] });
    expect(verifyEvidence(throughFile(proven.fresh))).toMatchObject({
      kind: 'valid',
      units: 0,
      amountMicros: 0,
      settledUnits: 0,
    });
  });
});

type Changed = (evidence: Evidence) => unknown;
const flip = (hex: string, at = 0): string => (hex.at(at) === 'a' ? 'b' : 'a') + hex.slice(1);
const lastFlipped = (hex: string): string => hex.slice(0, -1) + (hex.endsWith('a') ? 'b' : 'a');
const line = (evidence: Evidence, at: number, changes: object): unknown => ({
  ...evidence,
  settled: evidence.settled.map((one, i) => (i === at ? { ...one, ...changes } : one)),
});

const CHANGES: ReadonlyArray<readonly [string, Changed, string]> = [
  ['format', (e) => ({ ...e, format: 'tallystick evidence 2' }), 'format: '],
  ['hub', (e) => ({ ...e, hub: flip(e.hub) }), 'commitment: the signature is not that of'],
  ['device', (e) => ({ ...e, device: 'AAAAAAAAAAA' }), 'device: expected'],
  ['publicKey, another’s', (e) => ({ ...e, publicKey: proven.other.config.publicKey }), 'device: expected'],
  ['publicKey, of small order', (e) => ({ ...e, publicKey: '01' + '00'.repeat(31) }), 'publicKey: the key is of small order'],
  [
    'publicKey and device, another’s',
    (e) => ({ ...e, publicKey: proven.other.config.publicKey, device: proven.other.config.device }),
    'commitment: the signature',
  ],
  ['channel', (e) => ({ ...e, channel: 2 }), 'channel: the commitment opens 1, got 2'],
  ['payer', (e) => ({ ...e, payer: 'mallory' }), 'settled.0: the line is not in batch'],
  ['payee', (e) => ({ ...e, payee: 'mallory' }), 'payee: the commitment pays account'],
  [
    'commitment, its signature',
    (e) => ({ ...e, commitment: lastFlipped(e.commitment) }),
    'commitment: the signature is not that of',
  ],
  ['commitment, its form', (e) => ({ ...e, commitment: flip(e.commitment) }), 'commitment: '],
  [
    'commitment, a voucher instead',
    (e) => ({ ...e, commitment: e.voucher }),
    'commitment: expected a commitment, got a payword voucher',
  ],
  [
    'commitment, another’s',
    (e) => ({ ...e, commitment: toHex(proven.other.commitment(1)) }),
    'commitment: the signature is not that of',
  ],
  [
    'voucher, its link',
    (e) => ({ ...e, voucher: lastFlipped(e.voucher ?? '') }),
    'voucher: its payword does not lead to the anchor in 33 steps',
  ],
  ['voucher, none', (e) => ({ ...e, voucher: null }), 'voucher: expected a proof of 33 units, got none'],
  [
    'voucher, an older one',
    (e) => ({ ...e, voucher: toHex(proven.payer.payword(1, 20)) }),
    'units: the voucher is for 20, got 33',
  ],
  [
    'voucher, of another channel',
    (e) => ({ ...e, voucher: toHex(proven.payer.payword(2, 33)) }),
    'voucher: expected one on channel 1',
  ],
  [
    'voucher, signed by another',
    (e) => ({ ...e, voucher: toHex(proven.other.signed(1, 33)) }),
    'voucher: the signature is not that of',
  ],
  ['voucher, a commitment instead', (e) => ({ ...e, voucher: e.commitment }), 'voucher: expected a voucher, got a commitment'],
  ['voucher, cut', (e) => ({ ...e, voucher: e.voucher?.slice(0, -2) }), 'voucher: byte'],
  ['tariff', (e) => ({ ...e, tariff: e.tariff.replace('192710', '192711') }), 'tariff: the commitment fixes tariff'],
  ['tariff, its form', (e) => ({ ...e, tariff: flip(e.tariff) }), 'tariff: '],
  ['currency', (e) => ({ ...e, currency: 'USD' }), 'currency: the tariff says EUR, got USD'],
  ['unit', (e) => ({ ...e, unit: 'kWh' }), 'unit: the tariff says vend, got kWh'],
  ['units', (e) => ({ ...e, units: 34 }), 'units: the voucher is for 33, got 34'],
  ['amountMicros', (e) => ({ ...e, amountMicros: 340_000 }), 'amountMicros: 33 units cost 330000 under the tariff, got 340000'],
  ['a line’s batch', (e) => line(e, 1, { batch: e.settled[0]?.batch }), 'settled.1: the line is not in batch'],
  ['a line’s fromUnits', (e) => line(e, 1, { fromUnits: 19 }), 'settled.1: expected a line from 20 units, got one from 19'],
  [
    'a line’s toUnits, too many',
    (e) => line(e, 1, { toUnits: 34 }),
    'settled.1: the voucher proves 33 units, the line settles 34',
  ],
  ['a line’s toUnits, none', (e) => line(e, 1, { toUnits: 20 }), 'settled.1: expected a line to more than 20 units, got 20'],
  ['a line’s fromMicros', (e) => line(e, 1, { fromMicros: 1 }), 'settled.1: 20 units cost 200000 micros under the tariff, got 1'],
  ['a line’s toMicros', (e) => line(e, 1, { toMicros: 1 }), 'settled.1: 33 units cost 330000 micros under the tariff, got 1'],
  [
    'a line’s units and price together',
    (e) => line(e, 1, { toUnits: 32, toMicros: 320_000 }),
    'settled.1: the line is not in batch',
  ],
  ['a line’s salt', (e) => line(e, 1, { salt: lastFlipped(e.settled[1]?.salt ?? '') }), 'settled.1: the line is not in batch'],
  ['a line’s index', (e) => line(e, 1, { index: (e.settled[1]?.index ?? 0) === 0 ? 1 : 0 }), 'settled.1: '],
  ['a line’s index beyond', (e) => line(e, 1, { index: 3 }), 'settled.1: expected an index below the count of 3, got 3'],
  ['a line’s count', (e) => line(e, 0, { count: 5 }), 'settled.0: '],
  ['a line’s path', (e) => line(e, 0, { path: e.settled[0]?.path.map(lastFlipped) }), 'settled.0: the line is not in batch'],
  ['a line’s path, shorter', (e) => line(e, 0, { path: e.settled[0]?.path.slice(1) }), 'settled.0: expected a path as long as'],
  [
    'a line’s path, longer',
    (e) => line(e, 0, { path: [...(e.settled[0]?.path ?? []), '00'.repeat(32)] }),
    'settled.0: expected a path as long as',
  ],
  ['a line left out', (e) => ({ ...e, settled: e.settled.slice(1) }), 'settled.0: expected a line from 0 units, got one from 20'],
  [
    'a line twice',
    (e) => ({ ...e, settled: [...e.settled, ...e.settled.slice(1)] }),
    'settled.2: expected a line from 33 units, got one from 20',
  ],
  ['a field too many', (e) => ({ ...e, note: 'paid in cash' }), 'note'],
  ['no object', () => 'evidence', ''],
];

test.each(CHANGES)('a change of %s is noticed', (_name, change, why) => {
  const changed = throughFile(change(proven.payword));
  expect(changed).not.toEqual(throughFile(proven.payword));
  const verdict = verifyEvidence(changed);
  expect(verdict.kind).toBe('invalid');
  expect(verdict).toHaveProperty('why', expect.stringContaining(why));
});

test('every field has a row', () => {
  const named = CHANGES.map(([name]) => name).join(' ');
  for (const field of Object.keys(proven.payword)) if (field !== 'settled') expect(named).toContain(field);
  for (const field of Object.keys(proven.payword.settled[0] ?? {})) expect(named).toContain(`a line’s ${field}`);
});
