// The two COSE envelopes of the wire (RFC 9052): COSE_Sign1 with EdDSA upwards, COSE_Mac0 with HMAC 256/64 downwards. In: a payload and
// its proof. Out: the message, and the exact bytes that are signed or authenticated. What both sides know already (protocol version,
// purpose, hub, device) is bound through external_aad and never travels. It must never sign bytes without their purpose.

import type { Bytes } from './bytes.ts';
import type { Reader } from './cbor.ts';
import { readArray, readBytes, readBytesWithin, readExactly, writeArray, writeBytes, writeUint } from './cbor.ts';
import type { DeviceId, HubId } from './identity.ts';
import { deviceBytesOf } from './identity.ts';

/** The protocol's name and version, inside every signed and authenticated byte string. [W-8] */
export const PROTOCOL = 'tallystick/1';

/** What a proof is for: the same bytes under another purpose prove nothing. [W-8] */
export type Purpose = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
export const PURPOSE_COMMITMENT = 1;
export const PURPOSE_VOUCHER = 2;
export const PURPOSE_RECEIPT = 3;
export const PURPOSE_REJECT = 4;
export const PURPOSE_ENROLMENT = 5;
export const PURPOSE_GRANT = 6;
export const PURPOSE_UPDATE = 7;
export const PURPOSE_OFFER = 8;
export const PURPOSE_PIECE = 9;

const SIGN_PROTECTED = '\x43\xa1\x01\x27'; // << {1: -8} >>, EdDSA
const MAC_PROTECTED = '\x43\xa1\x01\x04'; // << {1: 4} >>, HMAC 256/64
const UNPROTECTED = '\xa0';
// How each structure begins, spelled out, because a board reads the way there for every receipt: an array of 4, a text, and its first items.
const SIGNED_HEAD = '\x84\x6aSignature1' + SIGN_PROTECTED;
const TAGGED_HEAD = '\x84\x64MAC0' + MAC_PROTECTED;
const AAD_HEAD = '\x84\x6c' + PROTOCOL;
const MAX_SIGNED_PAYLOAD = 128; // [W-7]
const MAX_TAGGED_PAYLOAD = 263; // a piece of firmware [W-7]

/** Who is speaking to whom, as the receiver knows it from the connection. */
export interface Context {
  readonly hub: HubId;
  readonly device: DeviceId;
}

/** Who was covered last, and the bytes of that: a board reads its own name letter by letter, and has only the one. */
let lastHub = '';
let lastDevice = '';
let lastParties = '';

function partiesOf(context: Context): Bytes {
  if (context.hub !== lastHub || context.device !== lastDevice) {
    lastParties = writeBytes(context.hub) + writeBytes(deviceBytesOf(context.device));
    lastHub = context.hub;
    lastDevice = context.device;
  }
  return lastParties;
}

/** What a proof covers besides its payload, and nobody sends. [W-8] */
export function externalAad(purpose: Purpose, context: Context): Bytes {
  return AAD_HEAD + writeUint(purpose) + partiesOf(context);
}

/** The Sig_structure (RFC 9052, section 4.4): what an Ed25519 signature covers. [W-8] */
export function signedBytes(purpose: Purpose, context: Context, payload: Bytes): Bytes {
  return signedUnder(externalAad(purpose, context), payload);
}

/** The same, once the first part is made. [W-8] */
export function signedUnder(aad: Bytes, payload: Bytes): Bytes {
  return SIGNED_HEAD + writeBytes(aad) + writeBytes(payload);
}

/** The MAC_structure (RFC 9052, section 6.3): what the 8-byte HMAC-SHA-256 tag covers. [W-8] */
export function macBytes(purpose: Purpose, context: Context, payload: Bytes): Bytes {
  return TAGGED_HEAD + writeBytes(externalAad(purpose, context)) + writeBytes(payload);
}

export function writeSign1(payload: Bytes, signature: Bytes): Bytes {
  return writeArray(4) + SIGN_PROTECTED + UNPROTECTED + writeBytes(payload) + writeBytes(signature);
}

export function writeMac0(payload: Bytes, tag: Bytes): Bytes {
  return writeArray(4) + MAC_PROTECTED + UNPROTECTED + writeBytes(payload) + writeBytes(tag);
}

/** A payload in its envelope, with the proof still unchecked. [W-7] */
export interface Enveloped {
  readonly payload: Bytes;
  readonly proof: Bytes;
}

export function readSign1(r: Reader): Enveloped {
  return readEnvelope(r, SIGN_PROTECTED, MAX_SIGNED_PAYLOAD, 64);
}

export function readMac0(r: Reader): Enveloped {
  return readEnvelope(r, MAC_PROTECTED, MAX_TAGGED_PAYLOAD, 8);
}

function readEnvelope(r: Reader, protectedHeader: Bytes, maxPayload: number, proofBytes: number): Enveloped {
  readArray(r, 'COSE message', 4);
  readExactly(r, 'protected header', protectedHeader);
  readExactly(r, 'empty unprotected header', UNPROTECTED);
  const payload = readBytesWithin(r, 'payload', 1, maxPayload);
  const proof = readBytes(r, 'proof', proofBytes);
  return { payload: payload, proof: proof };
}
