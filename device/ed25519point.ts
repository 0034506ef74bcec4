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
import type { Crossing, Ends, Product, Programs } from './ed25519programs.ts';
import { D_AT } from './ed25519table.ts';

/** The wheels and limbs are views of one array: each array of its own takes more memory. */
export interface Point {
  readonly native: Native;
  readonly ends: Ends;
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
    ends: programs[0],
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

/** As an addition begins, but for G', which is there. */
export function beginDoubling(point: Point): void {
  const m = turned(point.native, point.M);
  const p = turned(point.native, point.P);
  point.ends(0, 0, 0, 0, 0, point.F, point.G, p, point.M, -2, point.f, point.T, p, point.P, m, point.M, 1);
}

/** The point's bytes, in slices, from the limbs of 1 / 2 Z, the highest first. Nothing else is asked of the point after this. */
export function beginEncoding(point: Point, table: Bytes, inverse: Limbs): () => Bytes {
  const native = point.native;
  const x = point.T;
  const y = point.G;
  const M = point.M;
  const P = point.P;
  const g = point.g;
  let stage = 0;
  return function (): Bytes {
    stage++;
    if (stage === 1) {
      point.cross(0, 0, 0, 0, 0, inverse, M, inverse, P, x, y); // x is (P - M) / 2 Z, y is (P + M) / 2 Z
      point.multiply(0, 0, turned(native, x), y, g);
    } else if (stage === 2) {
      point.multiply(0, 0, turned(native, g), g, M); // (x y)^2
      point.cross(0, 0, 0, 0, 0, turned(native, y), x, turned(native, x), y, g, P);
    } else if (stage === 3) {
      // On the curve y^2 - x^2 - 1 = d x^2 y^2. A carried number is zero only if all its limbs are, and else its sum is not.
      const excess = turned(native, g);
      excess[11]! -= 1;
      const d = new Float32Array(native.toArrayBuffer(table), D_AT, LIMBS);
      setOne(P, point.unscale);
      point.cross(0, 0, 0, 0, 0, scaled(native, d, point.unscale), P, excess, M, g, new Float64Array(2 * LIMBS));
    } else {
      if (native.sum(turned(native, g)) !== 0) throw new Error('Ed25519: not on the curve');
      const words = wordsOf(native, y);
      // x is odd: of its limbs only the lowest can be, and p, if it is missing, is
      if ((x[12]! % 2 !== 0) !== native.sum(turned(native, x)) < 0) words[7]! += 2147483648;
      return native.toBytes(new Uint8Array(words.buffer));
    }
    return '';
  };
}
