// The hub's check of signatures and OpenSSL's: on forgeries of every kind, on the specification's cases, and what keeps libsodium from being asked.

import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { Sodium } from '../../hub/ed25519.ts';
import { mayDiffer, passes, signaturesJudgedBy } from '../../hub/ed25519.ts';
import type { Tallies } from './agree.ts';
import { compare } from './agree.ts';
import { forgeryOf, KINDS } from './forger.ts';
import { publishedIn } from './published.ts';

const FORGERIES = 4000;
const SEED = 7;

describe.skipIf(signaturesJudgedBy() === 'OpenSSL')('with libsodium', () => {
  it('agrees with OpenSSL on forgeries of every kind, and would not without the look at the encodings', () => {
    const tallies: Tallies = {};
    for (let i = 0; i < FORGERIES; i++) compare(tallies, forgeryOf(SEED, i));
    expect(Object.keys(tallies).sort()).toEqual([...KINDS].sort());
    const all = Object.values(tallies);
    expect(all.reduce((sum, { good }) => sum + good, 0)).toBeGreaterThan(FORGERIES / 4);
    expect(tallies['R the identity']).toMatchObject({ good: tallies['R the identity']?.cases, shortly: 0 });
    expect(tallies['R the identity']?.bareDiffers).toBe(tallies['R the identity']?.cases);
    expect(tallies['good']).toMatchObject({ shortly: tallies['good']?.cases });
  });

  it("agrees with OpenSSL on the specification's cases", () => {
    const tallies: Tallies = {};
    const cases = publishedIn('test/vectors/ed25519-rule.json');
    for (const one of cases) compare(tallies, one);
    expect(cases.length).toBeGreaterThan(15);
  });

  it('asks only a library that passes its examination', () => {
    const sodium = createRequire(import.meta.url)('sodium-native') as Sodium;
    expect(passes(sodium)).toBe(true);
    for (const answer of [true, false]) expect(passes({ crypto_sign_verify_detached: () => answer })).toBe(false);
    // One that multiplies by the cofactor, for this one case.
    const lenient: Sodium = {
      crypto_sign_verify_detached: (signature, message, key) =>
        signature.toString('hex').startsWith('75789521') || sodium.crypto_sign_verify_detached(signature, message, key),
    };
    expect(passes(lenient)).toBe(false);
  });
});

it('looks at all that libsodium refuses by its looks, and at little else', () => {
  for (const hex of [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000080',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ])
    expect(mayDiffer(Buffer.from(hex, 'hex').toString('latin1')), hex).toBe(true);
  for (const hex of [
    'ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0200000000000000000000000000000000000000000000000000000000000000',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f7f',
    '03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8',
  ])
    expect(mayDiffer(Buffer.from(hex, 'hex').toString('latin1')), hex).toBe(false);
});
