// The door for what the hub sends on `down`. In: untrusted bytes, the device's MAC key as a function. Out: a receipt or a reject that the
// hub really made for this device, or why it is none. Nothing is believed without its tag [W-17]. It must never throw.

import type { Bytes } from './bytes.ts';
import { readEnd, readerOf } from './cbor.ts';
import type { Context, Purpose } from './cose.ts';
import { macBytes, PURPOSE_RECEIPT, PURPOSE_REJECT, readMac0, writeMac0 } from './cose.ts';
import type { Receipt } from './receipt.ts';
import { readReceipt, receiptPayload } from './receipt.ts';
import type { Reject } from './reject.ts';
import { readReject, rejectPayload } from './reject.ts';

/** The first 8 bytes of HMAC-SHA-256 under the device's MAC key. */
export type Mac = (data: Bytes) => Bytes;

export type Downlink = Receipt | Reject;

const REJECT_HEAD = 0x84;

export function writeReceipt(receipt: Receipt, context: Context, mac: Mac): Bytes {
  const payload = receiptPayload(receipt);
  return writeMac0(payload, mac(macBytes(PURPOSE_RECEIPT, context, payload)));
}

export function writeReject(reject: Reject, context: Context, mac: Mac): Bytes {
  const payload = rejectPayload(reject);
  return writeMac0(payload, mac(macBytes(PURPOSE_REJECT, context, payload)));
}

/** What the hub said, or a sentence saying why the bytes are not believed. */
export function decodeDownlink(message: Bytes, context: Context, mac: Mac): Downlink | string {
  const r = readerOf(message);
  const envelope = readMac0(r);
  readEnd(r);
  if (r.fault !== '') return r.fault;
  const isReject = envelope.payload.charCodeAt(0) === REJECT_HEAD;
  const purpose: Purpose = isReject ? PURPOSE_REJECT : PURPOSE_RECEIPT;
  if (mac(macBytes(purpose, context, envelope.payload)) !== envelope.proof) return 'the tag does not match';
  return isReject ? readReject(envelope.payload) : readReceipt(envelope.payload);
}
