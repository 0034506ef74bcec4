// The rule for a device's public key [W-22], checked at enrolment so that every verifier agrees about its signatures ever after: canonical, not of small order, free of torsion. In: a key. Out: what
// is wrong, or nothing. It runs in browsers too, so it must never need Node.

import { Point } from '@noble/ed25519';
import type { Bytes } from '../shared/bytes.ts';
import { toHex } from '../shared/bytes.ts';

/** Keys that were found good: a device has many channels, and an audit asks of each. Forgotten all at once when there are too many. */
const good = new Set<Bytes>();
const GOOD_HELD = 4096;

export function keyFault(publicKey: Bytes): string | undefined {
  if (good.has(publicKey)) return undefined;
  const fault = faultOf(publicKey);
  if (good.size >= GOOD_HELD) good.clear();
  if (fault === undefined) good.add(publicKey);
  return fault;
}

function faultOf(publicKey: Bytes): string | undefined {
  if (publicKey.length !== 32) return `expected a public key of 32 bytes, got ${publicKey.length}`;
  const hex = toHex(publicKey);
  let point: Point;
  try {
    point = Point.fromHex(hex);
  } catch {
    return 'expected a canonical point of the curve, got other bytes';
  }
  if (point.toHex() !== hex) return 'expected the canonical encoding of the point, got another';
  if (point.isSmallOrder()) return 'the key is of small order: anybody could sign for it';
  if (!point.isTorsionFree()) return 'the key is outside the prime-order group: verifiers would disagree about it';
  return undefined;
}
