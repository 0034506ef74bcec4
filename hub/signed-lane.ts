// Signed vouchers on a lane: read where they lie in the socket's buffer, and taken once their signature holds. In: a message's bytes. Out: its units, if nothing but the signature is left to look
// at; and the lane at the new units, or as it was. It must never say yes to what `accept` would not accept; it may say no to anything.

import type { Bytes } from '../shared/bytes.ts';
import { PURPOSE_VOUCHER, signedBytes } from '../shared/cose.ts';
import type { Known } from './known.ts';
import type { Lane } from './lane.ts';
import { changeChannel, uintAt, uintEnd } from './lane.ts';

/** Array of four, protected header, empty unprotected header; then the payload [W-7]. */
const HEAD = [0x84, 0x43, 0xa1, 0x01, 0x27, 0xa0] as const;
const PAYLOAD_AT = HEAD.length + 1;
const PAYLOAD_HEAD = 0x40;
const ITEMS_HEAD = 0x83;
const NOT_CLOSING = 0xf4;
/** A byte string of 64. */
const PROOF_HEAD = [0x58, 0x40] as const;
const SIGNATURE_BYTES = 64;
const TAIL_BYTES = PROOF_HEAD.length + SIGNATURE_BYTES;
const LEAST_BYTES = PAYLOAD_AT + 4 + TAIL_BYTES;

/** `data` is a whole message from `at` to before `end` [W-11]. 0 for what the lane does not take: a closing voucher, too, is the judge's. */
export function signedUnits(lane: Lane, known: Known, data: Uint8Array, at: number, end: number): number {
  if (end - at < LEAST_BYTES || !hasFrame(data, at, end)) return 0;
  const number = uintAt(data, at + PAYLOAD_AT + 1);
  const unitsAt = uintEnd;
  if (number !== lane.number && (lane.isProving || !changeChannel(lane, known, number))) return 0;
  const units = uintAt(data, unitsAt);
  if (uintEnd + 1 + TAIL_BYTES !== end || data[uintEnd] !== NOT_CLOSING) return 0;
  return mayTake(lane, units) ? units : 0;
}

/** All that is the same in every signed voucher, and the payload's length. */
function hasFrame(data: Uint8Array, at: number, end: number): boolean {
  for (let i = 0; i < HEAD.length; i++) if (data[at + i] !== HEAD[i]) return false;
  const proofAt = end - TAIL_BYTES;
  if (data[proofAt] !== PROOF_HEAD[0] || data[proofAt + 1] !== PROOF_HEAD[1]) return false;
  const payloadAt = at + PAYLOAD_AT;
  return data[payloadAt - 1] === (PAYLOAD_HEAD | (proofAt - payloadAt)) && data[payloadAt] === ITEMS_HEAD;
}

/** True if only the signature is left to check. */
function mayTake({ channel, acceptedUnits, device }: Lane, units: number): boolean {
  if (channel === undefined || channel.closed || units <= acceptedUnits || units > channel.terms.limitUnits) return false;
  return !device.row.revoked && device.bucket.tokens >= 1;
}

/** `message` is one that `signedUnits` has read; time has passed since. */
export function advanceSigned(lane: Lane, message: Bytes, number: number, units: number): boolean {
  if (lane.number !== number || !mayTake(lane, units)) return false;
  const payload = message.slice(PAYLOAD_AT, -TAIL_BYTES);
  const signature = message.slice(-SIGNATURE_BYTES);
  const { verify, context } = lane.device;
  if (!verify(signedBytes(PURPOSE_VOUCHER, context, payload), signature)) return false;
  lane.acceptedUnits = units;
  lane.signed = { payload, signature };
  lane.signedUnits = units;
  return true;
}
