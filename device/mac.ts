// The 8-byte HMAC-SHA-256 tag (RFC 2104, truncated as COSE's HMAC 256/64) with which the hub proves who it is. In: a key and the hash. Out: a
// function from bytes to their tag. The two padded keys are made once, so a tag costs two hashes. It must never see a key above one block.

import type { Bytes, Sha256 } from '../shared/bytes.ts';
import type { Mac } from '../shared/downlink.ts';

const BLOCK_BYTES = 64;
const TAG_BYTES = 8;

function paddedKey(key: Bytes, pad: number): Bytes {
  let out = '';
  for (let i = 0; i < BLOCK_BYTES; i++) out += String.fromCharCode((i < key.length ? key.charCodeAt(i) : 0) ^ pad);
  // V8 keeps what was added up in its 64 pieces, and would join them at every tag; a part of it is joined once.
  return (out + out).substring(0, BLOCK_BYTES);
}

export function macOf(key: Bytes, sha256: Sha256): Mac {
  if (key.length > BLOCK_BYTES) throw new Error('expected a MAC key of at most 64 bytes, got ' + key.length);
  const inner = paddedKey(key, 0x36);
  const outer = paddedKey(key, 0x5c);
  return function (data) {
    return sha256(outer + sha256(inner + data)).substring(0, TAG_BYTES);
  };
}
