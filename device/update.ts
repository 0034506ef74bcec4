// New firmware over the air: an offer is checked, its file goes piece by piece into the slot that does not run, and once all of it is right the board starts it on
// trial. In: offers and pieces that the hub has said, and slices of idle time. Out: reports, and marks in flash. It must never write what the hub's own
// key has not signed, nor touch the slot that runs; a power cut anywhere leaves a board that starts the old firmware or the new one.

import type { Bytes } from '../shared/bytes.ts';
import type { HubId } from '../shared/identity.ts';
import type { Offer, Piece } from '../shared/offer.ts';
import { offerSignedBytes, PIECE_BYTES } from '../shared/offer.ts';
import { writeReport } from '../shared/report.ts';
import type { Board, Slots } from './board.ts';
import {
  BLANK,
  BUILD_BYTES,
  LABEL_BYTES,
  labelOf,
  MARK_BYTES,
  MARKS_BYTES,
  OUT,
  PROVEN,
  READY,
  SET,
  TRAILER_BYTES,
} from './slots.ts';

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

export interface Update {
  readonly board: Board;
  readonly slots: Slots;
  readonly hub: HubId;
  /** What runs. */
  readonly version: number;
  readonly build: Bytes;
  code: number;
  /** The version that the code is about, 0 for none. */
  offered: number;
  /** What is being loaded. */
  offer: Offer | undefined;
  /** A slice of the check of its signature; `undefined` while it goes on. */
  check: (() => boolean | undefined) | undefined;
  /** Behind what was found of it in flash: nothing is asked for before. */
  asking: boolean;
  /** So much of it is in flash and in the digest. */
  at: number;
  digest: Bytes;
  /** A report has to be sent. */
  due: boolean;
}

/** Where a mark lies that is still blank; 0 once it is set. */
function blankAt(file: Bytes, mark: number): number {
  const at = file.length - MARKS_BYTES + MARK_BYTES * mark;
  return file.substring(at, at + MARK_BYTES) === BLANK ? at : 0;
}

function versionOf(file: Bytes): number {
  const at = file.length - MARKS_BYTES;
  return parseInt(file.substring(at - LABEL_BYTES + BUILD_BYTES, at), 10);
}

/** `undefined` where the board was not started by its loader. */
export function createUpdate(board: Board, hub: HubId): Update | undefined {
  const slots = board.slots;
  if (slots === undefined) return undefined;
  const own = slots.read(slots.own);
  const other = slots.read(1 - slots.own);
  const build = own.substring(own.length - TRAILER_BYTES);
  const failed = other !== '' && blankAt(other, READY) === 0 && blankAt(other, PROVEN) > 0;
  const onTrial = blankAt(own, PROVEN) > 0;
  return {
    board: board,
    slots: slots,
    hub: hub,
    version: versionOf(own),
    build: build.substring(0, build.indexOf(' ')),
    code: onTrial ? ON_TRIAL : failed ? ROLLED_BACK : RUNNING,
    offered: failed && !onTrial ? versionOf(other) : 0,
    offer: undefined,
    check: undefined,
    asking: false,
    at: 0,
    digest: '',
    due: true,
  };
}

/** The hub's voice was heard, which is the sign of life: the old firmware goes out first, so that there is always one that has proven itself or a new one alone. */
export function prove(u: Update): void {
  if (u.code !== ON_TRIAL) return;
  const own = u.slots.own;
  const other = u.slots.read(1 - own);
  const out = other === '' ? 0 : blankAt(other, OUT);
  if (out > 0 && !u.slots.write(1 - own, SET, out, 0)) return;
  if (!u.slots.write(own, SET, blankAt(u.slots.read(own), PROVEN), 0)) return;
  u.code = RUNNING;
  u.due = true;
}

function end(u: Update, code: number): void {
  u.code = code;
  u.offer = undefined;
  u.check = undefined;
  u.due = true;
  u.board.log('update to version ' + u.offered + ': ' + (code === WAITING ? 'loaded' : 'failed, code ' + code));
}

/** A file that cannot be gone on with is begun anew: what is written at its start makes it again. */
function beginFile(u: Update): void {
  u.at = 0;
  u.digest = '';
  u.asking = true;
  u.due = true;
}

export function hearOffer(u: Update, offer: Offer): void {
  u.due = true;
  if (u.code === ON_TRIAL || u.board.beginVerification === undefined || offer.build !== u.build || offer.version <= u.version)
    return;
  if (offer.version === u.offered && u.code < NO_ROOM) return; // under way, or it has failed on this board
  u.check = u.board.beginVerification(offerSignedBytes(offer, u.hub), offer.signature);
  u.offer = offer;
  u.offered = offer.version;
  u.code = LOADING;
  u.asking = false;
  u.at = 0;
  u.digest = '';
}

function take(u: Update, file: Bytes): void {
  const offer = u.offer as Offer;
  const piece = file.substring(u.at, u.at + PIECE_BYTES < offer.fileBytes ? u.at + PIECE_BYTES : offer.fileBytes);
  u.digest = u.board.sha256(u.digest + piece);
  u.at += piece.length;
}

export function hearPiece(u: Update, piece: Piece): void {
  const offer = u.offer;
  if (offer === undefined || !u.asking || piece.at !== u.at) return;
  const left = offer.fileBytes - u.at;
  if (piece.bytes.length !== (left < PIECE_BYTES ? left : PIECE_BYTES)) return;
  const slot = 1 - u.slots.own;
  const size = offer.fileBytes + TRAILER_BYTES;
  if (u.at === 0 || u.slots.read(slot).substring(u.at, u.at + piece.bytes.length) !== piece.bytes) {
    let written = u.slots.write(slot, piece.bytes, u.at, size);
    if (written && u.at === 0) written = u.slots.write(slot, labelOf(offer.build, offer.version), offer.fileBytes, 0);
    if (!written) {
      // Torn by a power cut: flash takes other bytes only after the file was made anew.
      if (u.at > 0) beginFile(u);
      else end(u, NO_ROOM);
      return;
    }
  }
  take(u, u.slots.read(slot));
  u.due = true;
  if (u.at < offer.fileBytes) return;
  const isRight = u.digest === offer.digest;
  const written = u.slots.write(slot, SET, blankAt(u.slots.read(slot), isRight ? READY : OUT), 0);
  end(u, isRight && written ? WAITING : DAMAGED);
}

/** Signed: then what an earlier run has loaded of it is gone on with, from the piece that was written last, which may be torn. */
function findBeginning(u: Update, offer: Offer): void {
  const file = u.slots.read(1 - u.slots.own);
  const label = labelOf(offer.build, offer.version);
  const isBegun = file.substring(offer.fileBytes, file.length - MARKS_BYTES) === label;
  if (isBegun && blankAt(file, READY) > 0 && blankAt(file, OUT) > 0) return;
  if (u.slots.free() < offer.fileBytes + SPARE_BYTES) end(u, NO_ROOM);
  else beginFile(u);
}

/** One slice; true while there is more. */
export function workOnUpdate(u: Update): boolean {
  const offer = u.offer;
  if (offer === undefined || u.asking) return false;
  if (u.check !== undefined) {
    const good = u.check();
    if (good === undefined) return true;
    u.check = undefined;
    if (good) findBeginning(u, offer);
    else end(u, NOT_SIGNED);
    return true;
  }
  const file = u.slots.read(1 - u.slots.own);
  const next = u.at + PIECE_BYTES;
  if (next < offer.fileBytes && file.substring(next, next + MARK_BYTES) !== BLANK) {
    take(u, file);
    return true;
  }
  u.asking = true;
  u.due = true;
  return true;
}

/** What the hub is told next, '' for nothing. */
export function nextReport(u: Update): Bytes {
  if (!u.due || (u.offer !== undefined && !u.asking)) return '';
  u.due = false;
  return writeReport({ version: u.version, build: u.build, code: u.code, offered: u.offered, at: u.at });
}
