// Texts beyond ASCII. In: bytes. Out: whether they are UTF-8 (RFC 3629), well formed: no longer form than needed, no surrogates, nothing above U+10FFFF.

import type { Bytes } from './bytes.ts';

/** How many bytes follow a first byte; -1 if none begins so. */
function followersOf(first: number): number {
  if (first < 0x80) return 0;
  if (first >= 0xc2 && first <= 0xdf) return 1;
  if (first >= 0xe0 && first <= 0xef) return 2;
  return first >= 0xf0 && first <= 0xf4 ? 3 : -1;
}

/** The second byte's bounds are narrower after some first bytes. */
function isSecond(first: number, second: number): boolean {
  if (first === 0xe0) return second >= 0xa0;
  if (first === 0xed) return second <= 0x9f;
  if (first === 0xf0) return second >= 0x90;
  return first === 0xf4 ? second <= 0x8f : true;
}

export function isUtf8(bytes: Bytes): boolean {
  for (let at = 0; at < bytes.length;) {
    const first = bytes.charCodeAt(at);
    const followers = followersOf(first);
    if (followers < 0 || at + followers >= bytes.length) return false;
    if (followers > 0 && !isSecond(first, bytes.charCodeAt(at + 1))) return false;
    for (let i = 1; i <= followers; i++) if (bytes.charCodeAt(at + i) >> 6 !== 2) return false;
    at += followers + 1;
  }
  return true;
}
