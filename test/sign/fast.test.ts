// The firmware's signature, judged by the RFC's vectors and by OpenSSL: on Node, and on the interpreter from the file that is built for it.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../shared/bytes.ts';
import { toHex } from '../../shared/bytes.ts';
import type { Means, Native } from '../../device/ed25519native.ts';
import { beginPublicKey, beginSignature, beginVerdict } from '../../device/ed25519.ts';
import { buildFile } from '../../device/build/build.ts';
import { baseTable, hubKeyFile, keyEntries, tableHash } from '../../device/build/table.ts';
import { bytesOf, edgeCases, randomCases, rfcCases, sha512 } from './cases.ts';
import type { Case } from './cases.ts';
import { interpreter, runOnBoard } from './interpreter.ts';
import { nativeOnNode } from './nativeonnode.ts';

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

function buffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function finish<T>(slice: () => T | undefined): T {
  for (let i = 0; i < 1000; i++) {
    const out = slice();
    if (out !== undefined && out !== '') return out;
  }
  throw new Error('not finished after 1000 slices');
}

function signatureOf(means: Means, { seed, publicKey, message }: Case): string {
  return toHex(finish(beginSignature(means, bytesOf(seed), bytesOf(publicKey), bytesOf(message))));
}

function verdictOn(means: Means, { publicKey, message, signature }: Case): boolean {
  const entries = buffer(keyEntries(Buffer.from(publicKey, 'hex')));
  return finish(beginVerdict(means, bytesOf(publicKey), entries, bytesOf(message), bytesOf(signature)));
}

/** The same in other bytes: S + L, which a verifier that does not look at S would take. */
function withLargeS(signature: string): string {
  const S = BigInt('0x' + Buffer.from(signature.slice(64), 'hex').reverse().toString('hex')) + ORDER;
  return signature.slice(0, 64) + Buffer.from(S.toString(16).padStart(64, '0'), 'hex').reverse().toString('hex');
}

function flipped(hex: string, bit: number): string {
  const bytes = Buffer.from(hex, 'hex');
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return bytes.toString('hex');
}

const anyCase = rfcCases()[1] as Case;

describe('the tables', () => {
  const committed = JSON.parse(readFileSync(new URL('../vectors/ed25519-tables.json', import.meta.url), 'utf8')) as Record<
    string,
    string
  >;

  it('are the same as ever', () => {
    expect(tableHash(baseTable())).toBe(committed['base']);
    expect(tableHash(keyEntries(Buffer.from(anyCase.publicKey, 'hex')))).toBe(committed['key']);
  });

  it('are not made for what is no key', () => {
    expect(() => keyEntries(Buffer.alloc(32, 0xff))).toThrow('expected an Ed25519 public key of 32 bytes, got ffff');
    expect(() => keyEntries(Buffer.alloc(31))).toThrow('expected an Ed25519 public key of 32 bytes');
  });
});

describe('the signature', () => {
  const means = { native: nativeOnNode, sha512, table: baseTable().toString('latin1') };

  it('signs RFC 8032, edges and 500 random messages as OpenSSL does', () => {
    for (const given of [...rfcCases(), ...edgeCases(), ...randomCases('fast', 500)]) {
      expect(signatureOf(means, given), given.name).toBe(given.signature);
    }
  }, 120_000);

  it('finds the public key of a seed', () => {
    for (const given of [...rfcCases(), ...edgeCases()]) {
      expect(toHex(finish(beginPublicKey(means, bytesOf(given.seed)))), given.name).toBe(given.publicKey);
    }
  }, 60_000);

  it('verifies what OpenSSL signed', () => {
    for (const given of [...rfcCases(), ...edgeCases(), ...randomCases('verify', 60)]) {
      expect(verdictOn(means, given), given.name).toBe(true);
    }
  }, 120_000);

  it('refuses every flipped bit of a signature, S + L, another message and another key', () => {
    for (let bit = 0; bit < 512; bit += 5) {
      expect(verdictOn(means, { ...anyCase, signature: flipped(anyCase.signature, bit) }), 'bit ' + bit).toBe(false);
    }
    for (const given of rfcCases()) {
      expect(verdictOn(means, { ...given, signature: withLargeS(given.signature) }), given.name).toBe(false);
      expect(verdictOn(means, { ...given, message: given.message + '00' }), given.name).toBe(false);
      if (given.publicKey !== anyCase.publicKey) expect(verdictOn(means, { ...given, publicKey: anyCase.publicKey })).toBe(false);
    }
    expect(verdictOn(means, { ...anyCase, signature: anyCase.signature.slice(2) })).toBe(false);
    expect(verdictOn(means, { ...anyCase, signature: anyCase.signature + '00' })).toBe(false);
  }, 120_000);

  it('gives nothing when a hash is short, at any of its calls', () => {
    for (let failing = 0; failing < 6; failing++) {
      let calls = 0;
      const short = { ...means, sha512: (data: Bytes) => (calls++ === failing ? '' : sha512(data)) };
      expect(() => signatureOf(short, anyCase), 'call ' + failing).toThrow('no memory for SHA-512');
    }
  });

  it('begins again with another blinding where it finds no inverse, and gives up in the end', () => {
    const failing = (times: number): Means => {
      const convolve: Native['convolve'] = (a, b, offset) =>
        a.length === 23 && times-- > 0 ? 0 : nativeOnNode.convolve(a, b, offset); // what it guesses from, twice a round
      return { ...means, native: { ...nativeOnNode, convolve } };
    };
    expect(signatureOf(failing(2), anyCase)).toBe(anyCase.signature);
    expect(signatureOf(failing(4), anyCase)).toBe(anyCase.signature);
    expect(() => signatureOf(failing(1000), anyCase)).toThrow('no inverse');
  });

  it('gives nothing when any one number of the used entries is wrong', () => {
    for (let number = 0; number < 36; number++) {
      const broken = baseTable();
      for (let at = 4 * number; at < 192 * 144; at += 144) {
        const view = new DataView(broken.buffer, broken.byteOffset + at, 4);
        view.setUint32(0, view.getUint32(0, true) ^ 0x00200000, true);
      }
      expect(() => signatureOf({ ...means, table: broken.toString('latin1') }, anyCase), 'number ' + number).toThrow(
        'not on the curve',
      );
    }
  }, 60_000);

  // The interpreter is a part that only some machines have.
  it.skipIf(interpreter === '')(
    'signs and verifies the same on the interpreter (ESPRUINO)',
    async () => {
      const cases = [...rfcCases(), ...edgeCases().filter((given) => given.message.length < 300), ...randomCases('board', 500)];
      const checked: [string, boolean][] = [
        [anyCase.signature, true],
        [withLargeS(anyCase.signature), false],
        ...[0, 100, 255, 256, 400, 511].map((bit): [string, boolean] => [flipped(anyCase.signature, bit), false]),
      ];
      const given = [
        ...cases.map(({ seed, publicKey, message }) => [seed, publicKey, message]),
        ...checked.map(([signature]) => ['', anyCase.message, signature]),
      ];
      const code: string[] = [];
      for (let at = 0; at < given.length; at += 60) {
        const define = { GIVEN: JSON.stringify(given.slice(at, at + 60)) };
        code.push((await buildFile('test/sign/sign-onboard.ts', define)).code);
      }
      const files = new Map([
        ['ts.table', baseTable()],
        ['ts.hub', hubKeyFile(Buffer.from(anyCase.publicKey, 'hex'))],
      ]);
      const answers: string[] = [];
      for (const one of code) answers.push(...((await runOnBoard(one, files, 300_000)).get('answer') ?? []));
      expect(answers).toEqual([
        ...cases.map((one, i) => one.signature + (i % 60 < 5 ? one.publicKey : '')),
        ...checked.map(([, good]) => String(good)),
      ]);
    },
    900_000,
  );
});
