// What a party's evidence says of others: nothing but hashes that cannot be guessed. Two worlds are the same but for what a stranger pays; a bundle of alice's may differ between them only where there are hashes, and
// nowhere does it hold a name, a device or an amount of the stranger's.

import { describe, expect, test } from 'vitest';
import type { BatchLine } from '../../hub/batch.ts';
import { leafOf } from '../../hub/batch.ts';
import { batchTreeOf, chunkProofs } from '../../hub/batch-tree.ts';
import type { Evidence } from '../../hub/evidence.ts';
import { accountEvidenceOf, verifyEvidence } from '../../hub/evidence.ts';
import { accountIdOf } from '../../hub/ids.ts';
import { makeHubKey } from '../../hub/key.ts';
import { sha256 } from '../../hub/proofs.ts';
import { saltsOf, saltsUnder } from '../../hub/salts.ts';
import { sealerOf } from '../../hub/seal.ts';
import { LEAF } from '../../hub/tree.ts';
import { repeatByte, toHex } from '../../shared/bytes.ts';
import type { DeviceId, HubId } from '../../shared/identity.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import { freshFolder, payAt, startHub } from '../hub/fixture.ts';

const HASHES =
  /^(?:channels\.\d+\.lines\.\d+\.path\.\d+|batches\.\d+\.(?:id|root|head\.ledger|head\.signature|entries\.\d+\.ledger)|channels\.\d+\.lines\.\d+\.batch|signature)$/;

async function worldWhere(carolPays: number): Promise<{ alice: Evidence; carolsWords: string[] }> {
  const hub = await startHub({ claimEveryMs: 1_000_000 });
  const alice = await payAt(hub, { payer: 'alice', payee: 'bob' });
  const carol = await payAt(hub, { payer: 'carol', payee: 'dave' });
  for (const [payer, units] of [
    [alice, 5],
    [carol, carolPays],
  ] as const) {
    await payer.send(payer.commitment(1));
    await payer.send(payer.payword(1, units));
  }
  hub.settle({ dryRun: false });
  const evidence = accountEvidenceOf(hub.store, 'alice', 1_800_000_000);
  if (evidence === undefined) throw new Error('expected evidence of alice');
  expect(verifyEvidence(evidence).kind).toBe('valid');
  const { device, publicKey } = carol.config;
  const words = [
    'carol',
    'dave',
    device,
    publicKey,
    toHex(accountIdOf('carol')),
    toHex(accountIdOf('dave')),
    String(carolPays * 10_000),
  ];
  return { alice: evidence, carolsWords: words };
}

function leavesOf(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([name, one]) => leavesOf(one, path === '' ? name : `${path}.${name}`));
}

describe('a bundle of alice', () => {
  test.each([777, 778])('says nothing of carol, who pays %i', async (units) => {
    const { alice, carolsWords } = await worldWhere(units);
    const text = JSON.stringify(alice);
    for (const word of carolsWords) expect(text).not.toContain(word);
  });

  test('has the same fields whatever carol pays, and only hashes may differ', async () => {
    const [one, two] = [await worldWhere(777), await worldWhere(3)];
    const [first, second] = [new Map(leavesOf(one.alice)), new Map(leavesOf(two.alice))];
    expect([...first.keys()]).toEqual([...second.keys()]);
    // Keys, devices and times are the worlds' own; everything that could depend on carol is compared by name.
    const own =
      /^(?:hub\.|channels\.\d+\.(?:device|publicKey|enrolledAtSeconds|commitment|voucher|lines\.\d+\.(?:salt|index))$|batches\.\d+\.(?:head\.preparedAtSeconds|entries\.\d+\.postedAtSeconds)$)/;
    const differing = [...first].filter(([path, value]) => second.get(path) !== value && !own.test(path)).map(([path]) => path);
    expect(differing.filter((path) => !HASHES.test(path))).toEqual([]);
    expect(differing.length).toBeGreaterThan(0);
  });
});

describe('salts', () => {
  const line = (device: string, units: number): BatchLine => ({
    device: device as DeviceId,
    number: 1 as ChannelNumber,
    payer: accountIdOf('carol'),
    payee: accountIdOf('dave'),
    currency: 'EUR',
    fromUnits: 0,
    toUnits: units,
    fromMicros: 0,
    toMicros: units * 10_000,
  });
  const lines = [line('AAAAAAAAAAA', 5), line('AAAAAAAAAAE', 777)];
  const hub = repeatByte(1, 8) as HubId;

  test('keep a neighbour from trying amounts until one fits; without them it would', () => {
    const salts = saltsUnder(repeatByte(7, 32), 'salts');
    const tree = batchTreeOf(hub, lines, salts);
    const [beside] = chunkProofs(tree, 0, lines, salts).pathOf(0);
    const guessed = (salt: string): boolean =>
      Array.from({ length: 1000 }, (_, i) => sha256(LEAF + leafOf(line('AAAAAAAAAAE', i), salt))).includes(beside ?? '');
    expect(guessed('')).toBe(false);
    expect(guessed(repeatByte(0, 16))).toBe(false);
    expect(guessed(chunkProofs(tree, 1, lines, salts).saltOf(1))).toBe(true); // what only carol and dave are shown
  });

  test('are the same every time for a hub, different for each line, and of no use to another hub', () => {
    const [one, other] = [freshFolder(), freshFolder()];
    for (const folder of [one, other]) makeHubKey(folder);
    const of = (folder: string): string[] => {
      const proofs = chunkProofs(batchTreeOf(hub, lines, saltsOf(folder)), 0, lines, saltsOf(folder));
      return [proofs.saltOf(0), proofs.saltOf(1)];
    };
    expect(of(one)).toEqual(of(one));
    expect(new Set([...of(one), ...of(other)]).size).toBe(4);
  });

  test('seals hide what they seal, the same every time', () => {
    const folder = freshFolder();
    makeHubKey(folder);
    const hash = repeatByte(9, 32);
    expect(sealerOf(folder)(3, hash)).toBe(sealerOf(folder)(3, hash));
    expect(sealerOf(folder)(3, hash)).not.toBe(sealerOf(folder)(4, hash));
    expect(sealerOf(folder)(3, hash)).not.toBe(sha256(hash));
  });
});
