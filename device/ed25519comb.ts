// A multiple of a fixed point, in slices. In: the scalar k whose bits are the signs of the comb, a blinding number, the table. Out: the 32 bytes of
// the point (2 k - (2^252 - 1)) B. One slice is one addition, one doubling or a piece of the inversion. It must never give bytes of a point that
// is not on the curve.
//
// The 252 signs are cut into `combs` combs of `teeth` teeth, `spacing` apart: comb c in column j reads the signs c teeth spacing + i spacing + j.

import type { Bytes } from '../shared/bytes.ts';
import type { Limbs, Native } from './ed25519native.ts';
import type { GrowingPoint, PointEngine } from './ed25519point.ts';
import type { Inversion } from './ed25519invert.ts';
import { beginInversion } from './ed25519invert.ts';
import { LIMBS, ONE, multiply, powerOfTwo, wheelOf, wordsOf } from './ed25519field.ts';

export interface CombShape {
  readonly combs: number;
  readonly teeth: number;
  readonly spacing: number;
}

/** A table in flash, as the generator laid it out: entries, matrix, d. */
export interface CombTable {
  readonly shape: CombShape;
  readonly entries: ArrayBuffer;
  /** Eight rows of 32: the matrix that halves 512-bit numbers mod L. */
  readonly matrix: Int32Array[];
  /** The curve's d, as limbs times 2^-128. */
  readonly d: Limbs;
}

export interface Multiple {
  /** One slice of work: '' until the point's 32 bytes are there. */
  step(): Bytes;
}

export const ENTRY_BYTES = 144;
const MATRIX_BYTES = 1024;
const ROUNDS_A_SLICE = 3;
/** 2^128: what the table's numbers lack. */
const UNSCALE = powerOfTwo(128);

/** Views on the generator's bytes; copies nothing. */
export function openTable(shape: CombShape, bytes: ArrayBuffer): CombTable {
  const entriesBytes = shape.combs * (1 << (shape.teeth - 1)) * ENTRY_BYTES;
  const expected = entriesBytes + MATRIX_BYTES + 48;
  if (bytes.byteLength !== expected) {
    throw new Error('the comb table has ' + bytes.byteLength + ' bytes, expected ' + expected + ': write the table to the board again');
  }
  const matrix = [];
  for (let row = 0; row < 8; row++) matrix.push(new Int32Array(bytes, entriesBytes + 128 * row, 32));
  return { shape: shape, entries: bytes, matrix: matrix, d: new Float32Array(bytes, entriesBytes + MATRIX_BYTES, LIMBS) };
}

/** The curve's d as limbs. */
function dOf(table: CombTable): number[] {
  const out = [];
  for (let i = 0; i < LIMBS; i++) out.push(UNSCALE * table.d[i]!);
  return out;
}

function twice(x: Limbs): number[] {
  const out = [];
  for (let i = 0; i < LIMBS; i++) out.push(2 * x[i]!);
  return out;
}

/** -x^2 + y^2 - 1 - d x^2 y^2 mod p: zero on the curve and nowhere else. */
function isOnCurve(native: Native, table: CombTable, x: Limbs, y: Limbs): boolean {
  const xx = multiply(native, x, wheelOf(x));
  const yy = multiply(native, y, wheelOf(y));
  const product = multiply(native, dOf(table), wheelOf(multiply(native, xx, wheelOf(yy))));
  const excess = [];
  for (let i = 0; i < LIMBS; i++) excess.push(yy[i]! - xx[i]! - ONE[i]! - product[i]!);
  const words = wordsOf(native, multiply(native, excess, wheelOf(ONE)));
  let all = 0;
  for (let i = 0; i < 8; i++) all = all | words[i]!;
  return all === 0;
}

/** The point's 32 bytes, from the inverse of 2 z. */
function encodePoint(work: CombWork, point: GrowingPoint, inverse: Limbs): Bytes {
  const native = work.native;
  const wheel = wheelOf(inverse);
  const at = point.coordinates();
  const x = multiply(native, at.x, wheel);
  const y = multiply(native, at.y, wheel);
  if (!isOnCurve(native, work.table, x, y)) {
    throw new Error('Ed25519: the point is not on the curve, so nothing was signed: check the table in flash');
  }
  const words = wordsOf(native, y);
  if (wordsOf(native, x)[0]! % 2 === 1) words[7] = words[7]! + 2147483648;
  return native.toBytes(words.buffer as ArrayBuffer);
}

/** Reads the signs of a scalar, one digit of `teeth` signs at a time. */
function bitsOf(native: Native, scalar: Uint32Array): Uint8Array {
  const bits = new Uint8Array(256);
  native.mapInPlace(new Uint8Array(scalar.buffer), bits, undefined, -1);
  return bits;
}

/** A comb's teeth as weights: one convolution with the bits reads a digit. */
function teethOf(shape: CombShape): Uint8Array {
  const out = new Uint8Array((shape.teeth - 1) * shape.spacing + 1);
  for (let i = 0; i < shape.teeth; i++) out[i * shape.spacing] = 1 << i;
  return out;
}

/** What one signature after the other can share: buffers, views and the weights. One multiple at a time may be under way with it. */
export interface CombWork {
  readonly native: Native;
  readonly table: CombTable;
  readonly engine: PointEngine;
  readonly teeth: Uint8Array;
  /** The current entry, copied out of flash: all, m, p, k. */
  readonly entry: Float32Array;
  readonly m: Float32Array;
  readonly p: Float32Array;
  readonly k: Float32Array;
}

export function openComb(native: Native, table: CombTable, engine: PointEngine): CombWork {
  const entry = new Float32Array(3 * LIMBS);
  return {
    native: native,
    table: table,
    engine: engine,
    teeth: teethOf(table.shape),
    entry: entry,
    m: entry.subarray(0, 12),
    p: entry.subarray(12, 24),
    k: entry.subarray(24, 36),
  };
}

/** Adds the entry that comb `comb` reads in column `column`. */
function addDigit(work: CombWork, bits: Uint8Array, point: GrowingPoint, comb: number, column: number): void {
  const shape = work.table.shape;
  const entries = 1 << (shape.teeth - 1);
  const digit = work.native.convolve(work.teeth, bits, comb * shape.teeth * shape.spacing + column);
  const positive = digit >= entries; // the last tooth's sign
  const index = comb * entries + (positive ? digit - entries : entries - 1 - digit);
  work.entry.set(new Float32Array(work.table.entries, index * ENTRY_BYTES, 3 * LIMBS));
  point.add(work.m, work.p, work.k, positive ? 1 : -1);
}

export function beginMultiple(work: CombWork, scalar: Uint32Array, lambda: Limbs): Multiple {
  if (scalar[7]! >= 268435456) throw new Error('Ed25519: the scalar needs more than 252 signs'); // happens once in 2^127 scalars
  const native = work.native;
  const shape = work.table.shape;
  const bits = bitsOf(native, scalar);
  const point = work.engine.begin(lambda);
  let column = shape.spacing - 1;
  let comb = 0;
  let attempts = 0;
  let inversion: Inversion | undefined;

  function grow(): void {
    if (comb < shape.combs) {
      addDigit(work, bits, point, comb, column);
      comb++;
    } else {
      point.double();
      column--;
      comb = 0;
    }
  }

  /** Begins to invert 2 z d^attempts: another number for every attempt, blinded like z. */
  function beginInverse(): void {
    let value = twice(point.coordinates().z);
    for (let i = 0; i < attempts; i++) value = multiply(native, value, wheelOf(dOf(work.table)));
    inversion = beginInversion(native, value);
  }

  /** x and y from the inverse that was found, or '' to begin another one. */
  function finish(found: number[] | undefined): Bytes {
    attempts++;
    inversion = undefined;
    if (found === undefined) {
      if (attempts > 8) throw new Error('Ed25519: 2 z cannot be inverted, so nothing was signed');
      return '';
    }
    let inverse = found;
    for (let i = 1; i < attempts; i++) inverse = multiply(native, inverse, wheelOf(dOf(work.table)));
    return encodePoint(work, point, inverse);
  }

  return {
    step: function (): Bytes {
      if (column > 0 || comb < shape.combs) {
        grow();
        return '';
      }
      if (inversion === undefined) {
        beginInverse();
        return '';
      }
      let done = false;
      for (let i = 0; i < ROUNDS_A_SLICE && !done; i++) done = inversion.round();
      return done ? finish(inversion.inverse()) : '';
    },
  };
}
