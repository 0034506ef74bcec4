// The fast signer, both engines and both tables, judged by the RFC's vectors and by OpenSSL, on Node and on the interpreter.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../shared/bytes.ts';
import { toHex } from '../../shared/bytes.ts';
import type { Signer } from '../../device/ed25519.ts';
import { signerOf } from '../../device/ed25519.ts';
import type { CombShape } from '../../device/ed25519comb.ts';
import { openTable } from '../../device/ed25519comb.ts';
import { loopEngine } from '../../device/ed25519loops.ts';
import type { MakeEngine } from '../../device/ed25519point.ts';
import { unrolledEngine } from '../../device/ed25519unrolled.ts';
import { LARGE_COMB, SMALL_COMB, combTable, tableHash } from '../../device/build/table.ts';
import { bytesOf, edgeCases, randomCases, rfcCases, sha512 } from './cases.ts';
import type { Case } from './cases.ts';
import { bundleForBoard, interpreter, runOnBoard } from './interpreter.ts';
import { nativeOnNode } from './nativeonnode.ts';

const BUILDS: [string, MakeEngine, CombShape, string][] = [
  ['unrolled, 27 KB', unrolledEngine, LARGE_COMB, 'test/sign/unrolledonboard.ts'],
  ['unrolled, 1.1 KB', unrolledEngine, SMALL_COMB, 'test/sign/unrolledonboard.ts'],
  ['loops, 27 KB', loopEngine, LARGE_COMB, 'test/sign/loopsonboard.ts'],
  ['loops, 1.1 KB', loopEngine, SMALL_COMB, 'test/sign/loopsonboard.ts'],
];

function tableOf(shape: CombShape): ArrayBuffer {
  return new Uint8Array(combTable(shape)).buffer;
}

function finish(slices: { step(): Bytes }): Bytes {
  for (let i = 0; i < 200; i++) {
    const out = slices.step();
    if (out !== '') return out;
  }
  throw new Error('not finished after 200 slices');
}

function signatureOf(signer: Signer, given: Case): string {
  const key = signer.signingKeyOf(bytesOf(given.seed), bytesOf(given.publicKey));
  return toHex(finish(signer.beginSignature(key, bytesOf(given.message), sha512)));
}

const anyCase = rfcCases()[1] as Case;

describe('the tables', () => {
  const committed = JSON.parse(readFileSync(new URL('../vectors/ed25519-tables.json', import.meta.url), 'utf8')) as Record<
    string,
    string
  >;

  it.each([
    ['large', LARGE_COMB],
    ['small', SMALL_COMB],
  ])('%s is the same as ever', (name, shape) => {
    expect(tableHash(combTable(shape))).toBe(committed[name]);
  });

  it('refuses a table of another shape', () => {
    expect(() => openTable(LARGE_COMB, tableOf(SMALL_COMB))).toThrow('2224 bytes, expected 28720');
  });
});

describe.each(BUILDS)('%s', (_name, makeEngine, shape, entry) => {
  const table = tableOf(shape);
  const signer = signerOf(nativeOnNode, openTable(shape, table), makeEngine);

  it('signs RFC 8032, edges and 500 random messages as OpenSSL does', () => {
    for (const given of [...rfcCases(), ...edgeCases(), ...randomCases('fast', 500)]) {
      expect(signatureOf(signer, given), given.name).toBe(given.signature);
    }
  }, 60_000);

  it('finds the public key of a seed', () => {
    for (const given of [...rfcCases(), ...edgeCases()]) {
      const key = signer.signingKeyOf(bytesOf(given.seed), bytesOf(given.publicKey));
      expect(toHex(finish(signer.beginPublicKey(key, sha512))), given.name).toBe(given.publicKey);
    }
  }, 60_000);

  it('signs with one key again and again', () => {
    const key = signer.signingKeyOf(bytesOf(anyCase.seed), bytesOf(anyCase.publicKey));
    for (let i = 0; i < 3; i++) {
      expect(toHex(finish(signer.beginSignature(key, bytesOf(anyCase.message), sha512)))).toBe(anyCase.signature);
    }
  });

  it('gives nothing when a hash is short, at any of its calls', () => {
    for (let failing = 0; failing < 4; failing++) {
      let calls = 0;
      const key = signer.signingKeyOf(bytesOf(anyCase.seed), bytesOf(anyCase.publicKey));
      const signing = signer.beginSignature(key, 'message', (data) => (calls++ === failing ? '' : sha512(data)));
      expect(() => finish(signing), 'call ' + failing).toThrow('expected 64');
    }
  });

  it('gives nothing when any one number of a used entry is wrong', () => {
    for (let number = 0; number < 36; number++) {
      const broken = table.slice(0);
      for (let at = 4 * number; at < broken.byteLength - 1072; at += 144) {
        const view = new DataView(broken, at, 4);
        view.setUint32(0, view.getUint32(0, true) ^ 0x00200000, true);
      }
      const faulty = signerOf(nativeOnNode, openTable(shape, broken), makeEngine);
      expect(() => signatureOf(faulty, anyCase), 'number ' + number).toThrow('not on the curve');
    }
  });

  // The interpreter is a part that only some machines have.
  it.skipIf(interpreter === '')(
    'signs the same on the interpreter (ESPRUINO)',
    async () => {
      const cases = [...rfcCases(), ...edgeCases().filter((given) => given.message.length < 300), ...randomCases('board', 40)];
      const given = { shape, cases: cases.map(({ seed, publicKey, message }) => ({ seed, publicKey, message })) };
      const printed = await runOnBoard(await bundleForBoard(entry, given), new Map([['comb', combTable(shape)]]), 300_000);
      expect(printed.get('signature')).toEqual(cases.map((one) => one.signature));
      expect(printed.get('publicKey')).toEqual(cases.slice(0, 3).map((one) => one.publicKey));
    },
    320_000,
  );
});
