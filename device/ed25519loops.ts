// The small point engine: the same limbs as the unrolled one, from loops over arrays that are made once. In: nothing but the native operations.
// Out: growing points, of which only one may be alive at a time, because they share the arrays. It takes twice the time and a fifth of the memory.

import type { Limbs, Native } from './ed25519native.ts';
import type { GrowingPoint, PointEngine } from './ed25519point.ts';
import { FOLD, LIMBS, ONE, ROUNDERS, ZERO, powerOfTwo, wheelOf } from './ed25519field.ts';

/** A product that is still a convolution: limbs, wheel. */
type Product = readonly [Limbs, Limbs];

/** Limb k of a wheel (24 numbers) or of plain limbs (12). */
function put(out: Float64Array, k: number, limb: number): void {
  if (out.length === LIMBS) out[k] = limb;
  else {
    out[11 - k] = limb;
    out[23 - k] = FOLD * limb;
  }
}

/** Brings the last carry back to limb 0. */
function fold(out: Float64Array, over: number): void {
  const first = out.length === LIMBS ? 0 : 11;
  put(out, 0, out[first]! + FOLD * over);
}

export function loopEngine(native: Native): PointEngine {
  const C = native.convolve;
  const UNSCALE = powerOfTwo(128);
  const M = new Float64Array(24);
  const P = new Float64Array(24);
  const T = new Float64Array(24);
  const E = new Float64Array(24);
  const H = new Float64Array(12);
  let F = new Float64Array(12);
  let G = new Float64Array(24);
  let spareF = new Float64Array(12); // a sum cannot be written over its own operands
  let spareG = new Float64Array(24);
  const limbs = new Float64Array(12);

  /** out = x y, carried. */
  function single(x: Limbs, y: Limbs, out: Float64Array): void {
    const top = C(x, y, 0);
    const R = ROUNDERS[11]!;
    let r = top + R - R;
    const rest = top - r;
    r *= FOLD;
    for (let k = 0; k < LIMBS; k++) {
      const w = r + (k < 11 ? C(x, y, 11 - k) : rest);
      const K = ROUNDERS[k]!;
      r = w + K - K;
      put(out, k, w - r);
    }
    fold(out, r);
  }

  /** low = X x - Y y and high = W x + Y y, carried, for two products x and y. */
  function pair(x: Product, y: Product, X: number, Y: number, W: number, low: Float64Array, high: Float64Array): void {
    const a = x[0];
    const A = x[1];
    const b = y[0];
    const B = y[1];
    let c = C(a, A, 0);
    let d = Y * C(b, B, 0);
    const topLow = X * c - d;
    const topHigh = W * c + d;
    const R = ROUNDERS[11]!;
    let r = topLow + R - R;
    let q = topHigh + R - R;
    const restLow = topLow - r;
    const restHigh = topHigh - q;
    r *= FOLD;
    q *= FOLD;
    for (let k = 0; k < LIMBS; k++) {
      if (k < 11) {
        c = C(a, A, 11 - k);
        d = Y * C(b, B, 11 - k);
      }
      const K = ROUNDERS[k]!;
      const v = r + (k < 11 ? X * c - d : restLow);
      r = v + K - K;
      put(low, k, v - r);
      const w = q + (k < 11 ? W * c + d : restHigh);
      q = w + K - K;
      put(high, k, w - q);
    }
    fold(low, r);
    fold(high, q);
  }

  /** From E, H, F and G to M, P and T. */
  function close(more: boolean): void {
    pair([H, G], [F, E], 1, 1, 1, M, P);
    if (more) single(H, E, T);
  }

  function limbsInto(out: Float64Array, wheel: Float64Array): void {
    for (let i = 0; i < LIMBS; i++) out[i] = wheel[11 - i]!;
  }

  function swapSpares(): void {
    const f = F;
    const g = G;
    F = spareF;
    G = spareG;
    spareF = f;
    spareG = g;
  }

  function multiply(x: Limbs, wheel: Limbs): number[] {
    single(x, wheel, E);
    return [].slice.call(E);
  }

  function begin(lambda: Limbs): GrowingPoint {
    const wheel = wheelOf(lambda);
    M.set(wheel);
    P.set(wheel);
    T.set(wheelOf(ZERO));
    F.set(lambda);
    G.set(wheelOf(ONE));
    return {
      add: function (m: Limbs, p: Limbs, k: Limbs, sign: number, more: boolean): void {
        // -(x, y) = (-x, y) swaps m and p and negates k.
        pair([sign > 0 ? p : m, P], [sign > 0 ? m : p, M], UNSCALE, UNSCALE, UNSCALE, E, H);
        pair([F, G], [k, T], 1, sign * UNSCALE, 1, spareF, spareG);
        swapSpares();
        close(more);
      },
      double: function (): void {
        const m = spareG.subarray(0, 12);
        limbsInto(limbs, P);
        limbsInto(m, M);
        pair([limbs, P], [m, M], 1, 1, 1, E, H);
        single(F, G, T); // Z
        limbsInto(spareF, T);
        pair([spareF, T], [limbs, M], 4, 2, 0, F, G); // 4 Z^2 - 2 M P and 2 M P
        close(true);
      },
      difference: function (): Limbs {
        return M;
      },
      sum: function (): Limbs {
        return P;
      },
      z: function (): number[] {
        return multiply(F, G);
      },
    };
  }

  return { multiply: multiply, begin: begin };
}
