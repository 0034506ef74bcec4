// Byte strings to buffers and back, and the codes of Node's errors: what stands between shared/'s strings and Node's libraries. It must never
// copy through UTF-8.

import type { Bytes } from '../shared/bytes.ts';

export function blobOf(bytes: Bytes): Buffer {
  return Buffer.from(bytes, 'latin1');
}

export function bytesOf(blob: Uint8Array): Bytes {
  return Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength).toString('latin1');
}
