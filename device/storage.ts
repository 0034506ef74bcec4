// The board's memory across power cuts: two flash files written in turn. In: the bytes to remember. Out: the newest bytes that were
// written whole. A file is checksum | sequence | bytes; a torn one fails its checksum and the other still holds. It must never
// touch the file that holds the newest good record.

import type { Bytes } from '../shared/bytes.ts';
import { uint32Bytes } from '../shared/bytes.ts';
import type { Board } from './board.ts';

const CHECKSUM_BYTES = 8;
const NAMES: readonly string[] = ['ts.a', 'ts.b'];

export interface Storage {
  readonly board: Board;
  /** Bound into every checksum: another device's records are no records. */
  readonly owner: Bytes;
  sequence: number;
  /** The file that holds the newest good record, 0 or 1. */
  live: number;
}

/** Bytes preceded by the first 8 bytes of SHA-256(owner | bytes). */
export function sealRecord(board: Board, owner: Bytes, bytes: Bytes): Bytes {
  return board.sha256(owner + bytes).substring(0, CHECKSUM_BYTES) + bytes;
}

/** The bytes of a whole record; `undefined` for a missing, torn or foreign one. */
export function openRecord(board: Board, owner: Bytes, record: Bytes | undefined): Bytes | undefined {
  if (record === undefined || record.length <= CHECKSUM_BYTES) return undefined;
  const bytes = record.substring(CHECKSUM_BYTES);
  return sealRecord(board, owner, bytes) === record ? bytes : undefined;
}

export function createStorage(board: Board, owner: Bytes): Storage {
  return { board: board, owner: owner, sequence: 0, live: 1 };
}

function sequenceOf(bytes: Bytes): number {
  return ((bytes.charCodeAt(0) * 256 + bytes.charCodeAt(1)) * 256 + bytes.charCodeAt(2)) * 256 + bytes.charCodeAt(3);
}

/** The newest whole record, once at boot; `undefined` on a blank board. */
export function loadNewest(storage: Storage): Bytes | undefined {
  let newest: Bytes | undefined = undefined;
  for (let file = 0; file < NAMES.length; file++) {
    const bytes = openRecord(storage.board, storage.owner, storage.board.readFlash(NAMES[file] as string));
    if (bytes === undefined || bytes.length < 4) continue;
    const sequence = sequenceOf(bytes);
    if (sequence <= storage.sequence) continue;
    newest = bytes.substring(4);
    storage.sequence = sequence;
    storage.live = file;
  }
  return newest;
}

/** True once the bytes are in flash; after false the last record still stands, and the same file is tried again. */
export function saveNext(storage: Storage, bytes: Bytes): boolean {
  const file = 1 - storage.live;
  const record = sealRecord(storage.board, storage.owner, uint32Bytes(storage.sequence + 1) + bytes);
  if (!storage.board.writeFlash(NAMES[file] as string, record)) return false;
  storage.sequence++;
  storage.live = file;
  return true;
}
