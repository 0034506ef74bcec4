// The board's twin of shared/cbor.ts, which the build puts in its place: the same bytes, accepted and refused alike, but a fault has no sentence, because nobody
// reads it on a board and the words would take a twelfth of the file. In: values; out: bytes, and back. It never throws.

import type { Bytes } from '../shared/bytes.ts';

export interface Reader {
  readonly bytes: Bytes;
  at: number;
  fault: string;
}

export const MAX_SAFE = 9007199254740991; // [W-3]

/** `first` is the major type times 32. Small numbers come first, for they are in every payment. */
function head(first: number, n: number): Bytes {
  if (n < 24) return String.fromCharCode(first + n);
  if (n < 256) return String.fromCharCode(first + 24, n);
  if (n < 65536) return String.fromCharCode(first + 25, n >> 8, n & 255);
  let out = '';
  for (let left = n < 4294967296 ? 4 : 8; left > 0; left--) {
    out = String.fromCharCode(n % 256) + out;
    n = Math.floor(n / 256);
  }
  return String.fromCharCode(first + (out.length === 4 ? 26 : 27)) + out;
}

export function writeUint(n: number): Bytes {
  return n < 24 ? String.fromCharCode(n) : head(0, n);
}

export function writeBytes(bytes: Bytes): Bytes {
  return head(64, bytes.length) + bytes;
}

export function writeText(ascii: string): Bytes {
  return head(96, ascii.length) + ascii;
}

export function writeBool(value: boolean): Bytes {
  return value ? '\xf5' : '\xf4';
}

/** No array of the protocol has more than 23 items. */
export function writeArray(length: number): Bytes {
  return String.fromCharCode(128 + length);
}

export function readerOf(bytes: Bytes): Reader {
  return { bytes: bytes, at: 0, fault: '' };
}

/** What comes next must be so; the first fault sticks. */
function expect(r: Reader, so: boolean): void {
  if (!so) r.fault = '!';
}

/** The next `length` bytes, or a fault. */
function take(r: Reader, length: number): Bytes {
  expect(r, r.at + length <= r.bytes.length);
  if (r.fault !== '') return '';
  r.at += length;
  return r.bytes.substring(r.at - length, r.at);
}

/** One head of the wanted major type in its shortest form, with its argument in `min..max` [W-2]; `min` after a fault. */
function readHead(r: Reader, major: number, min: number, max: number): number {
  const first = take(r, 1).charCodeAt(0);
  let n = first - major * 32;
  expect(r, n >= 0 && n < 28); // so it is for no code at all
  if (n > 23 && r.fault === '') {
    const size = 1 << (n - 24);
    const bytes = take(r, size);
    n = 0;
    for (let i = 0; i < bytes.length; i++) n = n * 256 + bytes.charCodeAt(i);
    expect(r, n >= (size === 1 ? 24 : size === 2 ? 256 : size === 4 ? 65536 : 4294967296));
  }
  expect(r, n >= min && n <= max);
  return r.fault === '' ? n : min;
}

export function readUint(r: Reader, _what: string, min: number, max: number): number {
  const n = readHead(r, 0, min, max);
  return r.fault === '' ? n : 0;
}

export function readBytesWithin(r: Reader, _what: string, min: number, max: number): Bytes {
  return take(r, readHead(r, 2, min, max));
}

export function readBytes(r: Reader, what: string, length: number): Bytes {
  return readBytesWithin(r, what, length, length);
}

export function readBool(r: Reader, _what: string): boolean {
  const bytes = take(r, 1);
  expect(r, bytes === '\xf4' || bytes === '\xf5');
  return r.fault === '' && bytes === '\xf5';
}

export function readArray(r: Reader, _what: string, length: number): void {
  readHead(r, 4, length, length);
}

export function readExactly(r: Reader, _what: string, wanted: Bytes): void {
  expect(r, take(r, wanted.length) === wanted);
}

/** Nothing may follow. [W-4] */
export function readEnd(r: Reader): void {
  expect(r, r.at === r.bytes.length);
}
