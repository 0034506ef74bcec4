// The board's fast signer: Ed25519 (RFC 8032), deterministic, in slices, on the platform's native dot product. In: the native operations, a comb
// table from flash, a point engine; then a seed, its public key, a message, SHA-512. Out: 64 bytes. It must never sign with a hash of the wrong
// length, and never give a signature whose nonce point is not on the curve. It is not constant in time; every number that depends on the nonce is
// blinded with a factor that only the key's owner can derive.

import type { Bytes } from '../shared/bytes.ts';
import type { Native } from './ed25519native.ts';
import type { CombTable, CombWork, Multiple } from './ed25519comb.ts';
import type { MakeEngine } from './ed25519point.ts';
import { beginMultiple, openComb } from './ed25519comb.ts';
import { LIMBS, WEIGHTS } from './ed25519field.ts';
import { COMB_SHIFT, combValue, halve, multiplyDigits, scalarWheel } from './ed25519scalar.ts';

export type Sha512 = (data: Bytes) => Bytes;

export interface SigningKey {
  readonly seed: Bytes;
  readonly publicKey: Bytes;
  /** The secret prefix of the nonce's hash (RFC 8032), '' until the first signature. */
  prefix: Bytes;
  /** The secret scalar, ready for products; empty until the first signature. */
  wheel: Uint32Array;
}

export interface Signing {
  /** One slice of work: '' until the 64 bytes of the signature are there. Throws, and gives nothing, when a check fails. */
  step(): Bytes;
}

export interface Signer {
  signingKeyOf(seed: Bytes, publicKey: Bytes): SigningKey;
  /** One signature at a time may be under way. */
  beginSignature(key: SigningKey, message: Bytes, sha512: Sha512): Signing;
  /** The public key that belongs to the key's seed: equal to `publicKey`, or else the configuration or the table is wrong. */
  beginPublicKey(key: SigningKey, sha512: Sha512): Multiple;
}

const NONE = [0, 0, 0, 0, 0, 0, 0, 0];
const BLINDING_TAG = 'tallystick blinding';

function hash(sha512: Sha512, data: Bytes): Bytes {
  const out = sha512(data);
  // A shorter hash would make a nonce that everybody knows, and with it the secret key.
  if (out.length !== 64) throw new Error('SHA-512 gave ' + out.length + ' bytes, expected 64: the board is out of memory');
  return out;
}

/** 64 bytes as 32 digits of 16 bits. */
function digitsOf(native: Native, bytes: Bytes): Uint16Array {
  const out = new Uint16Array(native.toArrayBuffer(bytes));
  if (out.length !== 32) throw new Error('a hash became ' + out.length + ' digits, expected 32: the board is out of memory');
  return out;
}

/** 192 bits that nobody else can know, the same for the same message: a board has no entropy. */
function blindingOf(native: Native, sha512: Sha512, prefix: Bytes, message: Bytes): number[] {
  const digits = digitsOf(native, hash(sha512, BLINDING_TAG + prefix + message));
  const out = [];
  for (let i = 0; i < LIMBS; i++) out.push((digits[i]! + 1) * WEIGHTS[i]!);
  return out;
}

function clamped(native: Native, expanded: Bytes): Uint8Array {
  const a = new Uint8Array(32);
  a.set(new Uint8Array(digitsOf(native, expanded).buffer).subarray(0, 32));
  a[0] = a[0]! & 248;
  a[31] = (a[31]! & 127) | 64;
  return a;
}

function expandKey(native: Native, key: SigningKey, sha512: Sha512): Uint8Array {
  const expanded = hash(sha512, key.seed);
  const a = clamped(native, expanded);
  key.prefix = expanded.substring(32);
  key.wheel = scalarWheel(a);
  return a;
}

function beginSignatureWith(work: CombWork, key: SigningKey, message: Bytes, sha512: Sha512): Signing {
  const native = work.native;
  const matrix = work.table.matrix;
  let nonce: Uint32Array = new Uint32Array(0); // the comb's scalar of r
  let multiple: Multiple | undefined;
  let R = '';

  function start(): void {
    if (key.prefix === '') expandKey(native, key, sha512);
    nonce = halve(native, matrix, digitsOf(native, hash(sha512, key.prefix + message)), COMB_SHIFT);
    multiple = beginMultiple(work, nonce, work.engine.begin(blindingOf(native, sha512, key.prefix, message)));
  }

  // S = r + H(R | A | M) a mod L.
  function finish(): Bytes {
    const half = halve(native, matrix, digitsOf(native, hash(sha512, R + key.publicKey + message)), NONE);
    const S = halve(native, matrix, multiplyDigits(native, half, key.wheel), combValue(nonce));
    return R + native.toBytes(S.buffer as ArrayBuffer);
  }

  return {
    step: function (): Bytes {
      if (multiple === undefined) start();
      else if (R === '') R = multiple.step();
      else return finish();
      return '';
    },
  };
}

function beginPublicKeyWith(work: CombWork, key: SigningKey, sha512: Sha512): Multiple {
  const native = work.native;
  const digits = new Uint16Array(32);
  digits.set(new Uint16Array(expandKey(native, key, sha512).buffer));
  const scalar = halve(native, work.table.matrix, digits, COMB_SHIFT);
  return beginMultiple(work, scalar, work.engine.begin(blindingOf(native, sha512, key.prefix, '')));
}

export function signerOf(native: Native, table: CombTable, makeEngine: MakeEngine): Signer {
  const work = openComb(native, table, makeEngine(native));
  return {
    signingKeyOf: function (seed: Bytes, publicKey: Bytes): SigningKey {
      return { seed: seed, publicKey: publicKey, prefix: '', wheel: new Uint32Array(0) };
    },
    beginSignature: function (key: SigningKey, message: Bytes, sha512: Sha512): Signing {
      return beginSignatureWith(work, key, message, sha512);
    },
    beginPublicKey: function (key: SigningKey, sha512: Sha512): Multiple {
      return beginPublicKeyWith(work, key, sha512);
    },
  };
}
