// Properties of every codec: what is written is read back the same; arbitrary bytes only ever give a declared answer; a mutated message is refused or
// is the one encoding of what it decodes to.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as any from './arbitrary.ts';
import type { Fields } from './fields.ts';
import { sha256 } from './node-crypto.ts';
import { encode, operate } from './operations.ts';
import { device, hexOf, hubBytes, macKey } from './parties.ts';
import type { Sample } from './samples.ts';
import { SAMPLES } from './samples.ts';
import { committedCases, VECTOR_FILES } from './vectors.ts';

const LISTENER = { hub: hexOf(hubBytes), device, macKey: hexOf(macKey) };
const REFUSALS: Readonly<Record<string, string>> = {
  'decode-uplink': 'malformed',
  'decode-downlink': 'not-believed',
  'decode-report': 'malformed',
  'decode-status': 'malformed',
  'decode-tariff': 'malformed',
};

/** Decodes: a declared refusal with a sentence, or a value that encodes to these very bytes. True if it decoded. */
function decodesOrIsRefused(operation: string, input: Fields): boolean {
  const output = operate(operation, input, sha256);
  if ('refusal' in output) {
    // Compared by hand: an assertion per mutation would take longer than the mutation.
    if (output['refusal'] !== REFUSALS[operation] || output['detail'] === '')
      expect(output).toBe('a declared refusal with a sentence');
    return false;
  }
  const again = encode(operation, input, output, sha256)['hex'];
  if (again !== input['hex']) expect(again).toBe(input['hex']);
  return true;
}

describe('what is written is read back the same', () => {
  it.each([
    ['decode-uplink', 'a payword voucher', any.payword],
    ['decode-uplink', 'a signed voucher', any.signed],
    ['decode-uplink', 'a commitment', any.commitment],
    ['decode-downlink', 'a receipt', any.receipt],
    ['decode-downlink', 'a reject', any.reject],
    ['decode-downlink', 'a grant', any.grant],
    ['decode-downlink', 'an offer', any.offer],
    ['decode-downlink', 'a piece', any.piece],
    ['decode-report', 'a report', any.report],
    ['decode-status', 'a status', any.status],
    ['decode-tariff', 'a tariff', any.tariff],
  ] as const)('%s: %s', (operation, _name, values: fc.Arbitrary<Fields>) => {
    fc.assert(
      fc.property(values, (value) => {
        const input = { ...LISTENER, ...encode(operation, LISTENER, value, sha256) };
        expect(operate(operation, input, sha256)).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });
});

describe('arbitrary bytes give a declared answer', () => {
  const anything = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes).toString('hex'));
  const plausible = fc
    .tuple(fc.constantFrom('81', '82', '83', '84', '85', '87', '8443a10127a0', '8443a10104a0'), fc.uint8Array({ maxLength: 160 }))
    .map(([head, rest]) => head + Buffer.from(rest).toString('hex'));

  it.each(Object.keys(REFUSALS))('%s', (operation) => {
    fc.assert(
      fc.property(fc.oneof(anything, plausible), (hex) => {
        decodesOrIsRefused(operation, { ...LISTENER, hex });
      }),
      { numRuns: 3000 },
    );
  });
});

/** Every byte replaced by all 255 others, every prefix, every byte appended. */
function* mutations(hex: string): Generator<string> {
  for (let at = 0; at < hex.length; at += 2) {
    yield hex.slice(0, at);
    for (let code = 0; code < 256; code++) {
      const byte = code.toString(16).padStart(2, '0');
      if (byte !== hex.slice(at, at + 2)) yield hex.slice(0, at) + byte + hex.slice(at + 2);
    }
  }
  for (let code = 0; code < 256; code++) yield hex + code.toString(16).padStart(2, '0');
}

describe('every byte changed, every prefix cut, every byte appended', () => {
  it.each(SAMPLES.map((sample): [string, Sample] => [sample.name, sample]))('%s', (_name, { operation, input }) => {
    const hex = input['hex'] as string;
    let decoded = 0;
    let refused = 0;
    for (const mutated of mutations(hex)) {
      const longer = mutated.length !== hex.length;
      const isDecoded = decodesOrIsRefused(operation, { ...input, hex: mutated });
      // No prefix of a message and no message with a byte more is a message.
      if (longer) expect(isDecoded).toBe(false);
      if (isDecoded) decoded++;
      else refused++;
    }
    expect(decoded + refused).toBe((hex.length / 2) * 256 + 256);
    // Nothing at all survives under a tag; where a proof is still to be checked, or nothing is proven, other values do.
    if (operation === 'decode-downlink') expect(decoded).toBe(0);
    else expect(decoded).toBeGreaterThan(0);
  });
});

/** Every vector that is accepted, not only one of each kind. */
const ACCEPTED = Object.keys(VECTOR_FILES)
  .flatMap((file) => committedCases(file))
  .filter(({ operation, output }) => operation in REFUSALS && !('refusal' in output));

describe('every bit of every accepted vector flipped, every prefix cut', () => {
  it.each(Object.keys(REFUSALS))('%s', (operation) => {
    const own = ACCEPTED.filter((one) => one.operation === operation);
    expect(own.length).toBeGreaterThan(5);
    for (const { input } of own) {
      const bytes = Buffer.from(input['hex'] as string, 'hex');
      for (let at = 0; at < bytes.length; at++) {
        expect(decodesOrIsRefused(operation, { ...input, hex: bytes.toString('hex', 0, at) })).toBe(false);
        for (let bit = 0; bit < 8; bit++) {
          const flipped = Buffer.from(bytes);
          flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << bit), at);
          decodesOrIsRefused(operation, { ...input, hex: flipped.toString('hex') });
        }
      }
    }
  });
});
