// The hub's cryptography, all of it from OpenSSL through node:crypto, which is the judge of every signature. In: byte strings and keys. Out:
// hashes, tags and yes or no. It must never build a key object per message: that alone halves the rate of verification.

import { createHmac, createPublicKey, createSecretKey, hash, timingSafeEqual, verify } from 'node:crypto';
import type { Bytes, Sha256 } from '../shared/bytes.ts';
import { toBase64url } from '../shared/bytes.ts';
import type { Mac } from '../shared/downlink.ts';
import type { Verify } from './accept.ts';
import { blobOf } from './blob.ts';

// Chain links are the hot path: 35 bytes hashed out of one buffer that is never given away.
const SCRATCH = Buffer.alloc(64);

export const sha256: Sha256 = (data) => {
  if (data.length > SCRATCH.length) return hash('sha256', blobOf(data), 'binary');
  SCRATCH.write(data, 0, 'latin1');
  return hash('sha256', SCRATCH.subarray(0, data.length), 'binary');
};

export function verifierOf(publicKey: Bytes): Verify {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: toBase64url(publicKey) }, format: 'jwk' });
  return (message, signature) => verify(null, blobOf(message), key, blobOf(signature));
}

export function macOf(macKey: Bytes): Mac {
  const key = createSecretKey(blobOf(macKey));
  return (data) => createHmac('sha256', key).update(data, 'latin1').digest('binary').substring(0, 8);
}

/** Compares hashes in a time that does not tell where they differ. */
export function sameDigest(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && timingSafeEqual(blobOf(a), blobOf(b));
}
