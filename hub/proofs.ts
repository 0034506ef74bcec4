// The hub's cryptography out of OpenSSL through node:crypto, which is the judge of every signature (ed25519.ts has its answers in half the time). In: byte strings and keys.
// Out: hashes, tags and yes or no. It must never build a key object per message: that alone halves the rate of verification.

import { createPublicKey, hash, timingSafeEqual, verify } from 'node:crypto';
import type { Bytes, Sha256 } from '../shared/bytes.ts';
import { toBase64url } from '../shared/bytes.ts';
import type { Mac } from '../shared/downlink.ts';
import type { Verify } from './accept.ts';
import { blobOf, bytesOf } from './blob.ts';

// Links, tags and signatures are the hot path: taken out of buffers that are never given away, through views that are made once per length.
const SCRATCH = Buffer.alloc(512);
const VIEWS: Array<Buffer | undefined> = new Array<undefined>(SCRATCH.length + 1).fill(undefined);

export const sha256: Sha256 = (data) => hash('sha256', viewOf(data), 'binary');

/** Good until the next call. */
export function viewOf(data: Bytes): Buffer {
  const { length } = data;
  if (length > SCRATCH.length) return blobOf(data);
  SCRATCH.write(data, 'latin1');
  return (VIEWS[length] ??= SCRATCH.subarray(0, length));
}

export type VerifyLater = (message: Bytes, signature: Bytes, done: (isGood: boolean) => void) => void;

export interface Verifiers {
  readonly verify: Verify;
  /** On another thread. */
  readonly verifyLater: VerifyLater;
}

/** Both with one key object. */
export function verifiersOf(publicKey: Bytes): Verifiers {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: toBase64url(publicKey) }, format: 'jwk' });
  return {
    verify: (message, signature) => verify(null, viewOf(message), key, signatureOf(signature)),
    verifyLater: (message, signature, done) =>
      verify(null, blobOf(message), key, blobOf(signature), (error, isGood) => done(error === null && isGood)),
  };
}

export function verifierOf(publicKey: Bytes): Verify {
  return verifiersOf(publicKey).verify;
}

const SIGNATURE = Buffer.alloc(64);

/** Good until the next call. */
export function signatureOf(signature: Bytes): Buffer {
  if (signature.length !== SIGNATURE.length) return blobOf(signature);
  SIGNATURE.write(signature, 'latin1');
  return SIGNATURE;
}

const BLOCK_BYTES = 64;
const INNER = 0x36;
const OUTER = 0x5c;
const TAG_BYTES = 8;

/** HMAC (RFC 2104) out of two one-shot hashes: a third of the time of an HMAC object per message. */
export function macOf(macKey: Bytes): Mac {
  if (macKey.length > BLOCK_BYTES) throw new Error(`expected a MAC key of at most ${BLOCK_BYTES} bytes, got ${macKey.length}`);
  const block = Buffer.alloc(BLOCK_BYTES);
  block.write(macKey, 'latin1');
  const [inner, outer] = [INNER, OUTER].map((pad) => bytesOf(Buffer.from(block.map((byte) => byte ^ pad)))) as [Bytes, Bytes];
  return (data) => sha256(outer + sha256(inner + data)).substring(0, TAG_BYTES);
}

/** Compares hashes in a time that does not tell where they differ. */
export function sameDigest(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && timingSafeEqual(blobOf(a), blobOf(b));
}
