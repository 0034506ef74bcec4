// Byte strings to buffers and back, and the codes of Node's errors: what stands between shared/'s strings and Node's libraries. It must never
// copy through UTF-8.

import type { Bytes } from '../shared/bytes.ts';

export function blobOf(bytes: Bytes): Buffer {
  return Buffer.from(bytes, 'latin1');
}

export function bytesOf(blob: Uint8Array): Bytes {
  return Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength).toString('latin1');
}

const SCRATCH = Buffer.alloc(512);

/** Hex that this program has written itself or checked before; what comes from outside goes through shared/'s `fromHex`, which checks it. */
export function bytesOfHex(hex: string): Bytes {
  if (hex.length > 2 * SCRATCH.length) return Buffer.from(hex, 'hex').toString('latin1');
  return SCRATCH.toString('latin1', 0, SCRATCH.write(hex, 'hex'));
}

export function hexOf(bytes: Bytes): string {
  return Buffer.from(bytes, 'latin1').toString('hex');
}
