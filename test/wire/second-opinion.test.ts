// A second opinion on every message that the vectors accept: a general CBOR library reads the same values, writes the same bytes, and every proof holds when
// its structure is built by that library from the RFC's words and judged by node:crypto.

import { Decoder } from 'cbor-x';
import { describe, expect, it } from 'vitest';
import type { Case } from './cases.ts';
import { bufferOf, bytesOf, macUnder, verifies } from './node-crypto.ts';
import { cborOf, devicePublic, hexOf, hubPublic, macKey, structureOf } from './parties.ts';
import { updateStructure } from './vectors-update.ts';
import { committedCases } from './vectors.ts';

// Maps stay maps, so that the header's integer keys are seen as such.
const decoder = new Decoder({ mapsAsObjects: false, useRecords: false });

/** Bytes as hex and wide integers as numbers: the form of the vectors. */
function plain(item: unknown): unknown {
  if (item instanceof Uint8Array) return Buffer.from(item).toString('hex');
  return typeof item === 'bigint' ? Number(item) : item;
}

function itemsOf(bytes: Uint8Array): unknown[] {
  return (decoder.decode(bytes) as unknown[]).map(plain);
}

function acceptedIn(...files: string[]): [string, Case][] {
  const cases = files.flatMap((file) => committedCases(file)).filter((one) => one.operation.startsWith('decode-'));
  return cases.filter((one) => !('refusal' in one.output)).map((one) => [`${one.operation} ${one.name}`, one]);
}

interface Opened {
  readonly protectedHeader: unknown;
  readonly unprotected: unknown;
  readonly payload: Buffer;
  readonly proof: Buffer;
}

function opened(one: Case): Opened {
  const [header, unprotected, payload, proof] = decoder.decode(Buffer.from(one.input['hex'] as string, 'hex')) as Buffer[];
  if (header === undefined || payload === undefined || proof === undefined) throw new Error('not an envelope');
  return { protectedHeader: decoder.decode(header), unprotected, payload, proof };
}

/** The values of an output without what is not in the payload, in the order of the vector. */
function valuesOf(one: Case): unknown[] {
  return Object.entries(one.output).flatMap(([name, value]) => (name === 'kind' || name === 'signature' ? [] : [value]));
}

describe('cbor-x reads the same values', () => {
  it.each(acceptedIn('payword-voucher'))('%s', (_name, one) => {
    const bytes = Buffer.from(one.input['hex'] as string, 'hex');
    expect(itemsOf(bytes)).toEqual(valuesOf(one));
    expect(hexOf(cborOf(decoder.decode(bytes)))).toBe(one.input['hex']);
  });

  it.each(acceptedIn('signed-voucher', 'commitment'))('%s', (_name, one) => {
    const { protectedHeader, unprotected, payload } = opened(one);
    expect(protectedHeader).toEqual(new Map([[1, -8]]));
    expect(unprotected).toEqual(new Map());
    expect(itemsOf(payload)).toEqual(valuesOf(one));
  });

  it.each(acceptedIn('receipt', 'reject', 'grant'))('%s', (_name, one) => {
    const { protectedHeader, unprotected, payload } = opened(one);
    expect(protectedHeader).toEqual(new Map([[1, 4]]));
    expect(unprotected).toEqual(new Map());
    const reasons = committedCases('reject-reasons')[0]?.output['reasons'] as {
      readonly reason: string;
      readonly code: number;
    }[];
    const code = reasons.find(({ reason }) => reason === one.output['reason'])?.code;
    expect(itemsOf(payload)).toEqual(valuesOf(one).map((value) => (value === one.output['reason'] ? code : value)));
  });

  it.each(acceptedIn('offer', 'piece'))('%s', (_name, one) => {
    const { protectedHeader, unprotected, payload } = opened(one);
    expect(protectedHeader).toEqual(new Map([[1, 4]]));
    expect(unprotected).toEqual(new Map());
    expect(itemsOf(payload)).toEqual(Object.values(one.output).slice(1)); // all but the kind
  });

  it.each(acceptedIn('report'))('%s', (_name, one) => {
    const states = ['running', 'loading', 'ready', 'trial', 'rolled-back', 'no-room', 'not-signed', 'damaged'];
    const [version, build, state, offered, at] = valuesOf(one);
    const items = itemsOf(Buffer.from(one.input['hex'] as string, 'hex'));
    expect(items).toEqual([version, build, states.indexOf(state as string), offered, at]);
  });

  it.each(acceptedIn('tariff'))('%s', (_name, one) => {
    expect(itemsOf(Buffer.from(one.input['hex'] as string, 'hex'))).toEqual([1, ...valuesOf(one)]);
  });

  it.each(acceptedIn('status'))('%s', (_name, one) => {
    const { state, channel, registerUnits } = one.output;
    const code = ['offline', 'serving', 'stopped', 'fault'].indexOf(state as string);
    expect(itemsOf(Buffer.from(one.input['hex'] as string, 'hex'))).toEqual([1, code, channel, registerUnits]);
  });
});

describe('every proof holds over the structure of RFC 9052', () => {
  const purposes: Readonly<Record<string, number>> = {
    commitment: 1,
    signed: 2,
    receipt: 3,
    reject: 4,
    grant: 6,
    offer: 8,
    piece: 9,
  };

  it.each(acceptedIn('signed-voucher', 'commitment'))('%s', (_name, one) => {
    const { payload, proof } = opened(one);
    const purpose = purposes[one.output['kind'] as string] ?? 0;
    expect(verifies(devicePublic, structureOf('Signature1', purpose, bytesOf(payload)), bytesOf(proof))).toBe(true);
    const other = purpose === 1 ? 2 : 1;
    expect(verifies(devicePublic, structureOf('Signature1', other, bytesOf(payload)), bytesOf(proof))).toBe(false);
  });

  it.each(acceptedIn('receipt', 'reject', 'grant', 'offer', 'piece'))('%s', (_name, one) => {
    const { payload, proof } = opened(one);
    const purpose = purposes[one.output['kind'] as string] ?? 0;
    expect(macUnder(macKey)(structureOf('MAC0', purpose, bytesOf(payload)))).toBe(bytesOf(proof));
    expect(bufferOf(macUnder(macKey)(structureOf('MAC0', purpose === 3 ? 4 : 3, bytesOf(payload)))).equals(proof)).toBe(false);
  });

  it.each(acceptedIn('offer'))("%s: the hub's own signature, for every device", (_name, one) => {
    const { payload } = opened(one);
    const items = decoder.decode(payload) as unknown[];
    const signature = bytesOf(items.pop() as Uint8Array);
    const signed = updateStructure(cborOf(items));
    expect(verifies(hubPublic, signed, signature)).toBe(true);
    expect(verifies(hubPublic, structureOf('Signature1', 7, cborOf(items)), signature)).toBe(false);
  });
});
