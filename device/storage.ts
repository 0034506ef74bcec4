// The board's memory across power cuts: two places in flash written in turn. In: the bytes to remember. Out: the newest bytes that were
// written whole. A place is a half of the board's raw pages, or a file where it has none. A record is checksum | sequence | bytes; a torn
// one fails its checksum and the other place still holds. It must never touch the place that holds the newest good record.

import type { Bytes } from '../shared/bytes.ts';
import { uint32Bytes } from '../shared/bytes.ts';
import type { Board } from './board.ts';
import type { Log } from './pages.ts';
import { append, createLog, newestIn } from './pages.ts';
import { openRecord, sealRecord } from './record.ts';
import { wide } from './wide.ts';

const NAMES: readonly string[] = ['ts.a', 'ts.b'];

export interface Storage {
  readonly board: Board;
  /** Bound into every checksum: another device's records are no records. */
  readonly owner: Bytes;
  /** The two halves of the raw pages; none where the records are files. */
  readonly logs: readonly Log[];
  sequence: number;
  /** The place that holds the newest good record, 0 or 1. */
  live: number;
  /** Something was there at boot that was no whole record: torn by a power cut, worn out, or another device's. */
  damaged: boolean;
}

export function createStorage(board: Board, owner: Bytes): Storage {
  const flash = board.pageFlash;
  const half = flash === undefined ? 0 : flash.pages >> 1;
  const logs = flash === undefined ? [] : [createLog(flash, 0, half), createLog(flash, half, half)];
  return { board: board, owner: owner, logs: logs, sequence: wide(0), live: 1, damaged: false };
}

/** Of a whole record's bytes; 0 for none. */
function sequenceOf(bytes: Bytes | undefined): number {
  if (bytes === undefined || bytes.length < 4) return 0;
  return ((bytes.charCodeAt(0) * 256 + bytes.charCodeAt(1)) * 256 + bytes.charCodeAt(2)) * 256 + bytes.charCodeAt(3);
}

function readPlace(storage: Storage, place: number): Bytes | undefined {
  const log = storage.logs[place];
  if (log === undefined) return storage.board.readFlash(NAMES[place] as string);
  return newestIn(log, function (record) {
    return sequenceOf(openRecord(storage.board, storage.owner, record));
  });
}

/** The newest whole record, once at boot; `undefined` on a blank board. */
export function loadNewest(storage: Storage): Bytes | undefined {
  let newest: Bytes | undefined = undefined;
  for (let place = 0; place < NAMES.length; place++) {
    const record = readPlace(storage, place);
    const log = storage.logs[place];
    const bytes = openRecord(storage.board, storage.owner, record);
    if (log === undefined ? record !== undefined && bytes === undefined : log.damaged) storage.damaged = true;
    const sequence = sequenceOf(bytes);
    if (bytes === undefined || sequence <= storage.sequence) continue;
    newest = bytes.substring(4);
    storage.sequence = wide(sequence);
    storage.live = place;
  }
  return newest;
}

/** True once the bytes are in flash; after false the last record still stands, and the same place is tried again. */
export function saveNext(storage: Storage, bytes: Bytes): boolean {
  const place = 1 - storage.live;
  const record = sealRecord(storage.board, storage.owner, uint32Bytes(storage.sequence + 1) + bytes);
  const log = storage.logs[place];
  const written = log === undefined ? storage.board.writeFlash(NAMES[place] as string, record) : append(log, record);
  if (!written) return false;
  storage.sequence++;
  storage.live = place;
  return true;
}
