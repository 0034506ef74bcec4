// The offer of new firmware, and its pieces. In: a version for a build, and what a reader needs to know the file again. Out: payloads, and back. The hub's own key
// signs what is offered, for boards of that build wherever they are; a tag alone must never bring code onto a board.

import type { Bytes, Sha256 } from './bytes.ts';
import { readArray, readBytes, readBytesWithin, readEnd, readerOf, readUint, writeArray, writeBytes, writeUint } from './cbor.ts';
import { PURPOSE_UPDATE, signedBytes } from './cose.ts';
import type { DeviceId, HubId } from './identity.ts';

/** The label in flash has eight digits. [W-31] */
export const MAX_FIRMWARE_VERSION = 99999999;
export const MAX_FIRMWARE_BYTES = 65532;
export const MAX_BUILD_BYTES = 16;
/** What one message brings, and one link of the file's digest. [W-32] */
export const PIECE_BYTES = 256;

/** What is promised of a file. */
export interface OfferTerms {
  readonly version: number;
  /** Which boards can run it: profile and signature. */
  readonly build: Bytes;
  readonly fileBytes: number;
  readonly digest: Bytes;
}

export interface Offer extends OfferTerms {
  readonly kind: 'offer';
  /** Of the hub, over the terms. */
  readonly signature: Bytes;
}

/** An offer as it came, with the bytes of its terms: so a device need not write them again. */
export interface HeardOffer extends Offer {
  readonly terms: Bytes;
}

export interface Piece {
  readonly kind: 'piece';
  readonly at: number;
  readonly bytes: Bytes;
}

const OFFER_ITEMS = 5;
const PIECE_ITEMS = 2;
/** Eight zero bytes: a signature for every board of a build. */
const EVERY_DEVICE = 'AAAAAAAAAAA' as DeviceId;

/** The items that are signed, without their array's head. */
export function offerTerms(offer: OfferTerms): Bytes {
  return writeUint(offer.version) + writeBytes(offer.build) + writeUint(offer.fileBytes) + writeBytes(offer.digest);
}

/** What the hub's signature covers. [W-31] */
export function offerSignedBytes(terms: Bytes, hub: HubId): Bytes {
  return signedBytes(PURPOSE_UPDATE, { hub: hub, device: EVERY_DEVICE }, writeArray(OFFER_ITEMS - 1) + terms);
}

/** What is authenticated, under PURPOSE_OFFER. [W-31] */
export function offerPayload(offer: Offer): Bytes {
  return writeArray(OFFER_ITEMS) + offerTerms(offer) + writeBytes(offer.signature);
}

/** The offer in a payload, or a sentence saying what is wrong. [W-31] */
export function readOffer(payload: Bytes): HeardOffer | string {
  const r = readerOf(payload);
  readArray(r, 'offer', OFFER_ITEMS);
  const version = readUint(r, 'version', 1, MAX_FIRMWARE_VERSION);
  const build = readBytesWithin(r, 'build', 1, MAX_BUILD_BYTES);
  const fileBytes = readUint(r, 'length', 4, MAX_FIRMWARE_BYTES);
  const digest = readBytes(r, 'digest', 32);
  const terms = payload.substring(1, r.at);
  const signature = readBytes(r, 'signature', 64);
  readEnd(r);
  if (r.fault !== '') return r.fault;
  if (fileBytes % 4 !== 0) return 'length ' + fileBytes + ' is not in whole words';
  return {
    kind: 'offer',
    version: version,
    build: build,
    fileBytes: fileBytes,
    digest: digest,
    signature: signature,
    terms: terms,
  };
}

/** What is authenticated, under PURPOSE_PIECE. [W-32] */
export function piecePayload(piece: Piece): Bytes {
  return writeArray(PIECE_ITEMS) + writeUint(piece.at) + writeBytes(piece.bytes);
}

/** The piece in a payload, or a sentence saying what is wrong. [W-32] */
export function readPiece(payload: Bytes): Piece | string {
  const r = readerOf(payload);
  readArray(r, 'piece', PIECE_ITEMS);
  const at = readUint(r, 'offset', 0, MAX_FIRMWARE_BYTES - 4);
  const bytes = readBytesWithin(r, 'bytes', 4, PIECE_BYTES);
  readEnd(r);
  if (r.fault !== '') return r.fault;
  return { kind: 'piece', at: at, bytes: bytes };
}

/** SHA-256 over a chain of pieces, h = SHA-256(h | piece), so that a board needs room for one piece only. [W-31] */
export function fileDigest(file: Bytes, sha256: Sha256): Bytes {
  let digest = '';
  for (let at = 0; at < file.length; at += PIECE_BYTES) digest = sha256(digest + file.substring(at, at + PIECE_BYTES));
  return digest;
}
