// A new Ed25519 key pair. In: nothing but the system's randomness. Out: seed and public key as they travel. It must not hand out the key objects that
// Node has generated: in Node 20, exporting one of those while the garbage collector frees its generator locks the process up for good.

import { generateKeyPairSync } from 'node:crypto';
import type { Bytes } from '../shared/bytes.ts';
import { deviceIdOf } from './ids.ts';

export interface KeyPair {
  /** 32 bytes, RFC 8032. */
  readonly seed: Bytes;
  /** 32 bytes. */
  readonly publicKey: Bytes;
}

/** A pair whose device id can be typed: one that begins with `-` reads as an option on every command line, so such a pair is not used. */
export function makeKeyPair(): KeyPair {
  for (;;) {
    const pair = generateKeyPair();
    if (!deviceIdOf(pair.publicKey).startsWith('-')) return pair;
  }
}

/** Encoded within the generator. RFC 8410: in either form of an Ed25519 key its 32 bytes are the last. */
function generateKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  });
  return { seed: privateKey.subarray(-32).toString('latin1'), publicKey: publicKey.subarray(-32).toString('latin1') };
}
