// The judge of evidence where there is no OpenSSL: the wire's rule for signatures and keys [W-22] on noble's points, and noble's hashes. noble's own `verify` is not used: both of its modes
// accept signatures that the rule refuses.

import { Point } from '@noble/ed25519';
import { sha256 as nobleSha256, sha512 } from '@noble/hashes/sha2.js';
import type { Bytes, Sha256 } from '../../shared/bytes.ts';
import { linkReaches } from '../../shared/payword.ts';
import { keyFault } from '../key-rule.ts';
import type { Judge, Verify } from './judge.ts';
import { bytesIn } from './read.ts';

const ORDER = Point.CURVE().n;
const SIGNATURE_BYTES = 64;

const sha256: Sha256 = (data) => bytesOf(nobleSha256(arrayOf(data)));

export function nobleJudge(): Judge {
  const verifiers = new Map<Bytes, Verify>();
  return {
    sha256,
    reachesAnchor: (salt, link, units, anchor) => linkReaches(salt, link, units, anchor, 0, sha256),
    bytesIn,
    keyFault,
    verifierOf(publicKey) {
      const known = verifiers.get(publicKey) ?? verifierOf(publicKey);
      verifiers.set(publicKey, known);
      return known;
    },
  };
}

/** Accepts iff S < L and the encoding of [S]B - [k]A is R, byte for byte: no cofactor, and R is never decoded. */
function verifierOf(publicKey: Bytes): Verify {
  const key = arrayOf(publicKey);
  const negated = Point.fromBytes(key).negate();
  return (message, signature) => {
    if (signature.length !== SIGNATURE_BYTES) return false;
    const [r, s] = [arrayOf(signature.slice(0, 32)), scalarOf(arrayOf(signature.slice(32)))];
    if (s >= ORDER) return false;
    const challenge = scalarOf(sha512(joined(r, key, arrayOf(message)))) % ORDER;
    return bytesOf(times(Point.BASE, s).add(times(negated, challenge)).toBytes()) === bytesOf(r);
  };
}

/** Nothing here is secret, so the faster multiplication may show in its time what it multiplies. noble refuses to multiply by zero. */
function times(point: Point, scalar: bigint): Point {
  return scalar === 0n ? Point.ZERO : point.multiply(scalar, false);
}

function scalarOf(littleEndian: Uint8Array): bigint {
  return littleEndian.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function arrayOf(bytes: Bytes): Uint8Array {
  return Uint8Array.from({ length: bytes.length }, (_, i) => bytes.charCodeAt(i));
}

function bytesOf(array: Uint8Array): Bytes {
  let out = '';
  for (const byte of array) out += String.fromCharCode(byte);
  return out;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
