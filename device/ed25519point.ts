// What a point engine does: keep one growing point and add table entries to it. Two engines exist, one that is fast (ed25519unrolled.ts) and one
// that needs little memory (ed25519loops.ts); both compute the same limbs.
//
// A point (x, y) = (X/Z, Y/Z) is kept as wheels of M = Y - X, P = Y + X and T = XY/Z, and the two factors F (limbs) and G (wheel) of Z = F G.
// A table entry is m = (y - x)/2, p = (y + x)/2, k = d x y. Addition (extended coordinates, a = -1):
//   E = P p - M m    H = P p + M m    F' = F G - T k    G' = F G + T k    M' = G' H - E F'    P' = G' H + E F'    T' = E H
// Doubling is the same with m = M, p = P, and F G replaced by 2 Z^2, T k by 2 (M P - Z^2).

import type { Limbs, Native, Wheel } from './ed25519native.ts';

export interface PointEngine {
  /** The wheel of x y, carried, from x's limbs and y's wheel. */
  readonly multiply: (x: Limbs, wheel: Limbs) => Wheel;
  /** The neutral element as (0 : lambda : lambda): from here on lambda blinds every number that is computed. */
  begin(lambda: Limbs): GrowingPoint;
}

export interface GrowingPoint {
  /** Adds the entry if `sign` is 1, subtracts it if -1. The entry's numbers are limbs times 2^-128. `more`: another `add` follows directly. */
  add(m: Limbs, p: Limbs, k: Limbs, sign: number, more: boolean): void;
  double(): void;
  /** Y - X and Y + X as wheels. */
  difference(): Wheel;
  sum(): Wheel;
  /** Z as a wheel. */
  z(): Wheel;
}

export type MakeEngine = (native: Native) => PointEngine;
