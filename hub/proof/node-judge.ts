// The judge of evidence where Node runs: OpenSSL through node:crypto, as everywhere in the hub.

import type { Bytes } from '../../shared/bytes.ts';
import { bytesOfHex } from '../blob.ts';
import { keyFault } from '../key-rule.ts';
import { reachesAnchor } from '../link-walk.ts';
import { sha256, verifierOf } from '../proofs.ts';
import type { Judge, Verify } from './judge.ts';

/** Keys that are remembered: of each a file names, and some more. */
const KEYS_HELD = 10_000;

/** To build a key object halves the rate of checking, and to look at a key is dearer than a hundred signatures: both are done once for each key, as far as they are held. */
function judge(): Judge {
  const verifiers = new Map<Bytes, Verify>();
  const faults = new Map<Bytes, string | undefined>();
  return {
    sha256,
    reachesAnchor,
    bytesIn: bytesOfHex,
    keyFault(publicKey) {
      if (!faults.has(publicKey)) hold(faults, publicKey, keyFault(publicKey));
      return faults.get(publicKey);
    },
    verifierOf(publicKey) {
      const known = verifiers.get(publicKey);
      return known ?? hold(verifiers, publicKey, verifierOf(publicKey));
    },
  };
}

function hold<Value>(held: Map<Bytes, Value>, key: Bytes, value: Value): Value {
  if (held.size >= KEYS_HELD) held.clear();
  held.set(key, value);
  return value;
}

export const NODE_JUDGE = judge();
