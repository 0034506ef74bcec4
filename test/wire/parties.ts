// The fixed keys and terms that every vector is made of, and a second writer of the wire: cbor-x and node:crypto after the RFCs' own words, so that
// shared/ is compared with something else than itself. In: values. Out: bytes as byte strings. Nothing of shared/ but plain bytes may be used.

import { Encoder } from 'cbor-x';
import type { Bytes } from '../../shared/bytes.ts';
import { bufferOf, bytesOf, macUnder, publicKeyOf, sha256, signWith } from './node-crypto.ts';

/** `length` bytes counting up from `first`. */
function counting(first: number, length: number): Bytes {
  return bytesOf(Uint8Array.from({ length }, (_, i) => first + i));
}

export function hexOf(bytes: Bytes): string {
  return bufferOf(bytes).toString('hex');
}

export function base64urlOf(bytes: Bytes): string {
  return bufferOf(bytes).toString('base64url');
}

export const deviceSeed = counting(0x00, 32);
export const hubSeed = counting(0x20, 32);
export const macKey = counting(0x40, 32);
export const otherSeed = counting(0x60, 32);
/** The chain's last link, the board's secret until it is spent. */
export const lastLink = counting(0xa0, 16);

export const devicePublic = publicKeyOf(deviceSeed);
export const hubPublic = publicKeyOf(hubSeed);
export const deviceBytes = sha256(devicePublic).slice(0, 8);
export const hubBytes = sha256(hubPublic).slice(0, 8);
export const device = base64urlOf(deviceBytes);
export const payee = sha256('tallystick account waterworks').slice(0, 8);

const encoder = new Encoder({ tagUint8Array: false, useRecords: false, mapsAsObjects: false });

/** cbor-x writes integers above 32 bits as floats unless they are BigInt. */
function wide(value: unknown): unknown {
  return typeof value === 'number' && value > 0xffffffff ? BigInt(value) : value;
}

/** Bytes in an item are given as Buffer, text as string. */
export function cborOf(item: unknown): Bytes {
  return bytesOf(encoder.encode(Array.isArray(item) ? item.map(wide) : wide(item)));
}

export interface Speaker {
  readonly hub: Bytes;
  readonly device: Bytes;
}

export const parties: Speaker = { hub: hubBytes, device: deviceBytes };

const PROTECTED = { Signature1: new Map([[1, -8]]), MAC0: new Map([[1, 4]]) };

/** Sig_structure and MAC_structure (RFC 9052, sections 4.4 and 6.3): [context, protected, external_aad, payload]. */
export function structureOf(kind: 'Signature1' | 'MAC0', purpose: number, payload: Bytes, speaker: Speaker = parties): Bytes {
  const aad = cborOf(['tallystick/1', purpose, bufferOf(speaker.hub), bufferOf(speaker.device)]);
  return cborOf([kind, bufferOf(cborOf(PROTECTED[kind])), bufferOf(aad), bufferOf(payload)]);
}

function envelope(kind: 'Signature1' | 'MAC0', payload: Bytes, proof: Bytes): Bytes {
  return cborOf([bufferOf(cborOf(PROTECTED[kind])), new Map(), bufferOf(payload), bufferOf(proof)]);
}

/** COSE_Sign1 of a payload by the example's device. */
export function sign1(purpose: number, payload: Bytes): { readonly message: Bytes; readonly signature: Bytes } {
  const signature = signWith(deviceSeed, structureOf('Signature1', purpose, payload));
  return { message: envelope('Signature1', payload, signature), signature };
}

/** COSE_Mac0 of a payload by the example's hub. */
export function mac0(purpose: number, payload: Bytes, speaker: Speaker = parties, key: Bytes = macKey): Bytes {
  return envelope('MAC0', payload, macUnder(key)(structureOf('MAC0', purpose, payload, speaker)));
}

/** Link `index` from the one after it, written out after the specification [W-14]. */
export function linkOf(speakerDevice: Bytes, channel: number, index: number, next: Bytes): Bytes {
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32BE(channel, 0);
  numbers.writeUInt32BE(index, 4);
  return sha256('TS1' + speakerDevice + bytesOf(numbers) + next).slice(0, 16);
}

/** Links 0..chainUnits of the example device's chain on a channel. */
export function chainOf(channel: number, chainUnits: number): readonly Bytes[] {
  const links = new Array<Bytes>(chainUnits).fill('').concat(lastLink);
  for (let index = chainUnits - 1; index >= 0; index--)
    links[index] = linkOf(deviceBytes, channel, index, links[index + 1] ?? '');
  return links;
}

/** The worked example of the specification. */
export const exampleTariff = {
  currency: 'EUR',
  unit: 'Wh',
  priceMicros: 250000,
  perUnits: 1000,
  validFromSeconds: 1767225600,
  validUntilSeconds: 1798761600,
};
const tariffBytes = cborOf([1, ...Object.values(exampleTariff)]);
export const tariffId = sha256(tariffBytes).slice(0, 16);
export const exampleChannel = 7;
export const exampleChain = chainOf(exampleChannel, 100);
