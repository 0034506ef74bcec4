// The subset of deterministic CBOR (RFC 8949, section 4.2.1) that the wire uses: unsigned integers, byte strings, text,
// true and false, arrays of a known length. In: values; out: bytes, and back. The reader accepts exactly one encoding of each
// value and never more than it was asked for; it never throws: the first fault sticks and says what was expected and what came.

import type { Bytes } from './bytes.ts';

const UINT = 0;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;

/** The largest integer on the wire: 2^53 - 1, so that every reader can hold it exactly. [W-3] */
export const MAX_SAFE = 9007199254740991;

function head(major: number, n: number): Bytes {
  const m = major * 32;
  if (n < 24) return String.fromCharCode(m + n);
  if (n < 256) return String.fromCharCode(m + 24, n);
  if (n < 65536) return String.fromCharCode(m + 25, n >> 8, n & 255);
  if (n < 4294967296) return String.fromCharCode(m + 26, (n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
  const high = Math.floor(n / 4294967296);
  const low = n - high * 4294967296;
  return (
    String.fromCharCode(m + 27, (high >>> 24) & 255, (high >>> 16) & 255, (high >>> 8) & 255, high & 255) +
    String.fromCharCode((low >>> 24) & 255, (low >>> 16) & 255, (low >>> 8) & 255, low & 255)
  );
}

export function writeUint(n: number): Bytes {
  return head(UINT, n);
}

export function writeBytes(bytes: Bytes): Bytes {
  return head(BYTES, bytes.length) + bytes;
}

/** ASCII text only: the callers' texts are constants and checked codes. */
export function writeText(ascii: string): Bytes {
  return head(TEXT, ascii.length) + ascii;
}

export function writeBool(value: boolean): Bytes {
  return value ? '\xf5' : '\xf4';
}

export function writeArray(length: number): Bytes {
  return head(ARRAY, length);
}

/** A position in untrusted bytes. `fault` is '' while all that was read was well formed. */
export interface Reader {
  readonly bytes: Bytes;
  at: number;
  fault: string;
}

export function readerOf(bytes: Bytes): Reader {
  return { bytes: bytes, at: 0, fault: '' };
}

function fail(r: Reader, at: number, expected: string, got: string): void {
  if (r.fault === '') r.fault = 'byte ' + at + ': expected ' + expected + ', got ' + got;
}

/** One head of the wanted major type, in its shortest form [W-2]; its argument, or -1. */
function readHead(r: Reader, major: number, what: string): number {
  if (r.fault !== '') return -1;
  const at = r.at;
  if (at >= r.bytes.length) {
    fail(r, at, what, 'the end');
    return -1;
  }
  const first = r.bytes.charCodeAt(at);
  const info = first & 31;
  if (first >> 5 !== major || info > 27) {
    fail(r, at, what, 'head ' + first);
    return -1;
  }
  r.at = at + 1;
  if (info < 24) return info;
  const size = 1 << (info - 24);
  if (r.at + size > r.bytes.length) {
    fail(r, at, what, 'the end');
    return -1;
  }
  let n = 0;
  for (let i = 0; i < size; i++) n = n * 256 + r.bytes.charCodeAt(r.at + i);
  r.at += size;
  const least = info === 24 ? 24 : info === 25 ? 256 : info === 26 ? 65536 : 4294967296;
  if (n < least) {
    fail(r, at, what + ' in its shortest form', n + ' in ' + size + ' bytes');
    return -1;
  }
  if (n > MAX_SAFE) {
    fail(r, at, what + ' of at most 2^53-1', 'more');
    return -1;
  }
  return n;
}

/** An unsigned integer in `min..max`; 0 after a fault. */
export function readUint(r: Reader, what: string, min: number, max: number): number {
  const at = r.at;
  const n = readHead(r, UINT, what);
  if (n < 0) return 0;
  if (n < min || n > max) {
    fail(r, at, what + ' in ' + min + '..' + max, '' + n);
    return 0;
  }
  return n;
}

/** A byte string of exactly `length` bytes; '' after a fault. */
export function readBytes(r: Reader, what: string, length: number): Bytes {
  return readSpan(r, BYTES, what, length, length);
}

/** A byte string of `min..max` bytes; '' after a fault. */
export function readBytesWithin(r: Reader, what: string, min: number, max: number): Bytes {
  return readSpan(r, BYTES, what, min, max);
}

/** Printable ASCII of `min..max` characters; '' after a fault. */
export function readText(r: Reader, what: string, min: number, max: number): string {
  const at = r.at;
  const text = readSpan(r, TEXT, what, min, max);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code > 126) {
      fail(r, at, what + ' in printable ASCII', 'code ' + code);
      return '';
    }
  }
  return text;
}

function readSpan(r: Reader, major: number, what: string, min: number, max: number): Bytes {
  const at = r.at;
  const length = readHead(r, major, what);
  if (length < 0) return '';
  if (length < min || length > max) {
    fail(r, at, what + ' of ' + (min === max ? '' + min : min + '..' + max) + ' bytes', '' + length);
    return '';
  }
  if (r.at + length > r.bytes.length) {
    fail(r, at, what + ' of ' + length + ' bytes', 'the end');
    return '';
  }
  const span = r.bytes.substring(r.at, r.at + length);
  r.at += length;
  return span;
}

export function readBool(r: Reader, what: string): boolean {
  if (r.fault !== '') return false;
  const code = r.at < r.bytes.length ? r.bytes.charCodeAt(r.at) : -1;
  if (code !== 0xf4 && code !== 0xf5) {
    fail(r, r.at, what + ' (true or false)', code < 0 ? 'the end' : 'head ' + code);
    return false;
  }
  r.at++;
  return code === 0xf5;
}

/** The head of an array of exactly `length` items. */
export function readArray(r: Reader, what: string, length: number): void {
  const at = r.at;
  const n = readHead(r, ARRAY, what);
  if (n >= 0 && n !== length) fail(r, at, what + ' of ' + length + ' items', '' + n);
}

/** The head of an array of `min..max` items: how many; 0 after a fault. */
export function readArrayWithin(r: Reader, what: string, min: number, max: number): number {
  const at = r.at;
  const n = readHead(r, ARRAY, what);
  if (n < 0) return 0;
  if (n < min || n > max) {
    fail(r, at, what + ' of ' + min + '..' + max + ' items', '' + n);
    return 0;
  }
  return n;
}

/** These very bytes and no others: for the constant parts of a layout. */
export function readExactly(r: Reader, what: string, wanted: Bytes): void {
  if (r.fault !== '') return;
  if (r.bytes.substring(r.at, r.at + wanted.length) !== wanted) {
    fail(r, r.at, what, 'other bytes');
    return;
  }
  r.at += wanted.length;
}

/** Nothing may follow. [W-4] */
export function readEnd(r: Reader): void {
  if (r.fault === '' && r.at !== r.bytes.length) fail(r, r.at, 'the end', r.bytes.length - r.at + ' more bytes');
}
