// Ed25519 (RFC 8032) on the platform's native dot product, in slices: signatures, public keys, verification. In: the native operations, SHA-512, a
// comb table from flash; then keys and a message. Out: bytes, or a verdict. It must never sign with a hash of the wrong length, nor give a signature whose
// nonce point is not on the curve. It is not constant in time; every number that depends on a nonce is blinded with a factor that only the key's owner
// can derive. All of it is made when it begins and gone when nobody holds it: a board has no memory for what it does not use.

import type { Bytes } from '../shared/bytes.ts';
import type { Comb, Sum, Term } from './ed25519comb.ts';
import { beginSum, blindingOf, digitsOf, sumSlice, termOf } from './ed25519comb.ts';
import type { Means } from './ed25519native.ts';
import { ORDER, halve } from './ed25519scalar.ts';

/** One slice of work: '' until the bytes are there. Throws, and gives nothing, when a check fails. */
export type Slices = () => Bytes;

function baseComb(means: Means): Comb {
  return { combs: 6, teeth: 6, spacing: 7, entries: means.native.toArrayBuffer(means.table) };
}

/** The multiple of the base point that a comb makes of this scalar; what blinds comes from the secret. */
function beginBaseSum(means: Means, scalar: Uint32Array, secret: Bytes): Sum {
  return beginSum(means, [termOf(baseComb(means), scalar)], blindingOf(means, secret));
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
    if (digit === 48) return means.native.toBytes(new Uint8Array(halve(means, product, nonce).buffer));
    const C = means.native.convolve;
    for (const end = digit + 24; digit < end; digit++) {
      product[digit] = over += 2 * C(secret, wheel, 31 - digit); // keeps the 16 bits of the digit
      over = Math.floor(over / 65536);
    }
    return '';
  };
}

export function beginSignature(means: Means, seed: Bytes, publicKey: Bytes, message: Bytes): Slices {
  let nonce: Uint32Array | undefined; // whose comb is r
  let sum: Sum | undefined;
  let R = '';
  let proof: Slices | undefined;

  return function (): Bytes {
    if (sum !== undefined) {
      R = sumSlice(sum);
      if (R !== '') sum = undefined;
      return ''; // the rest is not read, which a slice of the sum would pay for
    }
    if (proof !== undefined) {
      const S = proof();
      if (S !== '') return R + S;
    } else if (R !== '') proof = beginProof(means, seed, R + publicKey + message, nonce!);
    else if (nonce === undefined) nonce = halve(means, digitsOf(means, prefixOf(means, seed) + message));
    else sum = beginBaseSum(means, nonce, prefixOf(means, seed) + message);
    return '';
  };
}

export function beginPublicKey(means: Means, seed: Bytes): Slices {
  let scalar: Uint32Array | undefined;
  let sum: Sum | undefined;

  return function (): Bytes {
    if (sum !== undefined) return sumSlice(sum);
    if (scalar === undefined) scalar = halve(means, secretOf(means, seed));
    else sum = beginBaseSum(means, scalar, seed);
    return '';
  };
}

function isBelowOrder(words: Uint32Array): boolean {
  const order = ORDER;
  let i = 7;
  while (i > 0 && words[i] === order[i]) i--;
  return words[i]! < order[i]!;
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
  const R = signature.substring(0, 32);
  const terms: Term[] = [];
  let sum: Sum | undefined;

  return function (): boolean | undefined {
    if (sum !== undefined) {
      const out = sumSlice(sum);
      return out === '' ? undefined : out === R;
    }
    if (terms.length < 1) {
      if (signature.length !== 64) return false;
      const S = new Uint16Array(means.native.toArrayBuffer(signature.substring(32)));
      if (!isBelowOrder(new Uint32Array(S.buffer))) return false;
      terms.push(termOf(baseComb(means), halve(means, S)));
    } else if (terms.length < 2) {
      const key: Comb = { combs: 1, teeth: 4, spacing: 63, entries: keyEntries };
      terms.push(termOf(key, halve(means, digitsOf(means, R + publicKey + message))));
    } else sum = beginSum(means, terms, blindingOf(means, signature));
    return undefined;
  };
}
