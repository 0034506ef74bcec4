// Sealing: the board's signature under a commitment or a closing voucher, made in slices while the board goes on working, and kept in flash so
// that a restart does not sign again. In: a purpose and a payload. Out: the message, once it is signed. One signature at a time. It
// must never sign anything but the two messages of the wire.

import type { Bytes } from '../shared/bytes.ts';
import { uint32Bytes } from '../shared/bytes.ts';
import type { Context, Purpose } from '../shared/cose.ts';
import { PURPOSE_COMMITMENT, signedBytes, writeSign1 } from '../shared/cose.ts';
import type { ChannelNumber } from '../shared/units.ts';
import type { Board } from './board.ts';
import type { Signing, SigningKey } from './sign.ts';
import { beginSignature } from './sign.ts';
import { openRecord, sealRecord } from './storage.ts';

const SIGNATURE_BYTES = 64;
/** One more than the channels that may be open at once and the one that is signed ahead. */
const FILES = 6;

export interface Sealer {
  readonly board: Board;
  readonly key: SigningKey;
  readonly context: Context;
  /** What is being signed, and its progress. */
  purpose: Purpose;
  payload: Bytes;
  signing: Signing | undefined;
}

export function createSealer(board: Board, key: SigningKey, context: Context): Sealer {
  return { board: board, key: key, context: context, purpose: PURPOSE_COMMITMENT, payload: '', signing: undefined };
}

/** One slice of work on a signature: the whole message when it is done, else ''. Another payload than last time starts afresh. */
export function seal(sealer: Sealer, purpose: Purpose, payload: Bytes): Bytes {
  const board = sealer.board;
  if (board.signNatively !== undefined) {
    return writeSign1(payload, board.signNatively(sealer.key.seed, signedBytes(purpose, sealer.context, payload)));
  }
  if (sealer.signing === undefined || sealer.payload !== payload || sealer.purpose !== purpose) {
    sealer.purpose = purpose;
    sealer.payload = payload;
    sealer.signing = beginSignature(sealer.key, signedBytes(purpose, sealer.context, payload), board.sha512);
  }
  const signature = sealer.signing.step();
  if (signature === '') return '';
  sealer.signing = undefined;
  return writeSign1(payload, signature);
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
  if (sealer.signing === undefined) {
    const kept = keptCommitment(sealer, channel, payload);
    if (kept !== '') return kept;
  }
  const sealed = seal(sealer, PURPOSE_COMMITMENT, payload);
  if (sealed !== '') {
    sealer.board.writeFlash(fileOf(channel), sealRecord(sealer.board, sealer.context.device + uint32Bytes(channel), sealed));
  }
  return sealed;
}
