// The yardstick: Ed25519 (RFC 8032) written straight from the standard, 16 limbs of 16 bits in doubles, schoolbook products, a ladder that adds
// and doubles for every bit, inversion by Fermat. In: a seed, its public key, a message, SHA-512. Out: the deterministic signature. It is what
// the fast signer's ratios are measured against and must never be made faster.

import type { Bytes } from '../../shared/bytes.ts';

export type Sha512 = (data: Bytes) => Bytes;

export interface SigningKey {
  readonly seed: Bytes;
  readonly publicKey: Bytes;
  /** SHA-512 of the seed, '' until the first signature. */
  expanded: Bytes;
}

export interface Signing {
  /** One slice of work: '' until the 64 bytes of the signature are there. */
  step(): Bytes;
}

type Field = Float64Array;
type Point = Field[]; // X, Y, Z, T with x = X/Z, y = Y/Z, x y = T/Z

function fieldOf(hex: string): Field {
  const out = new Float64Array(16);
  for (let i = 0; i < 16; i++) out[15 - i] = parseInt(hex.substring(4 * i, 4 * i + 4), 16);
  return out;
}

const ONE = fieldOf('0000000000000000000000000000000000000000000000000000000000000001');
const D = fieldOf('52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3');
const D2 = fieldOf('2406d9dc56dffce7198e80f2eef3d13000e0149a8283b156ebd69b9426b2f159');
const BASE_X = fieldOf('216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a');
const BASE_Y = fieldOf('6666666666666666666666666666666666666666666666666666666666666658');
/** The group's order is L = 2^252 + C; C, least byte first. */
const C = [0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14];

const product = new Float64Array(32);

function carry(o: Field): void {
  let over = 0;
  for (let i = 0; i < 16; i++) {
    const v = o[i]! + over;
    over = Math.floor(v / 65536);
    o[i] = v - over * 65536;
  }
  o[0] = o[0]! + 38 * over; // 2^256 = 38 mod p
}

function multiply(o: Field, a: Field, b: Field): void {
  const t = product;
  for (let i = 0; i < 32; i++) t[i] = 0;
  for (let i = 0; i < 16; i++) {
    const x = a[i]!;
    for (let j = 0; j < 16; j++) t[i + j] = t[i + j]! + x * b[j]!;
  }
  for (let i = 0; i < 16; i++) o[i] = t[i]! + 38 * t[i + 16]!;
  carry(o);
  carry(o);
}

function add(o: Field, a: Field, b: Field): void {
  for (let i = 0; i < 16; i++) o[i] = a[i]! + b[i]!;
}

function subtract(o: Field, a: Field, b: Field): void {
  for (let i = 0; i < 16; i++) o[i] = a[i]! - b[i]!;
}

function newPoint(): Point {
  return [new Float64Array(16), new Float64Array(16), new Float64Array(16), new Float64Array(16)];
}

const w0 = new Float64Array(16);
const w1 = new Float64Array(16);
const w2 = new Float64Array(16);
const w3 = new Float64Array(16);
const w4 = new Float64Array(16);

/** p = p + q by the complete law of RFC 8032 section 5.1.4; also right for p = q. */
function addPoint(p: Point, q: Point): void {
  subtract(w0, p[1]!, p[0]!);
  subtract(w4, q[1]!, q[0]!);
  multiply(w0, w0, w4); // A
  add(w1, p[1]!, p[0]!);
  add(w4, q[1]!, q[0]!);
  multiply(w1, w1, w4); // B
  multiply(w2, p[3]!, q[3]!);
  multiply(w2, w2, D2); // C
  multiply(w3, p[2]!, q[2]!);
  add(w3, w3, w3); // D
  subtract(w4, w1, w0); // E
  add(w1, w1, w0); // H
  subtract(w0, w3, w2); // F
  add(w3, w3, w2); // G
  multiply(p[0]!, w4, w0);
  multiply(p[1]!, w1, w3);
  multiply(p[2]!, w3, w0);
  multiply(p[3]!, w4, w1);
}

/** The canonical 32 bytes of an element, as numbers, least first. */
function freeze(a: Field): number[] {
  const t = new Float64Array(a);
  carry(t);
  carry(t);
  carry(t);
  for (let round = 0; round < 2; round++) {
    const s = new Float64Array(t);
    s[0] = s[0]! - 0xffed;
    for (let i = 1; i < 16; i++) s[i] = s[i]! - (i < 15 ? 0xffff : 0x7fff);
    for (let i = 0; i < 15; i++) {
      if (s[i]! < 0) {
        s[i] = s[i]! + 65536;
        s[i + 1] = s[i + 1]! - 1;
      }
    }
    if (s[15]! >= 0) t.set(s);
  }
  const out: number[] = [];
  for (let i = 0; i < 16; i++) out.push(t[i]! & 255, t[i]! >> 8);
  return out;
}

function bytesOf(numbers: number[]): Bytes {
  let out = '';
  for (let i = 0; i < numbers.length; i++) out += String.fromCharCode(numbers[i]!);
  return out;
}

/** Carries bytes `from` to `to`, leaving what is over in `to`. */
function carryBytes(x: Float64Array, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const over = Math.floor(x[i]! / 256);
    x[i] = x[i]! - over * 256;
    x[i + 1] = x[i + 1]! + over;
  }
}

/** x - q L, on 32 bytes. */
function subtractOrder(x: Float64Array, q: number): void {
  x[31] = x[31]! - 16 * q;
  for (let j = 0; j < 16; j++) x[j] = x[j]! - q * C[j]!;
  carryBytes(x, 0, 31);
}

/** 64 bytes (not necessarily carried) mod L: 32 canonical bytes as numbers. */
function reduce(x: Float64Array): number[] {
  carryBytes(x, 0, 63);
  for (let i = 63; i >= 32; i--) {
    const q = 16 * x[i]!; // 2^256 = -16 C mod L
    x[i] = 0;
    for (let j = 0; j < 16; j++) x[i - 32 + j] = x[i - 32 + j]! - q * C[j]!;
    carryBytes(x, i - 32, i - 1);
  }
  subtractOrder(x, Math.floor(x[31]! / 16));
  if (x[31]! < 0) subtractOrder(x, -1);
  const below = new Float64Array(x);
  subtractOrder(x, 1);
  const least = x[31]! < 0 ? below : x;
  const out: number[] = [];
  for (let i = 0; i < 32; i++) out.push(least[i]!);
  return out;
}

function hash(sha512: Sha512, data: Bytes): Bytes {
  const out = sha512(data);
  if (out.length !== 64) throw new Error('SHA-512 gave ' + out.length + ' bytes, expected 64: the board is out of memory');
  return out;
}

function reduceHash(digest: Bytes): number[] {
  const x = new Float64Array(64);
  for (let i = 0; i < 64; i++) x[i] = digest.charCodeAt(i);
  return reduce(x);
}

/** r + k a mod L, with a clamped. */
function response(r: number[], k: number[], expanded: Bytes): number[] {
  const x = new Float64Array(64);
  for (let i = 0; i < 32; i++) {
    let a = expanded.charCodeAt(i);
    if (i === 0) a = a & 248;
    if (i === 31) a = (a & 127) | 64;
    for (let j = 0; j < 32; j++) x[i + j] = x[i + j]! + a * k[j]!;
    x[i] = x[i]! + r[i]!;
  }
  return reduce(x);
}

/** R must lie on the curve: -x^2 + y^2 = 1 + d x^2 y^2. A fault in the arithmetic ends here and not in a signature. */
function checkOnCurve(x: Field, y: Field): void {
  multiply(w0, x, x);
  multiply(w1, y, y);
  subtract(w2, w1, w0);
  multiply(w3, w0, w1);
  multiply(w3, w3, D);
  add(w3, w3, ONE);
  if (bytesOf(freeze(w2)) !== bytesOf(freeze(w3)))
    throw new Error('Ed25519: the nonce point is not on the curve; nothing was signed');
}

export function signingKeyOf(seed: Bytes, publicKey: Bytes): SigningKey {
  return { seed: seed, publicKey: publicKey, expanded: '' };
}

/** A slice is one bit of the nonce (18 field multiplications), or eight squarings of the inversion. */
export function beginSignature(key: SigningKey, message: Bytes, sha512: Sha512): Signing {
  let r: number[] = [];
  let bit = 256; // the next bit is bit - 1
  let power = 0; // the next bit of p - 2, below 254
  const sum: Point = [new Float64Array(16), new Float64Array(ONE), new Float64Array(ONE), new Float64Array(16)];
  const next = newPoint();
  const inverse = new Float64Array(16);

  function start(): void {
    if (key.expanded === '') key.expanded = hash(sha512, key.seed);
    r = reduceHash(hash(sha512, key.expanded.substring(32) + message));
    next[0]!.set(BASE_X);
    next[1]!.set(BASE_Y);
    next[2]!.set(ONE);
    multiply(next[3]!, BASE_X, BASE_Y);
  }

  // Invariant: next = sum + B.
  function ladder(): void {
    const set = (r[bit >> 3]! >> (bit & 7)) & 1;
    addPoint(set === 1 ? sum : next, set === 1 ? next : sum);
    addPoint(set === 1 ? next : sum, set === 1 ? next : sum);
  }

  // Z^(p-2): every bit of p - 2 is one but bits 2 and 4.
  function invert(): void {
    if (power === 254) inverse.set(sum[2]!);
    for (let i = 0; i < 8 && power > 0; i++) {
      power--;
      multiply(inverse, inverse, inverse);
      if (power !== 2 && power !== 4) multiply(inverse, inverse, sum[2]!);
    }
  }

  function finish(): Bytes {
    const x = sum[0]!;
    const y = sum[1]!;
    multiply(x, x, inverse);
    multiply(y, y, inverse);
    checkOnCurve(x, y);
    const encoded = freeze(y);
    encoded[31] = encoded[31]! | ((freeze(x)[0]! & 1) << 7);
    const R = bytesOf(encoded);
    const k = reduceHash(hash(sha512, R + key.publicKey + message));
    return R + bytesOf(response(r, k, key.expanded));
  }

  return {
    step: function (): Bytes {
      if (r.length === 0) start();
      else if (bit > 0) {
        bit--;
        ladder();
        if (bit === 0) power = 254;
      } else if (power > 0) invert();
      else return finish();
      return '';
    },
  };
}
