// One growing point, to which table entries are added. In: the programs of ed25519programs.ts, entries in flash, a blinding number. Out: the point's 32 bytes. It must never
// give bytes of a point that is not on the curve.
//
// A point (x, y) = (X/Z, Y/Z) is kept as wheels M = Y - X, P = Y + X and T = XY/Z, and the two factors F (limbs) and G (wheel) of Z = F G.
// A table entry is k = d x y, m = (y - x)/2, p = (y + x)/2, each limb times 2^-128. Addition (extended coordinates, a = -1):
//   E = P p - M m    H = P p + M m    F' = F G - T k    G' = F G + T k    M' = G' H - E F'    P' = G' H + E F'    T' = E H
// Doubling is the same with m = M and p = P, F' = 4 Z^2 - 2 M P, and G' = 2 M P.

import type { Bytes } from '../shared/bytes.ts';
import type { Limbs, Native, Wheel } from './ed25519native.ts';
import { LIMBS, powersOfTwo, turned, wordsOf } from './ed25519field.ts';
import type { Crossing, Pair, Product, Programs } from './ed25519programs.ts';
import { D_AT } from './ed25519table.ts';

/** The wheels and limbs are views of one array: each array of its own takes more memory. */
export interface Point {
  readonly native: Native;
  readonly pair: Pair;
  readonly cross: Crossing;
  readonly multiply: Product;
  /** 2^128: what the table's numbers lack. */
  readonly unscale: number;
  readonly M: Wheel;
  readonly P: Wheel;
  T: Wheel;
  F: Float64Array;
  G: Wheel;
  /** F' and G', which take the place of the others when an addition ends. */
  f: Float64Array;
  g: Wheel;
  /** p and m of what is being added, and what they lack. */
  p: Limbs;
  m: Limbs;
  scale: number;
}

/** The limbs times a factor. */
function scaled(native: Native, limbs: Limbs, factor: number): number[] {
  return native.transformVertices(limbs, [factor, 0, 0, factor, 0, 0]);
}

function setOne(wheel: Wheel, unscale: number): void {
  wheel.fill(0);
  wheel[0] = 38 / unscale / unscale; // 19 / 2^255
  wheel[LIMBS] = 1;
}

/** The neutral element as (0 : lambda : lambda): lambda blinds every number that is computed from here on. */
export function openPoint(native: Native, programs: Programs, lambda: Limbs): Point {
  const all = new Float64Array(12 * LIMBS);
  const point: Point = {
    native: native,
    pair: programs[0],
    cross: programs[1],
    multiply: programs[2],
    unscale: powersOfTwo()[6]!,
    M: all.subarray(0, 24),
    P: all.subarray(24, 48),
    T: all.subarray(48, 72),
    F: all.subarray(72, 84),
    G: all.subarray(84, 108),
    f: all.subarray(108, 120),
    g: all.subarray(120),
    p: all,
    m: all,
    scale: 1,
  };
  point.F.set(lambda);
  setOne(point.G, point.unscale);
  point.multiply(0, 0, lambda, point.G, point.M);
  point.P.set(point.M);
  return point;
}

/** Ahead of a doubling: F = 4 Z, G = Z and g = 2 M P. */
export function prepareDoubling(point: Point): void {
  const native = point.native;
  const wheel = point.G;
  point.multiply(0, 0, point.F, wheel, point.T);
  point.G = point.T;
  point.T = wheel; // free until the doubling is done
  point.F.set(scaled(native, turned(native, point.G), 4));
  point.multiply(0, 0, scaled(native, turned(native, point.P), 2), point.M, point.g);
}

/** F' of a doubling; G' is there. */
export function beginDoubling(point: Point): void {
  point.p = turned(point.native, point.P);
  point.m = turned(point.native, point.M);
  point.scale = 1;
  point.pair(0, 0, 0, 0, 0, point.F, point.G, point.p, point.M, point.f, point.T, 1, -2);
}

/** F' and G' of the entry whose k lies at that place in flash, added or subtracted: -(x, y) = (-x, y) swaps m and p and negates k. */
export function beginAddition(point: Point, entries: ArrayBuffer, at: number, positive: boolean): void {
  const S = point.unscale;
  const k = new Float32Array(entries, at, LIMBS);
  const m = positive ? 48 : 96;
  point.p = new Float32Array(entries, at + 144 - m, LIMBS);
  point.m = new Float32Array(entries, at + m, LIMBS);
  point.scale = S;
  point.pair(0, 0, 0, 0, 0, point.F, point.G, k, point.T, point.f, point.g, 1, positive ? -S : S);
}

/** E and H take the place of G and F. */
export function joinAddition(point: Point): void {
  point.pair(0, 0, 0, 0, 0, point.p, point.P, point.m, point.M, point.F, point.G, point.scale, point.scale);
}

/** The point becomes the sum; F' G' is Z'. T is not needed before a doubling, nor at the end. */
export function endAddition(point: Point, more: boolean): void {
  const F = point.F;
  const G = point.G;
  point.cross(0, 0, 0, 0, 0, F, G, point.f, point.g, point.M, point.P);
  if (more) point.multiply(0, 0, F, G, point.T);
  point.F = point.f;
  point.G = point.g;
  point.f = F;
  point.g = G;
}

/** g = 0 on the curve y^2 - x^2 - 1 = d x^2 y^2; before, g is y^2 - x^2 and M is (x y)^2. */
function compare(point: Point, table: ArrayBuffer): void {
  const F = turned(point.native, point.g);
  F[11]! -= 1;
  setOne(point.P, point.unscale);
  const d = new Float32Array(table, D_AT, LIMBS);
  point.pair(0, 0, 0, 0, 0, F, point.P, d, point.M, point.f, point.g, 1, point.unscale);
}

/** From 1 / 2 Z in F the bytes at the fifth stage, '' before. Throws when the point is not on the curve: a carried number is zero only if all its limbs are, and else its sum is not. */
export function encodePoint(point: Point, stage: number, table: ArrayBuffer): Bytes {
  const native = point.native;
  const x = point.T;
  const y = point.G;
  if (stage === 1)
    point.cross(0, 0, 0, 0, 0, point.F, point.M, point.F, point.P, x, y); // (P - M) / 2 Z, (P + M) / 2 Z
  else if (stage === 2) {
    point.multiply(0, 0, turned(native, x), y, point.g);
    point.multiply(0, 0, turned(native, point.g), point.g, point.M);
  } else if (stage === 3) point.cross(0, 0, 0, 0, 0, turned(native, y), x, turned(native, x), y, point.g, point.P);
  else if (stage === 4) compare(point, table);
  else {
    if (native.sum(turned(native, point.g)) !== 0) throw new Error('not on the curve');
    const words = wordsOf(native, y);
    // x is odd: of its limbs only the lowest can be, and p, if it is missing, is
    if ((x[12]! % 2 !== 0) !== native.sum(turned(native, x)) < 0) words[7]! += 2147483648;
    return native.toBytes(new Uint8Array(words.buffer));
  }
  return '';
}
