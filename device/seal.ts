// Sealing: the board's signature under a commitment or a closing voucher, made in slices while the board goes on working, and kept in flash so
// that a restart does not sign again. In: a purpose and a payload. Out: the message, once it is signed. One signature at a time. It
// must never sign anything but the two messages of the wire, nor with a table or a key that is not the right one.

import type { Bytes } from '../shared/bytes.ts';
import { uint32Bytes } from '../shared/bytes.ts';
import type { Context, Purpose } from '../shared/cose.ts';
import { externalAad, PURPOSE_COMMITMENT, signedBytes, signedUnder, writeSign1 } from '../shared/cose.ts';
import type { ChannelNumber } from '../shared/units.ts';
import type { Board } from './board.ts';
import type { Slices } from './ed25519.ts';
import { beginPublicKey, beginSignature } from './ed25519.ts';
import { TABLE_BYTES, TABLE_DIGEST, TABLE_FILE, TABLE_PIECE_BYTES, nextDigest } from './ed25519table.ts';
import { openRecord, sealRecord } from './record.ts';

const SIGNATURE_BYTES = 64;
/** One more than the channels that may be open at once and the one that is signed ahead. */
const FILES = 6;

export interface Sealer {
  readonly board: Board;
  readonly seed: Bytes;
  readonly publicKey: Bytes;
  readonly context: Context;
  /** What is being signed, its progress, and the signature once it is there. */
  purpose: Purpose;
  payload: Bytes;
  /** What is signed for it, and before that its first part; '' until they are put together. */
  message: Bytes;
  aad: Bytes;
  signing: Slices | undefined;
  signature: Bytes;
  /** Bytes of the table that were found whole since boot, and their digest; then, whether seed and public key belong together. */
  checkedBytes: number;
  digest: Bytes;
  keyChecked: boolean;
  /** Why this board can never sign until someone acts; '' while it can. */
  fault: string;
}

export function createSealer(board: Board, seed: Bytes, publicKey: Bytes, context: Context): Sealer {
  return {
    board: board,
    seed: seed,
    publicKey: publicKey,
    context: context,
    purpose: PURPOSE_COMMITMENT,
    payload: '',
    message: '',
    aad: '',
    signing: undefined,
    signature: '',
    checkedBytes: 0,
    digest: '',
    keyChecked: false,
    fault: '',
  };
}

function cannotSign(sealer: Sealer, reason: string): void {
  sealer.fault = reason;
  sealer.board.log('cannot sign: ' + reason);
}

/** A piece of the table: once a boot, all of it is hashed before anything is computed with it. */
function checkPiece(sealer: Sealer): void {
  const board = sealer.board;
  const table = board.mapFlash === undefined ? undefined : board.mapFlash(TABLE_FILE);
  if (table !== undefined && table.length === TABLE_BYTES) {
    sealer.digest = nextDigest(sealer.board.sha256, sealer.digest, table, sealer.checkedBytes);
    sealer.checkedBytes += TABLE_PIECE_BYTES;
    if (sealer.checkedBytes < TABLE_BYTES) return;
    const isWhole = sealer.digest.substring(0, 8) === TABLE_DIGEST;
    sealer.digest = '';
    if (isWhole) return;
    sealer.checkedBytes = 0;
  }
  cannotSign(sealer, TABLE_FILE + ' is missing or damaged: flash the board again');
}

/** Once a boot the key pair is checked first: with another public key every signature would be refused. */
function begin(sealer: Sealer): Slices {
  const board = sealer.board;
  const means = { native: board.native!(), sha512: board.sha512, table: board.mapFlash!(TABLE_FILE) as Bytes };
  return sealer.keyChecked
    ? beginSignature(means, sealer.seed, sealer.publicKey, sealer.message)
    : beginPublicKey(means, sealer.seed);
}

/** One slice of the computation under way; false when there is none. A slice that throws leaves nothing behind. */
export function compute(sealer: Sealer): boolean {
  const signing = sealer.signing;
  if (signing === undefined) return false;
  sealer.signing = undefined;
  const out = signing();
  if (out === '') {
    sealer.signing = signing;
    return true;
  }
  if (sealer.keyChecked) sealer.signature = out;
  else {
    sealer.keyChecked = out === sealer.publicKey;
    if (!sealer.keyChecked) cannotSign(sealer, 'the secret key does not belong to the public key: provision the board again');
  }
  if (sealer.board.tidy !== undefined) sealer.board.tidy();
  return true;
}

/** Flash was asked already whether it has the message. */
function isUnderWay(sealer: Sealer, purpose: Purpose, payload: Bytes): boolean {
  return sealer.payload === payload && sealer.purpose === purpose;
}

/** What is signed, in two slices. */
function putTogether(sealer: Sealer): void {
  if (sealer.aad === '') sealer.aad = externalAad(sealer.purpose, sealer.context);
  else {
    sealer.message = signedUnder(sealer.aad, sealer.payload);
    sealer.aad = '';
  }
}

/** One slice of work on a signature: the whole message when it is done, else ''. Another payload than last time starts afresh. */
export function seal(sealer: Sealer, purpose: Purpose, payload: Bytes): Bytes {
  const board = sealer.board;
  if (board.signNatively !== undefined) {
    return writeSign1(payload, board.signNatively(sealer.seed, signedBytes(purpose, sealer.context, payload)));
  }
  if (sealer.fault !== '') return '';
  if (!isUnderWay(sealer, purpose, payload)) {
    sealer.purpose = purpose;
    sealer.payload = payload;
    sealer.message = '';
    sealer.aad = '';
    sealer.signing = undefined;
    sealer.signature = '';
    return '';
  }
  if (sealer.checkedBytes < TABLE_BYTES) {
    checkPiece(sealer);
    return '';
  }
  if (sealer.signature !== '') {
    const signature = sealer.signature;
    sealer.signature = '';
    sealer.payload = '';
    return writeSign1(payload, signature);
  }
  if (sealer.message === '') putTogether(sealer);
  else if (sealer.signing === undefined) sealer.signing = begin(sealer);
  else compute(sealer);
  return '';
}

function fileOf(channel: ChannelNumber): string {
  return 'ts.c' + (channel % FILES);
}

/** The signed commitment kept for this very payload; '' when there is none, or when it was torn. */
function keptCommitment(sealer: Sealer, channel: ChannelNumber, payload: Bytes): Bytes {
  const board = sealer.board;
  const kept = openRecord(board, sealer.context.device + uint32Bytes(channel), board.readFlash(fileOf(channel)));
  if (kept === undefined || kept.length < SIGNATURE_BYTES) return '';
  return writeSign1(payload, kept.substring(kept.length - SIGNATURE_BYTES)) === kept ? kept : '';
}

/** One slice of work on a commitment: taken from flash, or signed and put there. A failed write only means that a restart signs again. */
export function sealCommitment(sealer: Sealer, channel: ChannelNumber, payload: Bytes): Bytes {
  if (!isUnderWay(sealer, PURPOSE_COMMITMENT, payload)) {
    const kept = keptCommitment(sealer, channel, payload);
    if (kept !== '') return kept;
  }
  const sealed = seal(sealer, PURPOSE_COMMITMENT, payload);
  if (sealed !== '') {
    sealer.board.writeFlash(fileOf(channel), sealRecord(sealer.board, sealer.context.device + uint32Bytes(channel), sealed));
  }
  return sealed;
}
