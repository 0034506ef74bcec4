// The board's twin of the CBOR reader and writer: for any bytes and any questions it must answer as the one that the hub uses, but for the sentences.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as terse from '../../device/terse-cbor.ts';
import * as full from '../../shared/cbor.ts';

type Cbor = Pick<
  typeof full,
  'readArray' | 'readBool' | 'readBytes' | 'readBytesWithin' | 'readEnd' | 'readExactly' | 'readUint'
>;
type Question = (cbor: Cbor, r: full.Reader) => unknown;

const edges = [0, 1, 23, 24, 255, 256, 65535, 65536, 4294967295, 4294967296, 9007199254740991];
const number = fc.oneof(fc.constantFrom(...edges), fc.nat(), fc.maxSafeNat());
const small = fc.nat(40);
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

const question: fc.Arbitrary<Question> = fc.oneof(
  fc.tuple(number, number).map(
    ([a, b]): Question =>
      (cbor, r) =>
        cbor.readUint(r, 'n', Math.min(a, b), Math.max(a, b)),
  ),
  fc.constant<Question>((cbor, r) => cbor.readUint(r, 'n', 0, full.MAX_SAFE)),
  small.map(
    (n): Question =>
      (cbor, r) =>
        cbor.readBytes(r, 'b', n),
  ),
  fc.tuple(small, small).map(
    ([a, b]): Question =>
      (cbor, r) =>
        cbor.readBytesWithin(r, 'b', Math.min(a, b), Math.max(a, b)),
  ),
  fc.constant<Question>((cbor, r) => cbor.readBytesWithin(r, 'b', 0, 300)),
  fc.constant<Question>((cbor, r) => cbor.readBool(r, 't')),
  fc.nat(5).map(
    (n): Question =>
      (cbor, r) =>
        cbor.readArray(r, 'a', n),
  ),
  fc.constant<Question>((cbor, r) => cbor.readExactly(r, 'x', '\xa0')),
  fc.constant<Question>((cbor, r) => cbor.readEnd(r)),
);

/** Well-formed items now and then, so that reading gets far; then any bytes. */
const item = fc.oneof(
  number.map((n) => full.writeUint(n)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => full.writeBytes(latin1(bytes))),
  fc.boolean().map((value) => full.writeBool(value)),
  fc.nat(5).map((n) => full.writeArray(n)),
  fc.constant('\xa0'),
  fc.uint8Array({ maxLength: 10 }).map(latin1),
);

describe("the board's CBOR", () => {
  test('reads as the full one', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 6 }), fc.array(question, { maxLength: 6 }), (items, questions) => {
        const bytes = items.join('');
        const a = full.readerOf(bytes);
        const b = terse.readerOf(bytes);
        for (const ask of questions) {
          expect(ask(terse, b)).toEqual(ask(full, a));
          expect(b.fault === '').toBe(a.fault === '');
          if (a.fault === '') expect(b.at).toBe(a.at);
        }
      }),
      { numRuns: 20000 },
    );
  });

  test('writes as the full one', () => {
    for (const n of edges) expect(terse.writeUint(n)).toBe(full.writeUint(n));
    fc.assert(
      fc.property(number, fc.nat(70000), (n, length) => {
        expect(terse.writeUint(n)).toBe(full.writeUint(n));
        if (n < 24) expect(terse.writeArray(n)).toBe(full.writeArray(n)); // no array of the protocol is longer
        expect(terse.writeBytes('x'.repeat(length))).toBe(full.writeBytes('x'.repeat(length)));
        expect(terse.writeText('x'.repeat(length % 300))).toBe(full.writeText('x'.repeat(length % 300)));
      }),
    );
    expect([true, false].map(terse.writeBool)).toEqual([true, false].map(full.writeBool));
  });
});
