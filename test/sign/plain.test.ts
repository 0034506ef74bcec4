// The yardstick of the benchmarks, judged by the RFC's vectors and by OpenSSL: a wrong one would measure nothing.

import { describe, expect, it } from 'vitest';
import { toHex } from '../../shared/bytes.ts';
import { beginSignature, signingKeyOf } from '../bench/straight.ts';
import { bytesOf, edgeCases, randomCases, rfcCases, sha512 } from './cases.ts';
import type { Case } from './cases.ts';

function signatureOf(given: Case): string {
  const key = signingKeyOf(bytesOf(given.seed), bytesOf(given.publicKey));
  const signing = beginSignature(key, bytesOf(given.message), sha512);
  for (let slices = 0; slices < 400; slices++) {
    const signature = signing.step();
    if (signature !== '') return toHex(signature);
  }
  throw new Error('no signature after 400 slices');
}

describe('yardstick', () => {
  it.each(rfcCases())('signs RFC 8032 $name', (given) => {
    expect(signatureOf(given)).toBe(given.signature);
  });

  it('signs as OpenSSL does at the edges and for 200 random messages', () => {
    for (const given of [...edgeCases(), ...randomCases('plain', 200)]) {
      expect(signatureOf(given), given.name).toBe(given.signature);
    }
  }, 60_000);
});
