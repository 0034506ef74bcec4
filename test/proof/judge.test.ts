// The two judges of evidence, OpenSSL and noble, are of one mind: on the wire's vectors for signatures and keys, and on evidence and every change of it. The page's half runs as the page has it: bundled, in a
// realm that has nothing of Node.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { NODE_JUDGE } from '../../hub/proof/node-judge.ts';
import { nobleJudge } from '../../hub/proof/noble-judge.ts';
import type { EvidenceVerdict } from '../../hub/proof/verify.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { fromHex, repeatByte, toHex } from '../../shared/bytes.ts';
import type { DeviceId } from '../../shared/identity.ts';
import type { Link } from '../../shared/payword.ts';
import { chainSalt, linkBefore } from '../../shared/payword.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import { committedEvidence } from './evidence-vectors.ts';

interface Case {
  readonly name: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, string>>;
  readonly output: Readonly<Record<string, unknown>>;
}

const folder = join(import.meta.dirname, '..', 'vectors');
const read = (file: string): { cases: Case[] } => JSON.parse(readFileSync(join(folder, file), 'utf8')) as { cases: Case[] };
const rule = read('ed25519-rule.json').cases;
const judges = [
  ['OpenSSL', NODE_JUDGE],
  ['noble', nobleJudge()],
] as const;

describe.each(judges)('the rule [W-22] under %s', (_name, judge) => {
  const octets = (one: Case, field: string): Bytes => fromHex(one.input[field] ?? '') as Bytes;

  test.each(rule.filter((one) => one.operation === 'check-key').map((one) => [one.name, one] as const))(
    'key: %s',
    (_key, one) => {
      expect(judge.keyFault(octets(one, 'publicKey')) === undefined).toBe('enrolled' in one.output);
    },
  );

  const signed = rule.filter((one) => one.operation === 'verify' && NODE_JUDGE.keyFault(octets(one, 'publicKey')) === undefined);
  test.each(signed.map((one) => [one.name, one] as const))('signature: %s', (_signature, one) => {
    const accepted = judge.verifierOf(octets(one, 'publicKey'))(octets(one, 'message'), octets(one, 'signature'));
    expect({ accepted }).toEqual(one.output);
  });

  test('signatures of a wrong length are none', () => {
    const [good] = signed.filter((one) => one.output['accepted'] === true);
    if (good === undefined) throw new Error('expected a good signature among the vectors');
    const verify = judge.verifierOf(octets(good, 'publicKey'));
    for (const length of [0, 32, 63, 65]) expect(verify(octets(good, 'message'), repeatByte(0, length))).toBe(false);
  });

  test('the hash is SHA-256', () => {
    for (const length of [0, 1, 55, 56, 64, 1000]) {
      const data = repeatByte(0xe9, length);
      expect(toHex(judge.sha256(data))).toBe(createHash('sha256').update(Buffer.from(data, 'latin1')).digest('hex'));
    }
  });
});

describe.each(judges)('a chain under %s', (_name, judge) => {
  test('leads to its anchor, as shared/ walks it, and to no other', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(2 ** 32 - 1), fc.nat(255), (units, channel, byte) => {
        const salt = chainSalt('AAAAAAAAAAE' as DeviceId, channel as ChannelNumber);
        const link = repeatByte(byte, 16) as Link;
        let anchor = link;
        for (let index = units - 1; index >= 0; index--) anchor = linkBefore(salt, index, anchor, judge.sha256);
        expect(judge.reachesAnchor(salt, link, units, anchor)).toBe(true);
        expect(judge.reachesAnchor(salt, link, units + 1, anchor)).toBe(false);
        expect(judge.reachesAnchor(salt, anchor, units, repeatByte(byte ^ 1, 16) as Link)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });
});

describe('evidence, judged in a realm without Node', () => {
  let judged: (file: string, hubKey: string) => EvidenceVerdict;

  beforeAll(async () => {
    const source = `
      import { fromHex } from './shared/bytes.ts';
      import { nobleJudge } from './hub/proof/noble-judge.ts';
      import { verifyTextBy } from './hub/proof/verify.ts';
      const judge = nobleJudge();
      globalThis.judged = (file, hubKey) => JSON.stringify(verifyTextBy(judge, file, hubKey === '' ? undefined : fromHex(hubKey)));`;
    const stdin = { contents: source, resolveDir: join(import.meta.dirname, '..', '..'), loader: 'ts' as const };
    const { outputFiles } = await build({
      stdin,
      bundle: true,
      write: false,
      format: 'iife',
      platform: 'browser',
      logLevel: 'silent',
    });
    const realm = createContext({}) as { judged?: (file: string, hubKey: string) => string };
    runInContext(outputFiles[0]?.text ?? '', realm);
    judged = (file, hubKey) => JSON.parse(realm.judged?.(file, hubKey) ?? '') as EvidenceVerdict;
  });

  test.each(committedEvidence())('%s', (_name, { evidence, hubKey, output }) => {
    expect(judged(JSON.stringify(evidence), hubKey ?? '')).toEqual(output);
  });
});
