// The door for what the hub sends on `down`. In: untrusted bytes, the device's MAC key as a function. Out: a receipt, a reject, a grant, an
// offer or a piece of firmware that the hub really made for this device, or why it is none. Nothing is believed without its tag [W-17]. It must never throw.

import type { Bytes } from './bytes.ts';
import { readEnd, readerOf } from './cbor.ts';
import type { Context, Purpose } from './cose.ts';
import {
  macBytes,
  PURPOSE_GRANT,
  PURPOSE_OFFER,
  PURPOSE_PIECE,
  PURPOSE_RECEIPT,
  PURPOSE_REJECT,
  readMac0,
  writeMac0,
} from './cose.ts';
import type { Grant } from './grant.ts';
import { grantPayload, readGrant } from './grant.ts';
import type { HeardOffer, Offer, Piece } from './offer.ts';
import { offerPayload, piecePayload, readOffer, readPiece } from './offer.ts';
import type { Receipt } from './receipt.ts';
import { readReceipt, receiptPayload } from './receipt.ts';
import type { Reject } from './reject.ts';
import { readReject, rejectPayload } from './reject.ts';

/** The first 8 bytes of HMAC-SHA-256 under the device's MAC key. */
export type Mac = (data: Bytes) => Bytes;

export type Downlink = Receipt | Reject | Grant | HeardOffer | Piece;

const REJECT_HEAD = 0x84;
const GRANT_HEAD = 0x81;
const PIECE_HEAD = 0x82;
const OFFER_HEAD = 0x85;

export function writeReceipt(receipt: Receipt, context: Context, mac: Mac): Bytes {
  const payload = receiptPayload(receipt);
  return writeMac0(payload, mac(macBytes(PURPOSE_RECEIPT, context, payload)));
}

export function writeReject(reject: Reject, context: Context, mac: Mac): Bytes {
  const payload = rejectPayload(reject);
  return writeMac0(payload, mac(macBytes(PURPOSE_REJECT, context, payload)));
}

export function writeGrant(grant: Grant, context: Context, mac: Mac): Bytes {
  const payload = grantPayload(grant);
  return writeMac0(payload, mac(macBytes(PURPOSE_GRANT, context, payload)));
}

export function writeOffer(offer: Offer, context: Context, mac: Mac): Bytes {
  const payload = offerPayload(offer);
  return writeMac0(payload, mac(macBytes(PURPOSE_OFFER, context, payload)));
}

export function writePiece(piece: Piece, context: Context, mac: Mac): Bytes {
  const payload = piecePayload(piece);
  return writeMac0(payload, mac(macBytes(PURPOSE_PIECE, context, payload)));
}

/** [W-9] */
function purposeOf(payload: Bytes): Purpose {
  const head = payload.charCodeAt(0);
  if (head === REJECT_HEAD) return PURPOSE_REJECT;
  if (head === OFFER_HEAD) return PURPOSE_OFFER;
  if (head === PIECE_HEAD) return PURPOSE_PIECE;
  return head === GRANT_HEAD ? PURPOSE_GRANT : PURPOSE_RECEIPT;
}

/** What the hub said, or a sentence saying why the bytes are not believed. */
export function decodeDownlink(message: Bytes, context: Context, mac: Mac): Downlink | string {
  const r = readerOf(message);
  const envelope = readMac0(r);
  readEnd(r);
  if (r.fault !== '') return r.fault;
  const purpose = purposeOf(envelope.payload);
  if (mac(macBytes(purpose, context, envelope.payload)) !== envelope.proof) return 'the tag does not match';
  if (purpose === PURPOSE_REJECT) return readReject(envelope.payload);
  if (purpose === PURPOSE_OFFER) return readOffer(envelope.payload);
  if (purpose === PURPOSE_PIECE) return readPiece(envelope.payload);
  return purpose === PURPOSE_GRANT ? readGrant(envelope.payload) : readReceipt(envelope.payload);
}
