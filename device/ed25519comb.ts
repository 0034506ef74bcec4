// A multiple of a fixed point, in slices. In: the scalar k whose bits are the signs of the comb, a blinding number, the table. Out: the 32 bytes of
// the point (2 k - (2^252 - 1)) B. One slice is one addition, one doubling or a piece of the inversion. It must never give bytes of a point that
// is not on the curve.
//
// The 252 signs are cut into `combs` combs of `teeth` teeth, `spacing` apart: comb c in column j reads the signs c teeth spacing + i spacing + j.

import type { Bytes } from '../shared/bytes.ts';
import type { Limbs, Native, Wheel } from './ed25519native.ts';
import type { GrowingPoint, PointEngine } from './ed25519point.ts';
import type { Inversion } from './ed25519invert.ts';
import { beginInversion } from './ed25519invert.ts';
import { LIMBS, ONE, isOdd, limbsOf, powerOfTwo, wheelOf, wordsOf } from './ed25519field.ts';

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
const ROUNDS_A_SLICE = 2;
const ATTEMPTS_MAX = 8;
/** 2^128: what the table's numbers lack. */
const UNSCALE = powerOfTwo(128);

/** Views on the generator's bytes; copies nothing. */
export function openTable(shape: CombShape, bytes: ArrayBuffer): CombTable {
  const entriesBytes = shape.combs * (1 << (shape.teeth - 1)) * ENTRY_BYTES;
  const expected = entriesBytes + MATRIX_BYTES + 48;
  if (bytes.byteLength !== expected) {
    throw new Error(
      'the comb table has ' + bytes.byteLength + ' bytes, expected ' + expected + ': write the table to the board again',
    );
  }
  const matrix = [];
  for (let row = 0; row < 8; row++) matrix.push(new Int32Array(bytes, entriesBytes + 128 * row, 32));
  return { shape: shape, entries: bytes, matrix: matrix, d: new Float32Array(bytes, entriesBytes + MATRIX_BYTES, LIMBS) };
}

/** The curve's d as a wheel. */
function wheelOfD(table: CombTable): number[] {
  const out = [];
  for (let i = 0; i < LIMBS; i++) out.push(UNSCALE * table.d[i]!);
  return wheelOf(out);
}

/** True if -x^2 + y^2 - 1 = d x^2 y^2 mod p, x and y as wheels. A carried number is zero only if all its limbs are, and else its sum is not. */
function isOnCurve(work: CombWork, x: Wheel, y: Wheel): boolean {
  const multiply = work.engine.multiply;
  const xx = multiply(limbsOf(x), x);
  const yy = multiply(limbsOf(y), y);
  const product = multiply(limbsOf(multiply(limbsOf(xx), yy)), wheelOfD(work.table));
  const excess = [];
  for (let i = LIMBS - 1; i >= 0; i--) excess.push(yy[i]! - xx[i]! - product[i]!);
  excess[0] = excess[0]! - 1;
  return work.native.sum(limbsOf(multiply(excess, wheelOf(ONE)))) === 0;
}

/** The point's 32 bytes, from the inverse of 2 Z: x is (P - M) / 2 Z, y is (P + M) / 2 Z. */
function encodePoint(work: CombWork, point: GrowingPoint, wheel: Wheel): Bytes {
  const M = point.difference();
  const P = point.sum();
  const x2 = [];
  const y2 = [];
  for (let i = LIMBS - 1; i >= 0; i--) {
    x2.push(P[i]! - M[i]!);
    y2.push(P[i]! + M[i]!);
  }
  const x = work.engine.multiply(x2, wheel);
  const y = work.engine.multiply(y2, wheel);
  if (!isOnCurve(work, x, y))
    throw new Error('Ed25519: the point is not on the curve, so nothing was signed: check the table in flash');
  const words = wordsOf(work.native, limbsOf(y));
  if (isOdd(work.native, limbsOf(x))) words[7] = words[7]! + 2147483648;
  return work.native.toBytes(words.buffer as ArrayBuffer);
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
  /** Signs a comb reads, and entries it has. */
  readonly stride: number;
  readonly entries: number;
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
    stride: table.shape.teeth * table.shape.spacing,
    entries: 1 << (table.shape.teeth - 1),
    entry: entry,
    m: entry.subarray(0, 12),
    p: entry.subarray(12, 24),
    k: entry.subarray(24, 36),
  };
}

/** Adds the entry that comb `comb` reads in column `column`. */
function addDigit(work: CombWork, bits: Uint8Array, point: GrowingPoint, comb: number, column: number): void {
  const shape = work.table.shape;
  const entries = work.entries;
  const digit = work.native.convolve(work.teeth, bits, comb * work.stride + column);
  const positive = digit >= entries; // the last tooth's sign
  const index = comb * entries + (positive ? digit - entries : entries - 1 - digit);
  work.entry.set(new Float32Array(work.table.entries, index * ENTRY_BYTES, 3 * LIMBS));
  point.add(work.m, work.p, work.k, positive ? 1 : -1, comb < shape.combs - 1);
}

/** `point` must be the neutral element, with its blinding. */
export function beginMultiple(work: CombWork, scalar: Uint32Array, point: GrowingPoint): Multiple {
  if (scalar[7]! >= 268435456) throw new Error('Ed25519: the scalar needs more than 252 signs'); // happens once in 2^127 scalars
  const shape = work.table.shape;
  const bits = bitsOf(work.native, scalar);
  let column = shape.spacing - 1;
  let comb = 0;
  let attempts = 0;
  let inversion: Inversion | undefined;

  function grow(): void {
    if (comb < shape.combs) addDigit(work, bits, point, comb++, column);
    else {
      point.double();
      column--;
      comb = 0;
    }
  }

  /** Begins to invert 2 Z d^attempts: another number for every attempt, blinded like Z. */
  function beginInverse(): void {
    let wheel = point.z();
    for (let i = 0; i < attempts; i++) wheel = work.engine.multiply(limbsOf(wheel), wheelOfD(work.table));
    const value = limbsOf(wheel);
    for (let i = 0; i < LIMBS; i++) value[i] = 2 * value[i]!;
    inversion = beginInversion(work.native, value);
  }

  /** The point from the inverse that was found, or '' to begin another one. */
  function finish(found: number[] | undefined): Bytes {
    inversion = undefined;
    attempts++;
    if (found === undefined) {
      if (attempts > ATTEMPTS_MAX) throw new Error('Ed25519: 2 Z cannot be inverted, so nothing was signed');
      return '';
    }
    let wheel: Wheel = wheelOf(found);
    for (let i = 1; i < attempts; i++) wheel = work.engine.multiply(limbsOf(wheel), wheelOfD(work.table));
    return encodePoint(work, point, wheel);
  }

  function invert(under: Inversion): Bytes {
    for (let i = 0; i < ROUNDS_A_SLICE; i++) if (under.round()) return finish(under.inverse());
    return '';
  }

  return {
    step: function (): Bytes {
      if (column > 0 || comb < shape.combs) grow();
      else if (inversion === undefined) beginInverse();
      else return invert(inversion);
      return '';
    },
  };
}
