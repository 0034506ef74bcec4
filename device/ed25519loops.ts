// The small point engine: the same limbs as the unrolled one, from loops over arrays that are made once. In: nothing but the native operations.
// Out: growing points, of which only one may be alive at a time, because they share the arrays. It takes twice the time and a fifth of the memory.

import type { Limbs, Native, Wheel } from './ed25519native.ts';
import type { GrowingPoint, PointEngine } from './ed25519point.ts';
import { FOLD, LIMBS, ONE, ROUNDERS, ZERO, powerOfTwo, wheelOf } from './ed25519field.ts';

/** A product that is still a convolution: limbs, wheel. */
type Product = readonly [Limbs, Limbs];

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

  // Names that are used in every round are declared once and outside of it: the interpreter makes a scope for each block that declares any.

  /** The wheel out = x y, carried. */
  function single(x: Limbs, y: Limbs, out: Float64Array): void {
    const s = FOLD;
    let R = ROUNDERS[11]!;
    let w = C(x, y, 0);
    let r = w + R - R;
    const rest = w - r;
    r *= s;
    for (let k = 0; k < LIMBS; k++) {
      w = r + (k < 11 ? C(x, y, 11 - k) : rest);
      R = ROUNDERS[k]!;
      w -= r = w + R - R;
      out[11 - k] = w;
      out[23 - k] = s * w;
    }
    w = out[11]! + s * r;
    out[11] = w;
    out[23] = s * w;
  }

  /**
   * low = X x - Y y and high = W x + Y y, carried, for two products x and y. Low is a wheel; high is one too if `wheel`, and else plain limbs.
   */
  function pair(
    x: Product,
    y: Product,
    X: number,
    Y: number,
    W: number,
    low: Float64Array,
    high: Float64Array,
    wheel: boolean,
  ): void {
    const a = x[0];
    const A = x[1];
    const b = y[0];
    const B = y[1];
    const s = FOLD;
    let c = C(a, A, 0);
    let d = Y * C(b, B, 0);
    let R = ROUNDERS[11]!;
    let v = X * c - d;
    let w = W * c + d;
    let r = v + R - R;
    let q = w + R - R;
    const lowRest = v - r;
    const highRest = w - q;
    r *= s;
    q *= s;
    for (let k = 0; k < LIMBS; k++) {
      if (k < 11) {
        c = C(a, A, 11 - k);
        d = Y * C(b, B, 11 - k);
        v = r + X * c - d;
        w = q + W * c + d;
      } else {
        v = r + lowRest;
        w = q + highRest;
      }
      R = ROUNDERS[k]!;
      v -= r = v + R - R;
      w -= q = w + R - R;
      low[11 - k] = v;
      low[23 - k] = s * v;
      if (wheel) {
        high[11 - k] = w;
        high[23 - k] = s * w;
      } else high[k] = w;
    }
    v = low[11]! + s * r;
    low[11] = v;
    low[23] = s * v;
    w = high[wheel ? 11 : 0]! + s * q;
    high[wheel ? 11 : 0] = w;
    if (wheel) high[23] = s * w;
  }

  /** From E, H, F and G to M, P and T. */
  function close(more: boolean): void {
    pair([H, G], [F, E], 1, 1, 1, M, P, true);
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

  function multiply(x: Limbs, wheel: Limbs): Float64Array {
    const out = new Float64Array(24);
    single(x, wheel, out);
    return out;
  }

  /** M = P = F = lambda, T = 0, G = 1. A function of its own, so that nothing of it stays in memory. */
  function reset(lambda: Limbs): void {
    M.set(wheelOf(lambda));
    P.set(M);
    T.set(wheelOf(ZERO));
    F.set(lambda);
    G.set(wheelOf(ONE));
  }

  function begin(lambda: Limbs): GrowingPoint {
    reset(lambda);
    return {
      add: function (m: Limbs, p: Limbs, k: Limbs, sign: number, more: boolean): void {
        // -(x, y) = (-x, y) swaps m and p and negates k.
        pair([sign > 0 ? p : m, P], [sign > 0 ? m : p, M], UNSCALE, UNSCALE, UNSCALE, E, H, false);
        pair([F, G], [k, T], 1, -sign * UNSCALE, 1, spareG, spareF, false);
        swapSpares();
        close(more);
      },
      double: function (): void {
        const m = spareG.subarray(0, 12);
        limbsInto(limbs, P);
        limbsInto(m, M);
        pair([limbs, P], [m, M], 1, 1, 1, E, H, false);
        single(F, G, T); // Z
        limbsInto(spareF, T);
        pair([spareF, T], [limbs, M], 0, -2, 4, G, F, false); // 2 M P and 4 Z^2 - 2 M P
        close(true);
      },
      difference: function (): Wheel {
        return M;
      },
      sum: function (): Wheel {
        return P;
      },
      z: function (): Wheel {
        return multiply(F, G);
      },
    };
  }

  return { multiply: multiply, begin: begin };
}
