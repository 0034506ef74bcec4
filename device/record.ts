// A record: bytes behind a checksum, so that torn, worn or foreign ones are told from whole ones. In: bytes, and whose they are. Out: the record, and back.

import type { Bytes, Sha256 } from '../shared/bytes.ts';

const CHECKSUM_BYTES = 8;

/** The part of a Board that this takes. */
export interface Hasher {
  readonly sha256: Sha256;
}

/** Bytes preceded by the first 8 bytes of SHA-256(owner | bytes). */
export function sealRecord(board: Hasher, owner: Bytes, bytes: Bytes): Bytes {
  return board.sha256(owner + bytes).substring(0, CHECKSUM_BYTES) + bytes;
}

/** The bytes of a whole record; `undefined` for a missing, torn or foreign one. */
export function openRecord(board: Hasher, owner: Bytes, record: Bytes | undefined): Bytes | undefined {
  if (record === undefined || record.length <= CHECKSUM_BYTES) return undefined;
  const bytes = record.substring(CHECKSUM_BYTES);
  return sealRecord(board, owner, bytes) === record ? bytes : undefined;
}
