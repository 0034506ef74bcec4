// Evidence: what the hub writes is valid, and no field of it can be changed unnoticed. Each change is a row, with the reason the outsider is given; and random edits of any value find no gap.

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Evidence, EvidenceVerdict } from '../../hub/evidence.ts';
import { accountEvidenceOf, evidenceOf, verifyEvidence } from '../../hub/evidence.ts';
import type { EvidenceBatch, EvidenceChannel, EvidenceLine } from '../../hub/proof/evidence-file.ts';
import { fromHex, toHex } from '../../shared/bytes.ts';
import type { DeviceId } from '../../shared/identity.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import type { SettledWorld } from './settled-world.ts';
import { settledWorld, throughFile } from './settled-world.ts';

let world: SettledWorld;

beforeAll(async () => {
  world = await settledWorld((hub, [payer]) => {
    expect(evidenceOf(hub.store, payer?.config.device as DeviceId, 4 as ChannelNumber)).toBeUndefined();
    expect(evidenceOf(hub.store, 'AAAAAAAAAAA' as DeviceId, 1 as ChannelNumber)).toBeUndefined();
    expect(accountEvidenceOf(hub.store, 'nobody')).toBeUndefined();
  });
});

const hubKeyOf = (evidence: Evidence): string => fromHex(evidence.hub.publicKey) ?? '';

describe('what the hub writes is valid', () => {
  test('paywords, settled in two batches', () => {
    const { payword } = world;
    expect(payword.channels[0]?.lines.map((line) => [line.fromUnits, line.toUnits])).toEqual([
      [0, 20],
      [20, 33],
    ]);
    expect(payword.batches.map(({ lines, state, head }) => [lines, state, head?.number])).toEqual([
      [6, 'settled', 1],
      [3, 'settled', 2],
    ]);
    expect(verifyEvidence(throughFile(payword))).toMatchObject({
      ...{ kind: 'valid', vouched: false, account: null, withoutHead: [] },
      channels: [
        {
          ...{ device: world.payer.config.device, channel: 1, payer: 'alice', payee: 'bob' },
          ...{ units: 33, unit: 'vend', amountMicros: 330_000, currency: 'EUR', settledUnits: 33, settledMicros: 330_000 },
        },
      ],
    });
  });

  test('a signed voucher', () => {
    expect(verifyEvidence(throughFile(world.signed))).toMatchObject({
      kind: 'valid',
      channels: [{ units: 12, settledUnits: 12 }],
    });
  });

  test('a channel that never paid', () => {
    expect(world.fresh.channels).toMatchObject([{ voucher: null, units: 0, lines: [] }]);
    expect(verifyEvidence(throughFile(world.fresh))).toMatchObject({
      kind: 'valid',
      channels: [{ units: 0, amountMicros: 0, settledUnits: 0 }],
    });
  });

  test('all channels of an account', () => {
    const verdict = verifyEvidence(throughFile(world.bundle));
    expect(verdict).toMatchObject({ kind: 'valid', account: 'alice' });
    expect(world.bundle.channels).toHaveLength(9);
    expect(world.bundle.tariffs).toHaveLength(1);
    expect(world.bundle.batches).toHaveLength(2);
  });

  test('and vouched for under the key that the reader has, and under no other', () => {
    const { payword, other } = world;
    expect(verifyEvidence(throughFile(payword), hubKeyOf(payword))).toMatchObject({ kind: 'valid', vouched: true });
    expect(verifyEvidence(throughFile(payword), fromHex(other.config.publicKey))).toMatchObject({
      kind: 'invalid',
      check: 'vouched',
      why: `hub.publicKey: expected the hub's key ${other.config.publicKey}, got ${payword.hub.publicKey}`,
    });
  });
});

type Changed = (evidence: Evidence) => unknown;
const flip = (hex: string | null | undefined): string => (hex?.at(0) === 'a' ? 'b' : 'a') + (hex ?? '').slice(1);
const lastFlipped = (hex: string | null | undefined): string =>
  (hex ?? '').slice(0, -1) + (hex?.endsWith('a') === true ? 'b' : 'a');

const inChannel = (changes: (channel: EvidenceChannel) => object) => (e: Evidence) => ({
  ...e,
  channels: e.channels.map((channel) => ({ ...channel, ...changes(channel) })),
});
const inLine = (at: number, changes: (line: EvidenceLine) => object) =>
  inChannel(({ lines }) => ({ lines: lines.map((line, i) => (i === at ? { ...line, ...changes(line) } : line)) }));
const inBatch = (at: number, changes: (batch: EvidenceBatch) => object) => (e: Evidence) => ({
  ...e,
  batches: e.batches.map((batch, i) => (i === at ? { ...batch, ...changes(batch) } : batch)),
});
const inHead = (changes: (head: NonNullable<EvidenceBatch['head']>) => object) =>
  inBatch(1, ({ head }) => ({ head: head === null ? null : { ...head, ...changes(head) } }));
const inEntry = (changes: object) =>
  inBatch(0, ({ entries }) => ({ entries: entries.map((entry) => ({ ...entry, ...changes })) }));
const PAYOUT = { direction: 'pay', state: 'settled', entry: null, id: '00'.repeat(16), rail: 'csv', reference: 'x' };
const NOT_SIGNED = 'signature: it is not that of the hub over this file';

const CHANGES: ReadonlyArray<readonly [string, Changed, string]> = [
  [
    'format',
    (e) => ({ ...e, format: 'tallystick evidence 1' }),
    'format: expected tallystick evidence 3, got tallystick evidence 1',
  ],
  ['hub.id', (e) => ({ ...e, hub: { ...e.hub, id: flip(e.hub.id) } }), 'hub.id: expected'],
  ['hub.publicKey', (e) => ({ ...e, hub: { ...e.hub, publicKey: world.other.config.publicKey } }), 'hub.id: expected'],
  [
    'hub.publicKey, of small order',
    (e) => ({ ...e, hub: { ...e.hub, publicKey: '01' + '00'.repeat(31) } }),
    'hub.publicKey: the key is of small order',
  ],
  ['writtenAtSeconds', (e) => ({ ...e, writtenAtSeconds: e.writtenAtSeconds + 1 }), NOT_SIGNED],
  ['account', (e) => ({ ...e, account: 'alice' }), NOT_SIGNED],
  ['account, a stranger', (e) => ({ ...e, account: 'mallory' }), 'channels.0: expected a channel that mallory pays'],
  ['signature', (e) => ({ ...e, signature: flip(e.signature) }), NOT_SIGNED],
  ['tariffs.id', (e) => ({ ...e, tariffs: e.tariffs.map((one) => ({ ...one, id: flip(one.id) })) }), 'tariffs.0.id: expected'],
  [
    'tariffs.bytes',
    (e) => ({ ...e, tariffs: e.tariffs.map((one) => ({ ...one, bytes: lastFlipped(one.bytes) })) }),
    'tariffs.0.id: expected',
  ],
  ['tariffs, none', (e) => ({ ...e, tariffs: [] }), 'channels.0.tariff: expected tariff'],
  ['tariffs, twice', (e) => ({ ...e, tariffs: [...e.tariffs, ...e.tariffs] }), 'tariffs.1.id: expected each tariff once'],
  ['channels, none', (e) => ({ ...e, channels: [] }), 'channels: '],
  ['channels, twice', (e) => ({ ...e, channels: [...e.channels, ...e.channels] }), 'channels.1: expected each channel once'],
  [
    'channels, another’s',
    (e) => ({ ...e, channels: world.fresh.channels }),
    'batches.0: no channel of the file has a line in it',
  ],
  ['device', inChannel(() => ({ device: 'AAAAAAAAAAA' })), 'channels.0.device: expected'],
  ['publicKey, another’s', inChannel(() => ({ publicKey: world.other.config.publicKey })), 'channels.0.device: expected'],
  [
    'publicKey, of small order',
    inChannel(() => ({ publicKey: '01' + '00'.repeat(31) })),
    'channels.0.publicKey: the key is of small order',
  ],
  [
    'publicKey and device, another’s',
    inChannel(() => ({ publicKey: world.other.config.publicKey, device: world.other.config.device })),
    'channels.0.commitment: the signature',
  ],
  ['channel', inChannel(() => ({ channel: 2 })), 'channels.0.channel: the commitment opens 1, got 2'],
  ['enrolledAtSeconds', inChannel((c) => ({ enrolledAtSeconds: c.enrolledAtSeconds + 1 })), NOT_SIGNED],
  ['revokedAtSeconds', inChannel(() => ({ revokedAtSeconds: 5 })), NOT_SIGNED],
  ['payer', inChannel(() => ({ payer: 'mallory' })), 'channels.0.lines.0.path: the line is not in batch'],
  ['payee', inChannel(() => ({ payee: 'mallory' })), 'channels.0.payee: the commitment pays account'],
  [
    'commitment, its signature',
    inChannel((c) => ({ commitment: lastFlipped(c.commitment) })),
    'channels.0.commitment: the signature is not that of',
  ],
  ['commitment, its form', inChannel((c) => ({ commitment: flip(c.commitment) })), 'channels.0.commitment: '],
  [
    'commitment, a voucher instead',
    inChannel((c) => ({ commitment: c.voucher })),
    'channels.0.commitment: expected a commitment, got a payword voucher',
  ],
  [
    'commitment, another’s',
    inChannel(() => ({ commitment: toHex(world.other.commitment(1)) })),
    'channels.0.commitment: the signature is not that of',
  ],
  [
    'voucher, its link',
    inChannel((c) => ({ voucher: lastFlipped(c.voucher) })),
    'channels.0.voucher: its payword does not lead to the anchor in 33 steps',
  ],
  ['voucher, none', inChannel(() => ({ voucher: null })), 'channels.0.voucher: expected a proof of 33 units, got none'],
  [
    'voucher, an older one',
    inChannel(() => ({ voucher: toHex(world.payer.payword(1, 20)) })),
    'channels.0.units: the voucher is for 20, got 33',
  ],
  [
    'voucher, of another channel',
    inChannel(() => ({ voucher: toHex(world.payer.payword(2, 33)) })),
    'channels.0.voucher: expected one on channel 1',
  ],
  [
    'voucher, signed by another',
    inChannel(() => ({ voucher: toHex(world.other.signed(1, 33)) })),
    'channels.0.voucher: the signature is not that of',
  ],
  [
    'voucher, a commitment instead',
    inChannel((c) => ({ voucher: c.commitment })),
    'channels.0.voucher: expected a voucher, got a commitment',
  ],
  ['voucher, cut', inChannel((c) => ({ voucher: c.voucher?.slice(0, -2) })), 'channels.0.voucher: byte'],
  ['tariff', inChannel((c) => ({ tariff: flip(c.tariff) })), 'channels.0.tariff: the commitment fixes tariff'],
  [
    'segments',
    inChannel(() => ({ segments: [{ element: 0, toUnits: 33, fromSeconds: 1, untilSeconds: 2, chosen: false }] })),
    'channels.0.segments: expected them to reach 0 units, got 33',
  ],
  ['currency', inChannel(() => ({ currency: 'USD' })), 'channels.0.currency: the tariff says EUR, got USD'],
  ['unit', inChannel(() => ({ unit: 'kWh' })), 'channels.0.unit: the tariff says vend, got kWh'],
  ['units', inChannel(() => ({ units: 34 })), 'channels.0.units: the voucher is for 33, got 34'],
  [
    'amountMicros',
    inChannel(() => ({ amountMicros: 340_000 })),
    'channels.0.amountMicros: 33 units cost 330000 under the tariff, got 340000',
  ],
  ['settledUnits', inChannel(() => ({ settledUnits: 32 })), 'channels.0.settledUnits: expected 0 or the end of a line, got 32'],
  ['settledUnits and settledMicros, less', inChannel(() => ({ settledUnits: 20, settledMicros: 200_000 })), NOT_SIGNED],
  ['settledMicros', inChannel(() => ({ settledMicros: 1 })), 'channels.0.settledMicros: 33 units are 330000 in the lines, got 1'],
  ['a line’s batch', inLine(1, () => ({ batch: world.payword.batches[0]?.id })), 'channels.0.lines.1.path: '],
  ['a line’s batch, unknown', inLine(1, (l) => ({ batch: flip(l.batch) })), 'channels.0.lines.1.batch: expected batch'],
  [
    'a line’s fromUnits',
    inLine(1, () => ({ fromUnits: 19 })),
    'channels.0.lines.1.fromUnits: expected a line from 20 units, got one from 19',
  ],
  [
    'a line’s toUnits, too many',
    inLine(1, () => ({ toUnits: 34 })),
    'channels.0.lines.1.toUnits: the voucher proves 33 units, the line settles 34',
  ],
  [
    'a line’s toUnits, none',
    inLine(1, () => ({ toUnits: 20 })),
    'channels.0.lines.1.toUnits: expected a line to more than 20 units',
  ],
  [
    'a line’s fromMicros',
    inLine(1, () => ({ fromMicros: 1 })),
    'channels.0.lines.1.fromMicros: 20 units cost 200000 under the tariff, got 1',
  ],
  [
    'a line’s toMicros',
    inLine(1, () => ({ toMicros: 1 })),
    'channels.0.lines.1.toMicros: 33 units cost 330000 under the tariff, got 1',
  ],
  [
    'a line’s units and price together',
    inLine(1, () => ({ toUnits: 32, toMicros: 320_000 })),
    'channels.0.lines.1.path: the line is not in batch',
  ],
  ['a line’s salt', inLine(1, (l) => ({ salt: lastFlipped(l.salt) })), 'channels.0.lines.1.path: the line is not in batch'],
  ['a line’s salt, none', inLine(1, () => ({ salt: null })), 'channels.0.lines.1.salt: expected 16 bytes'],
  ['a line’s index', inLine(1, (l) => ({ index: l.index === 0 ? 1 : 0 })), 'channels.0.lines.1.path: '],
  [
    'a line’s index beyond',
    inLine(1, () => ({ index: 3 })),
    "channels.0.lines.1.index: expected one below the batch's 3 lines, got 3",
  ],
  ['a line’s path', inLine(0, (l) => ({ path: l.path.map(lastFlipped) })), 'channels.0.lines.0.path: the line is not in batch'],
  ['a line’s path, shorter', inLine(0, (l) => ({ path: l.path.slice(1) })), 'channels.0.lines.0.path: '],
  [
    'a line’s path, longer',
    inLine(0, (l) => ({ path: [...l.path, '00'.repeat(32)] })),
    'channels.0.lines.0.path: expected as many hashes as lie beside',
  ],
  ['a line’s payouts', inLine(0, () => ({ payouts: [PAYOUT] })), NOT_SIGNED],
  [
    'a line left out',
    inChannel((c) => ({ lines: c.lines.slice(1) })),
    'channels.0.lines.0.fromUnits: expected a line from 0 units, got one from 20',
  ],
  [
    'a line twice',
    inChannel((c) => ({ lines: [...c.lines, ...c.lines.slice(1)] })),
    'channels.0.lines.2.fromUnits: expected a line from 33 units, got one from 20',
  ],
  [
    'the last line left out',
    inChannel((c) => ({ lines: c.lines.slice(0, 1) })),
    'channels.0.settledUnits: expected 0 or the end of a line, got 33',
  ],
  [
    'the last line left out, as if it were not settled',
    inChannel((c) => ({ lines: c.lines.slice(0, 1), settledUnits: 20, settledMicros: 200_000 })),
    'batches.1: no channel of the file has a line in it',
  ],
  ['a batch’s id', inBatch(0, (b) => ({ id: flip(b.id) })), 'batches.0.id: 6 lines under root'],
  ['a batch’s lines', inBatch(0, () => ({ lines: 5 })), 'batches.0.id: 5 lines under root'],
  ['a batch’s root', inBatch(0, (b) => ({ root: flip(b.root) })), 'batches.0.id: 6 lines under root'],
  ['a batch’s state', inBatch(0, () => ({ state: 'sent' })), NOT_SIGNED],
  ['a batch’s entries', inBatch(0, () => ({ entries: [] })), NOT_SIGNED],
  ['a batch’s head, none', inBatch(0, () => ({ head: null })), 'batches.0.id: 6 lines under root'],
  ['a batch twice', (e) => ({ ...e, batches: [...e.batches, ...e.batches] }), 'batches.2.id: expected each batch once'],
  ['an entry’s entry', inEntry({ entry: 1 }), NOT_SIGNED],
  ['an entry’s kind', inEntry({ kind: 'claim' }), NOT_SIGNED],
  ['an entry’s postedAtSeconds', inEntry({ postedAtSeconds: 1 }), NOT_SIGNED],
  ['an entry’s ledger', inEntry({ ledger: '00'.repeat(32) }), NOT_SIGNED],
  ['a head’s number', inHead(() => ({ number: 1 })), 'batches.1.head: the signature is not that of the hub over this head'],
  ['a head’s preparedAtSeconds', inHead(() => ({ preparedAtSeconds: 1 })), 'batches.1.head: the signature'],
  ['a head’s entry', inHead(() => ({ entry: 1 })), 'batches.1.head: the signature'],
  ['a head’s ledger', inHead(() => ({ ledger: '00'.repeat(32) })), 'batches.1.head: the signature'],
  ['a head’s signature', inHead((h) => ({ signature: flip(h.signature) })), 'batches.1.head: the signature'],
  ['a field too many', (e) => ({ ...e, note: 'paid in cash' }), 'note'],
  ['no object', () => 'evidence', 'file: '],
];

test.each(CHANGES)('a change of %s is noticed', (_name, change, why) => {
  const changed = throughFile(change(world.payword));
  expect(changed).not.toEqual(throughFile(world.payword));
  const verdict = verifyEvidence(changed);
  expect(verdict.kind).toBe('invalid');
  expect(verdict).toHaveProperty('why', expect.stringContaining(why));
});

test('every field has a row', () => {
  const named = CHANGES.map(([name]) => name).join(' ');
  const { payword } = world;
  const [batch] = payword.batches;
  const rows: ReadonlyArray<readonly [string, object | null | undefined]> = [
    ['', payword],
    ['hub.', payword.hub],
    ['tariffs.', payword.tariffs[0]],
    ['', payword.channels[0]],
    ['a line’s ', payword.channels[0]?.lines[0]],
    ['a batch’s ', batch],
    ['an entry’s ', batch?.entries[0]],
    ['a head’s ', batch?.head],
  ];
  const within = ['hub', 'batches', 'lines'];
  for (const [before, value] of rows) {
    expect(Object.keys(value ?? {}).length).toBeGreaterThan(0);
    for (const field of Object.keys(value ?? {})) if (!within.includes(field)) expect(named).toContain(before + field);
  }
});

/** The paths of all values in a file, with lists and objects. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, one]) => pathsOf(one, [...path, name]))];
}

function withEdit(file: unknown, path: readonly string[], edit: (old: unknown) => unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return edit(file);
  const copy = (Array.isArray(file) ? [...(file as unknown[])] : { ...(file as object) }) as Record<string, unknown>;
  copy[name] = withEdit(copy[name], rest, edit);
  return copy;
}

/** Near misses of what is there, and anything at all. */
function editOf(kind: number, n: number, anything: unknown): (old: unknown) => unknown {
  return (old) => {
    if (kind === 0 && typeof old === 'number') return old + 1 + (n % 3);
    if (kind === 1 && typeof old === 'string' && old !== '') {
      const at = n % old.length;
      return old.slice(0, at) + (old[at] === '0' ? '1' : '0') + old.slice(at + 1);
    }
    if (kind === 2 && Array.isArray(old) && old.length > 0) return (old as unknown[]).filter((_, i) => i !== n % old.length);
    if (kind === 3 && Array.isArray(old) && old.length > 1) return [...(old as unknown[])].reverse();
    if (kind === 4 && Array.isArray(old) && old.length > 0) return [...(old as unknown[]), old[n % old.length] as unknown];
    return anything;
  };
}

test('no random edit of any value passes', () => {
  for (const file of [world.payword, world.bundle].map(throughFile)) {
    const original = JSON.stringify(file);
    const paths = pathsOf(file);
    fc.assert(
      fc.property(fc.nat(paths.length - 1), fc.integer({ min: 0, max: 5 }), fc.nat(), fc.jsonValue(), (at, kind, n, anything) => {
        const edited = withEdit(file, paths[at] ?? [], editOf(kind, n, anything));
        fc.pre(JSON.stringify(edited) !== original);
        const verdict: EvidenceVerdict = verifyEvidence(edited);
        expect(verdict.kind).toBe('invalid');
        if (verdict.kind === 'invalid') expect(verdict.why).toMatch(/^[A-Za-z0-9.]+: ./);
      }),
      { numRuns: 150 },
    );
  }
});
