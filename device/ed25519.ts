// Ed25519 (RFC 8032) on the platform's native dot product, in slices: signatures, public keys, verification. In: the native operations, SHA-512, a
// comb table from flash; then keys and a message. Out: bytes, or a verdict. It must never sign with a hash of the wrong length, nor give a signature whose
// nonce point is not on the curve. It is not constant in time; every number that depends on a nonce is blinded with a factor that only the key's owner
// can derive. All of it is made when it begins and gone when nobody holds it: a board has no memory for what it does not use.

import type { Bytes } from '../shared/bytes.ts';
import type { Comb } from './ed25519comb.ts';
import { beginSum, termOf } from './ed25519comb.ts';
import { powersOfTwo } from './ed25519field.ts';
import type { Limbs, Native } from './ed25519native.ts';
import { MATRIX_AT } from './ed25519table.ts';
import { ORDER, halve } from './ed25519scalar.ts';

export type Sha512 = (data: Bytes) => Bytes;

/** What all of it needs. */
export interface Means {
  readonly native: Native;
  readonly sha512: Sha512;
  /** As it lies in flash. */
  readonly table: Bytes;
}

/** One slice of work: '' until the bytes are there. Throws, and gives nothing, when a check fails. */
export type Slices = () => Bytes;

/** The hash as 32 digits of 16 bits. A shorter one would make a nonce that everybody knows, and with it the secret key. */
function digitsOf(means: Means, data: Bytes): Uint16Array {
  const out = new Uint16Array(means.native.toArrayBuffer(means.sha512(data)));
  if (out.length !== 32) throw new Error('no memory for SHA-512');
  return out;
}

/** The scalar whose bits are the signs of a comb for these digits; with a comb's scalar, the digits' half added to what that comb adds up to. */
function scalarOf(means: Means, digits: Limbs, comb?: Limbs): Uint32Array {
  return halve(means.native, means.native.toArrayBuffer(means.table), MATRIX_AT, digits, comb);
}

function baseComb(means: Means): Comb {
  return { combs: 6, teeth: 6, spacing: 7, entries: means.native.toArrayBuffer(means.table) };
}

/** 192 bits that nobody can know who does not know `secret`: a board has no entropy. */
function blindingOf(means: Means, attempt: number, secret: Bytes): Float64Array {
  const digits = digitsOf(means, 'blind' + attempt + secret);
  const powers = powersOfTwo();
  const out = new Float64Array(12);
  for (let i = 0; i < 12; i++) out[i] = (digits[i]! + 1) * powers[11 - i]!;
  return out;
}

/** The second half of an expanded key. */
function prefixOf(means: Means, seed: Bytes): Bytes {
  return means.native.toBytes(new Uint8Array(digitsOf(means, seed).buffer)).substring(32);
}

/** The clamped secret scalar of a seed, as digits. */
function secretOf(means: Means, seed: Bytes): Uint16Array {
  const out = new Uint16Array(digitsOf(means, seed).subarray(0, 16));
  out[0]! &= 65528;
  out[15] = (out[15]! & 32767) | 16384;
  return out;
}

/** The second half of a signature, S = r + H(R | A | M) a mod L: `signed` is R | A | M, and `nonce` the scalar whose comb is r. */
function beginProof(means: Means, seed: Bytes, signed: Bytes, nonce: Uint32Array): Slices {
  const secret = secretOf(means, seed);
  const wheel = new Float64Array(48); // [b31 .. b0, 16 zeros] for the digits b of the hash
  const product = new Uint16Array(48); // the digits of 2 H(R | A | M) a
  let digit = 0;
  let over = 0;
  wheel.set(new Float64Array(digitsOf(means, signed)).slice(0, 32).reverse());

  return function (): Bytes {
    if (digit === 48) return means.native.toBytes(new Uint8Array(scalarOf(means, product, nonce).buffer));
    const C = means.native.convolve;
    for (const end = digit + 24; digit < end; digit++) {
      product[digit] = over += 2 * C(secret, wheel, 31 - digit); // keeps the 16 bits of the digit
      over = Math.floor(over / 65536);
    }
    return '';
  };
}

export function beginSignature(means: Means, seed: Bytes, publicKey: Bytes, message: Bytes): Slices {
  let prefix = '';
  let nonce: Uint32Array | undefined; // whose comb is r
  let R = '';
  let half: Slices | undefined; // of the signature, under way

  /** The way to R, and what comes between the halves. */
  function prepare(): Bytes {
    if (R !== '') half = beginProof(means, seed, R + publicKey + message, nonce!);
    else if (prefix === '') prefix = prefixOf(means, seed);
    else if (nonce === undefined) nonce = scalarOf(means, digitsOf(means, prefix + message));
    else {
      half = beginSum(means.native, means.table, [termOf(means.native, baseComb(means), nonce)], function (attempt) {
        return blindingOf(means, attempt, prefixOf(means, seed) + message);
      });
    }
    return '';
  }

  function take(out: Bytes): Bytes {
    half = undefined;
    if (R !== '') return R + out;
    R = out;
    return '';
  }

  return function (): Bytes {
    const out = half === undefined ? prepare() : half();
    return out === '' ? '' : take(out);
  };
}

export function beginPublicKey(means: Means, seed: Bytes): Slices {
  const scalar = scalarOf(means, secretOf(means, seed));
  return beginSum(means.native, means.table, [termOf(means.native, baseComb(means), scalar)], function (attempt) {
    return blindingOf(means, attempt, seed);
  });
}

/** The scalars of a verification, S and H(R | A | M), as terms; `undefined` when S is not below L. */
function termsOf(means: Means, publicKey: Bytes, keyEntries: ArrayBuffer, message: Bytes, signature: Bytes) {
  const native = means.native;
  if (signature.length !== 64) return undefined;
  const words = new Uint32Array(native.toArrayBuffer(signature.substring(32)));
  const order = ORDER;
  let i = 7;
  while (i > 0 && words[i] === order[i]) i--;
  if (words[i]! >= order[i]!) return undefined;
  const key: Comb = { combs: 1, teeth: 4, spacing: 63, entries: keyEntries };
  return [
    termOf(native, baseComb(means), scalarOf(means, new Uint16Array(words.buffer))),
    termOf(native, key, scalarOf(means, digitsOf(means, signature.substring(0, 32) + publicKey + message))),
  ];
}

/**
 * `keyEntries`: the comb of -A. True if and only if S < L and R is, byte for byte, S B - H(R | A | M) A; `undefined` while it goes on.
 */
export function beginVerdict(
  means: Means,
  publicKey: Bytes,
  keyEntries: ArrayBuffer,
  message: Bytes,
  signature: Bytes,
): () => boolean | undefined {
  let sum: Slices | undefined;
  return function (): boolean | undefined {
    if (sum === undefined) {
      const terms = termsOf(means, publicKey, keyEntries, message, signature);
      if (terms === undefined) return false;
      sum = beginSum(means.native, means.table, terms, function (attempt) {
        return blindingOf(means, attempt, signature);
      });
    }
    const out = sum();
    return out === '' ? undefined : out === signature.substring(0, 32);
  };
}
