// The judge of evidence where Node runs: OpenSSL through node:crypto, as everywhere in the hub.

import type { Bytes } from '../../shared/bytes.ts';
import { keyFault } from '../enrolment-key.ts';
import { sha256, verifierOf } from '../proofs.ts';
import type { Judge, Verify } from './judge.ts';

/** To build a key object halves the rate of checking: a bundle's channels are of few devices. */
export function nodeJudge(): Judge {
  const verifiers = new Map<Bytes, Verify>();
  return {
    sha256,
    keyFault,
    verifierOf(publicKey) {
      const known = verifiers.get(publicKey) ?? verifierOf(publicKey);
      verifiers.set(publicKey, known);
      return known;
    },
  };
}
