// What shared/ has passed in, made of node:crypto: SHA-256, the 8-byte tag, Ed25519. In and out: byte strings. It is the judge of the
// vectors, so nothing of shared/ but the type of bytes may be used here.

import { createHash, createHmac, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { Bytes } from '../../shared/bytes.ts';

/** RFC 8410: an Ed25519 private key and public key in DER, in front of the 32 raw bytes. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export function bufferOf(bytes: Bytes): Buffer {
  return Buffer.from(bytes, 'latin1');
}

export function bytesOf(buffer: Uint8Array): Bytes {
  return Buffer.from(buffer).toString('latin1');
}

export function sha256(data: Bytes): Bytes {
  return bytesOf(createHash('sha256').update(data, 'latin1').digest());
}

/** HMAC 256/64: the first 8 bytes. */
export function macUnder(key: Bytes): (data: Bytes) => Bytes {
  return (data) => bytesOf(createHmac('sha256', bufferOf(key)).update(data, 'latin1').digest().subarray(0, 8));
}

export function publicKeyOf(seed: Bytes): Bytes {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, bufferOf(seed)]), format: 'der', type: 'pkcs8' });
  return bytesOf(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length));
}

export function signWith(seed: Bytes, message: Bytes): Bytes {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, bufferOf(seed)]), format: 'der', type: 'pkcs8' });
  return bytesOf(sign(null, bufferOf(message), key));
}

export function verifies(publicKey: Bytes, message: Bytes, signature: Bytes): boolean {
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, bufferOf(publicKey)]), format: 'der', type: 'spki' });
  return verify(null, bufferOf(message), key, bufferOf(signature));
}
