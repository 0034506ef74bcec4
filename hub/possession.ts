// Proof of possession: whoever enrols a public key shows that its private half is his. In: a key, and a signature about it. Out: what is wrong, or nothing.

import type { Bytes } from '../shared/bytes.ts';
import type { Context } from '../shared/cose.ts';
import { PURPOSE_ENROLMENT, signedBytes } from '../shared/cose.ts';
import { verifierOf } from './proofs.ts';

/** What the owner of a key signs to prove that it is his: the key itself, for this hub and this device id. */
export function possessionBytes(context: Context, publicKey: Bytes): Bytes {
  return signedBytes(PURPOSE_ENROLMENT, context, publicKey);
}

export function possessionFault(context: Context, publicKey: Bytes, proof: Bytes): string | undefined {
  const isProven = verifierOf(publicKey)(possessionBytes(context, publicKey), proof);
  return isProven ? undefined : 'the proof of possession was not made with this key';
}
