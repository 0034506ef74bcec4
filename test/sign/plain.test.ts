// The plain signer and the yardstick, judged by the RFC's vectors and by OpenSSL, on Node and on the interpreter.

import { describe, expect, it } from 'vitest';
import { toHex } from '../../shared/bytes.ts';
import { beginSignature, signingKeyOf } from '../../device/sign.ts';
import * as straight from '../bench/straight.ts';
import { bytesOf, edgeCases, randomCases, rfcCases, sha512 } from './cases.ts';
import type { Case } from './cases.ts';
import { bundleForBoard, interpreter, runOnBoard } from './interpreter.ts';

interface Signer {
  signingKeyOf: typeof signingKeyOf;
  beginSignature: typeof beginSignature;
}

function signatureOf(signer: Signer, given: Case): string {
  const key = signer.signingKeyOf(bytesOf(given.seed), bytesOf(given.publicKey));
  const signing = signer.beginSignature(key, bytesOf(given.message), sha512);
  for (let slices = 0; slices < 400; slices++) {
    const signature = signing.step();
    if (signature !== '') return toHex(signature);
  }
  throw new Error('no signature after 400 slices');
}

describe.each<[string, Signer]>([
  ['plain signer', { signingKeyOf, beginSignature }],
  ['yardstick', straight],
])('%s', (_name, signer) => {
  it.each(rfcCases())('signs RFC 8032 $name', (given) => {
    expect(signatureOf(signer, given)).toBe(given.signature);
  });

  it('signs as OpenSSL does at the edges and for 200 random messages', () => {
    for (const given of [...edgeCases(), ...randomCases('plain', 200)]) {
      expect(signatureOf(signer, given), given.name).toBe(given.signature);
    }
  }, 60_000);

  it('refuses a hash of the wrong length', () => {
    const key = signer.signingKeyOf(bytesOf('01'.repeat(32)), bytesOf('02'.repeat(32)));
    expect(() => signer.beginSignature(key, 'message', () => '').step()).toThrow('expected 64');
  });
});

// The interpreter is a part that only some machines have.
describe.skipIf(interpreter === '')('plain signer on the interpreter (ESPRUINO)', () => {
  // One vector, because this signer takes some twenty seconds each there.
  it('signs RFC 8032 TEST 1024', async () => {
    const cases = rfcCases().filter((given) => given.name === 'TEST 1024');
    expect(cases).toHaveLength(1);
    const code = await bundleForBoard('test/sign/plainonboard.ts', cases);
    const printed = await runOnBoard(code, new Map(), 300_000);
    expect(printed.get('signature')).toEqual(cases.map((given) => given.signature));
  }, 320_000);
});
