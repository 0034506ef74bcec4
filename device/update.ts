// New firmware over the air: an offer is checked, its file goes piece by piece into the slot that does not run, and once all of it is right the board starts it on
// trial. In: what the hub has said, and slices of idle time. Out: reports, and marks in flash. It must never write what the hub's own key has not signed,
// nor touch the slot that runs; a power cut anywhere leaves a board that starts the old firmware or the new one.

import type { Bytes } from '../shared/bytes.ts';
import type { Downlink } from '../shared/downlink.ts';
import type { HubId } from '../shared/identity.ts';
import type { HeardOffer } from '../shared/offer.ts';
import { offerSignedBytes, PIECE_BYTES } from '../shared/offer.ts';
import { writeReport } from '../shared/report.ts';
import type { Board, Slots } from './board.ts';
import { BLANK, BUILD_BYTES, labelOf, MARK_BYTES, MARKS_BYTES, OUT, PROVEN, READY, SET, SLOT, TRAILER_BYTES } from './slots.ts';

/** Places in REPORT_STATES [W-33]. */
export const RUNNING = 0;
export const LOADING = 1;
export const WAITING = 2;
export const ON_TRIAL = 3;
export const ROLLED_BACK = 4;
export const NO_ROOM = 5;
export const NOT_SIGNED = 6;
export const DAMAGED = 7;

/** Left free beside the file: the store puts itself in order when it is full, and a power cut during that can cost all of it. */
const SPARE_BYTES = 16384;

/** An update under way; it exists for as long. */
interface Loading {
  readonly offer: HeardOffer;
  /** A slice of the hub's signature's verification, until there is a verdict. */
  check: (() => boolean | undefined) | undefined;
  good: boolean | undefined;
  /** Bytes of the loaded file that were hashed, and their digest. */
  hashed: number;
  digest: Bytes;
}

export interface Update {
  readonly board: Board;
  readonly slots: Slots;
  readonly version: number;
  readonly build: Bytes;
  code: number;
  /** The version that the code is about, 0 for none. */
  offered: number;
  /** So much of it is in flash; -1 while nothing may be asked for. */
  at: number;
  loading: Loading | undefined;
  /** A report has to be sent. */
  due: boolean;
}

/** The whole file, which takes no memory, or ''. */
function fileIn(slots: Slots, slot: number): Bytes {
  const file = slots.store.read(SLOT + slot);
  return file === undefined ? '' : file;
}

function write(slots: Slots, slot: number, bytes: Bytes, at: number, size: number): boolean {
  try {
    return slots.store.write(SLOT + slot, bytes, at, size);
  } catch {
    return false; // full, worn out, or written already
  }
}

/** Whether a mark is set, or can be set now if it is `wanted`. In a slot without a file all are. */
function mark(slots: Slots, slot: number, place: number, wanted: boolean): boolean {
  const file = fileIn(slots, slot);
  const at = file.length - MARKS_BYTES + MARK_BYTES * place;
  return file.substring(at, at + MARK_BYTES) !== BLANK || (wanted && write(slots, slot, SET, at, 0));
}

function labelIn(slots: Slots, slot: number): Bytes {
  const file = fileIn(slots, slot);
  return file.substring(file.length - TRAILER_BYTES, file.length - MARKS_BYTES);
}

/** `undefined` where the board was not started by its loader. */
export function createUpdate(board: Board): Update | undefined {
  const slots = board.slots;
  if (slots === undefined) return undefined;
  const other = 1 - slots.own;
  const label = labelIn(slots, slots.own);
  const failed = mark(slots, other, READY, false) && !mark(slots, other, PROVEN, false);
  const code = !mark(slots, slots.own, PROVEN, false) ? ON_TRIAL : failed ? ROLLED_BACK : RUNNING;
  return {
    board: board,
    slots: slots,
    version: parseInt(label.substring(BUILD_BYTES), 10),
    build: label.substring(0, label.indexOf(' ')),
    code: code,
    offered: code === ROLLED_BACK ? parseInt(labelIn(slots, other).substring(BUILD_BYTES), 10) : 0,
    at: 0,
    loading: undefined,
    due: true,
  };
}

/** What the code and its place in the file are from here on. */
function tell(u: Update, code: number, at: number): void {
  u.code = code;
  u.at = at;
  u.due = true;
  if (code !== LOADING) u.loading = undefined;
}

function pieceAt(u: Update, at: number, size: number): Bytes {
  return fileIn(u.slots, 1 - u.slots.own).substring(at, at + PIECE_BYTES < size ? at + PIECE_BYTES : size);
}

/** The offer is the hub's: what an earlier run has loaded of it is gone on with, from the piece that was written last, for it may be torn. */
function beginLoading(u: Update, offer: HeardOffer): void {
  const slots = u.slots;
  const slot = 1 - slots.own;
  const size = offer.fileBytes;
  let at = 0;
  if (
    labelIn(slots, slot) === labelOf(offer.build, offer.version) &&
    !mark(slots, slot, READY, false) &&
    !mark(slots, slot, OUT, false)
  ) {
    while (at + PIECE_BYTES < size && pieceAt(u, at + PIECE_BYTES, size).substring(0, MARK_BYTES) !== BLANK) at += PIECE_BYTES;
  } else if (slots.store.getStats().freeBytes < size + SPARE_BYTES) {
    tell(u, NO_ROOM, 0);
    return;
  }
  tell(u, LOADING, at);
}

/** At its beginning the file is made anew; flash that holds other bytes, torn by a power cut, takes none before that. */
function takePiece(u: Update, offer: HeardOffer, at: number, bytes: Bytes): void {
  const slots = u.slots;
  const slot = 1 - slots.own;
  const size = offer.fileBytes;
  if (at !== u.at || bytes.length !== (size - at < PIECE_BYTES ? size - at : PIECE_BYTES)) return;
  const isThere = at > 0 && pieceAt(u, at, size) === bytes;
  const label = labelOf(offer.build, offer.version);
  if (isThere || (write(slots, slot, bytes, at, size + TRAILER_BYTES) && (at > 0 || write(slots, slot, label, size, 0)))) {
    tell(u, LOADING, at + bytes.length);
  } else tell(u, at > 0 ? LOADING : NO_ROOM, 0);
}

/** Any word of the hub is the sign of life that ends a trial: the old firmware goes out first, so that at each moment one of the two is the one to start. */
export function hearUpdate(u: Update, said: Downlink, hub: HubId): void {
  if (u.code === ON_TRIAL && mark(u.slots, 1 - u.slots.own, OUT, true) && mark(u.slots, u.slots.own, PROVEN, true)) {
    u.code = RUNNING;
    u.due = true;
  }
  if (said.kind === 'piece' && u.loading !== undefined) takePiece(u, u.loading.offer, said.at, said.bytes);
  if (said.kind !== 'offer') return;
  u.due = true;
  if (u.code === ON_TRIAL || said.build !== u.build || said.version <= u.version) return;
  if (said.version === u.offered && u.code < NO_ROOM) return; // under way, or it has failed on this board
  u.offered = said.version;
  u.code = LOADING;
  u.at = -1;
  u.loading = {
    offer: said,
    check:
      u.board.beginVerification === undefined
        ? undefined
        : u.board.beginVerification(u.board, offerSignedBytes(said.terms, hub), said.signature),
    good: undefined,
    hashed: 0,
    digest: '',
  };
}

/** One slice of a verification under way; false when there is none. */
export function verifyOffer(u: Update | undefined): boolean {
  const loading = u && u.loading;
  if (loading === undefined || loading.check === undefined || loading.good !== undefined) return false;
  loading.good = loading.check();
  return true;
}

/** One slice of what comes before the first piece, or after the last; true while there is more. */
export function workOnUpdate(u: Update): boolean {
  const loading = u.loading;
  if (loading === undefined) return false;
  const offer = loading.offer;
  if (loading.check !== undefined) {
    if (loading.good === undefined) verifyOffer(u);
    else {
      loading.check = undefined;
      if (loading.good) beginLoading(u, offer);
      else tell(u, NOT_SIGNED, 0);
    }
    return true;
  }
  const size = offer.fileBytes;
  if (u.at < size) return false;
  loading.digest = u.board.sha256(loading.digest + pieceAt(u, loading.hashed, size));
  loading.hashed += PIECE_BYTES;
  if (loading.hashed < size) return true;
  const good = loading.digest === offer.digest;
  tell(u, mark(u.slots, 1 - u.slots.own, good ? READY : OUT, true) && good ? WAITING : DAMAGED, size);
  return true;
}

/** What the hub is told next, '' for nothing. */
export function nextReport(u: Update): Bytes {
  if (!u.due || u.at < 0) return '';
  u.due = false;
  return writeReport(u);
}
