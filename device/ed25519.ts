// Ed25519 (RFC 8032) on the platform's native dot product, in slices: signatures, public keys, verification. In: the native operations, SHA-512, a
// comb table from flash; then keys and a message. Out: bytes, or a verdict. It must never sign with a hash of the wrong length, nor give a signature whose
// nonce point is not on the curve. It is not constant in time; every number that depends on a nonce is blinded with a factor that only the key's owner
// can derive. All of it is made when it is opened and gone when nobody holds it: a board has no memory for what it does not use.

import type { Bytes } from '../shared/bytes.ts';
import type { Comb } from './ed25519comb.ts';
import { beginSum, termOf } from './ed25519comb.ts';
import { powersOfTwo } from './ed25519field.ts';
import type { Limbs, Native } from './ed25519native.ts';
import { D_AT, MATRIX_AT } from './ed25519table.ts';
import { ORDER, halve } from './ed25519scalar.ts';

export type Sha512 = (data: Bytes) => Bytes;

/** One slice of work: '' until the bytes are there. Throws, and gives nothing, when a check fails. */
export type Slices = () => Bytes;

export interface Ed25519 {
  sign(seed: Bytes, publicKey: Bytes, message: Bytes): Slices;
  publicKey(seed: Bytes): Slices;
  /** `keyEntries`: the comb of -A. True if and only if S < L and R is, byte for byte, S B - H(R | A | M) A; `undefined` while it goes on. */
  verify(publicKey: Bytes, keyEntries: ArrayBuffer, message: Bytes, signature: Bytes): () => boolean | undefined;
}

export function openEd25519(native: Native, sha512: Sha512, table: Bytes): Ed25519 {
  const entries = native.toArrayBuffer(table);
  const base: Comb = { combs: 6, teeth: 6, spacing: 7, entries: entries };
  const d = new Float32Array(entries, D_AT, 12);

  /** The hash as 32 digits of 16 bits. A shorter one would make a nonce that everybody knows, and with it the secret key. */
  function digitsOf(data: Bytes): Uint16Array {
    const out = new Uint16Array(native.toArrayBuffer(sha512(data)));
    if (out.length !== 32) throw new Error('no memory for SHA-512');
    return out;
  }

  function scalarOf(digits: Limbs, comb?: Limbs): Uint32Array {
    return halve(native, entries, MATRIX_AT, digits, comb);
  }

  /** 192 bits that nobody can know who does not know `secret`: a board has no entropy. */
  function blinded(secret: Bytes): (attempt: number) => Limbs {
    return function (attempt: number): Limbs {
      const digits = digitsOf('blind' + attempt + secret);
      const powers = powersOfTwo();
      const out = new Float64Array(12);
      for (let i = 0; i < 12; i++) out[i] = (digits[i]! + 1) * powers[11 - i]!;
      return out;
    };
  }

  /** The clamped secret scalar of an expanded key, as digits. */
  function secretOf(expanded: Uint16Array): Uint16Array {
    const out = new Uint16Array(expanded.subarray(0, 16));
    out[0]! &= 65528;
    out[15] = (out[15]! & 32767) | 16384;
    return out;
  }

  return {
    sign: function (seed: Bytes, publicKey: Bytes, message: Bytes): Slices {
      let secret: Uint16Array;
      let prefix = '';
      let nonce: Uint32Array | undefined; // whose comb is r
      let sum: Slices | undefined;
      let wheel: Float64Array | undefined;
      let product: Uint16Array; // the digits of 2 H(R | A | M) a
      let digit = 0;
      let over = 0;
      let R = '';

      function start(): void {
        secret = digitsOf(seed);
        prefix = native.toBytes(new Uint8Array(secret.buffer)).substring(32);
      }

      /** The factors H(R | A | M) and a. */
      function factors(): void {
        wheel = new Float64Array(48);
        wheel.set(new Float64Array(digitsOf(R + publicKey + message)).slice(0, 32).reverse());
        secret = secretOf(secret);
        product = new Uint16Array(48);
      }

      /** Half of the product. The wheel is [b31 .. b0, 16 zeros] for the digits b of the hash. */
      function multiply(): void {
        const C = native.convolve;
        for (const end = digit + 24; digit < end; digit++) {
          product[digit] = over += 2 * C(secret, wheel!, 31 - digit); // keeps the 16 bits of the digit
          over = Math.floor(over / 65536);
        }
      }

      return function (): Bytes {
        if (prefix === '') start();
        else if (nonce === undefined) nonce = scalarOf(digitsOf(prefix + message));
        else if (sum === undefined) sum = beginSum(native, table, d, [termOf(native, base, nonce)], blinded(prefix + message));
        else if (R === '') R = sum();
        else if (!wheel) factors();
        else if (digit < 48) multiply();
        else return R + native.toBytes(new Uint8Array(scalarOf(product, nonce).buffer)); // S = r + H(R | A | M) a mod L
        return '';
      };
    },
    publicKey: function (seed: Bytes): Slices {
      const scalar = scalarOf(secretOf(digitsOf(seed)));
      return beginSum(native, table, d, [termOf(native, base, scalar)], blinded(seed));
    },
    verify: function (publicKey: Bytes, keyEntries: ArrayBuffer, message: Bytes, signature: Bytes): () => boolean | undefined {
      const R = signature.substring(0, 32);
      let sum: Slices | undefined;

      /** `undefined` when S is not below L. */
      function start(): Slices | undefined {
        if (signature.length !== 64) return undefined;
        const words = new Uint32Array(native.toArrayBuffer(signature.substring(32)));
        const order = ORDER;
        let i = 7;
        while (i > 0 && words[i] === order[i]) i--;
        if (words[i]! >= order[i]!) return undefined;
        const key: Comb = { combs: 1, teeth: 4, spacing: 63, entries: keyEntries };
        const terms = [
          termOf(native, base, scalarOf(new Uint16Array(words.buffer))),
          termOf(native, key, scalarOf(digitsOf(R + publicKey + message))),
        ];
        return beginSum(native, table, d, terms, blinded(signature));
      }

      return function (): boolean | undefined {
        if (sum === undefined) sum = start();
        if (sum === undefined) return false;
        const out = sum();
        return out === '' ? undefined : out === R;
      };
    },
  };
}
