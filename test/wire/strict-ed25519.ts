// The wire's Ed25519 rule [W-22] written out on noble's points, as a second opinion to OpenSSL; and the key check of enrolment. In: raw bytes. Out: yes or no, or
// why a key is refused. noble's own `verify` is not used: both of its modes accept signatures that the rule refuses.

import { createHash } from 'node:crypto';
import { Point } from '@noble/ed25519';

export const ORDER = Point.CURVE().n;

export function scalarOf(littleEndian: Uint8Array): bigint {
  return BigInt('0x' + Buffer.from(littleEndian).reverse().toString('hex'));
}

export function scalarBytes(scalar: bigint): Buffer {
  return Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').reverse();
}

export function challengeOf(r: Uint8Array, publicKey: Uint8Array, message: Uint8Array): bigint {
  return scalarOf(createHash('sha512').update(r).update(publicKey).update(message).digest()) % ORDER;
}

/** noble refuses to multiply by zero. */
function times(point: Point, scalar: bigint): Point {
  return scalar === 0n ? Point.ZERO : point.multiply(scalar, false);
}

/** Accepts iff S < L and the encoding of [S]B - [k]A is R, byte for byte: no cofactor, R never decoded. */
export function accepts(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const r = signature.slice(0, 32);
  const s = scalarOf(signature.slice(32));
  if (s >= ORDER) return false;
  const k = challengeOf(r, publicKey, message);
  const point = times(Point.BASE, s).add(times(Point.fromBytes(publicKey), k).negate());
  return Buffer.from(point.toBytes()).equals(r);
}

/** Why a public key must not be enrolled; `undefined` for one that may. */
export function keyFault(publicKey: Uint8Array): string | undefined {
  let point: Point;
  try {
    point = Point.fromBytes(publicKey);
  } catch {
    return 'not-canonical'; // noble refuses y >= p, x = 0 with the sign bit, and what is not on the curve
  }
  if (point.isSmallOrder()) return 'small-order';
  return point.isTorsionFree() ? undefined : 'mixed-order';
}
