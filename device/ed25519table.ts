// The tables in flash that the signature reads: their names, their sizes, and what the large one must hash to. It is the same on every board, and public.

import type { Bytes, Sha256 } from '../shared/bytes.ts';

/** Multiples of the base point. */
export const TABLE_FILE = 'ts.table';
/** The hub's public key, 32 bytes, and its entries. */
export const HUB_KEY_FILE = 'ts.hub';

export const ENTRY_BYTES = 144;
/** Six combs of six teeth: 192 entries; then the matrix of ed25519scalar.ts, the curve's d, and the source of the programs. */
export const MATRIX_AT = 192 * ENTRY_BYTES;
export const D_AT = MATRIX_AT + 1536;
export const SOURCE_AT = D_AT + 48;
export const TABLE_BYTES = 31815;

/** One hash must not copy all of it to the stack: it is cut into pieces, each hashed with the digest of those before it. */
export const TABLE_PIECE_BYTES = 1008;
/** The first eight bytes of the last digest. */
export const TABLE_DIGEST = '\xfb\xfb\xeb\x9c\xf3\x4f\x25\x87';

export function nextDigest(sha256: Sha256, digest: Bytes, table: Bytes, at: number): Bytes {
  return sha256(digest + table.substring(at, at + TABLE_PIECE_BYTES));
}
