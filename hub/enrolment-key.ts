// The rule for a device's public key, checked once at enrolment so that every verifier agrees about its signatures ever after: canonical, not of small
// order, free of torsion, and its owner has the private half. In: a key, a proof of possession. Out: what is wrong, or nothing.

import { Point } from '@noble/ed25519';
import type { Bytes } from '../shared/bytes.ts';
import type { Context } from '../shared/cose.ts';
import { PURPOSE_ENROLMENT, signedBytes } from '../shared/cose.ts';
import { blobOf, bytesOf } from './blob.ts';
import { verifierOf } from './proofs.ts';

/** What the owner of a key signs to prove that it is his: the key itself, for this hub and this device id. */
export function possessionBytes(context: Context, publicKey: Bytes): Bytes {
  return signedBytes(PURPOSE_ENROLMENT, context, publicKey);
}

export function keyFault(publicKey: Bytes): string | undefined {
  if (publicKey.length !== 32) return `expected a public key of 32 bytes, got ${publicKey.length}`;
  let point: Point;
  try {
    point = Point.fromBytes(blobOf(publicKey));
  } catch {
    return 'expected a canonical point of the curve, got other bytes';
  }
  if (bytesOf(point.toBytes()) !== publicKey) return 'expected the canonical encoding of the point, got another';
  if (point.isSmallOrder()) return 'the key is of small order: anybody could sign for it';
  if (!point.isTorsionFree()) return 'the key is outside the prime-order group: verifiers would disagree about it';
  return undefined;
}

export function possessionFault(context: Context, publicKey: Bytes, proof: Bytes): string | undefined {
  const isProven = verifierOf(publicKey)(possessionBytes(context, publicKey), proof);
  return isProven ? undefined : 'the proof of possession was not made with this key';
}
