// 1/v mod p by Lehmer's method: Euclid's quotients are guessed from the leading 53 bits, gathered in a 2 x 2 matrix and applied to the long numbers
// some 27 bits at a time. In: carried limbs. Out: limbs of the inverse. A wrong guess costs time and never correctness, because every step has
// determinant -1. Its time depends on v: the caller must never give it a number that is not blinded.

import type { Limbs, Native } from './ed25519native.ts';
import { LIMBS, ROUNDERS, powerOfTwo } from './ed25519field.ts';

/** Row entries stay below this, so that entry * limb + entry * limb is exact. */
const ENTRY_MAX = 200000000;
const ROUND = 1.5 * powerOfTwo(52);
const P_TOP = powerOfTwo(255);
/** Picks every second element: the leading value of one of two interleaved numbers. */
const EVERY_SECOND = [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1];
const ROUNDS_MAX = 40;

export interface Inversion {
  /** True once `inverse` may be read, or the inversion is stuck. */
  round(): boolean;
  /** `undefined` when a quotient was too large to be guessed (once in some millions): try another multiple of v. */
  inverse(): number[] | undefined;
}

/** Replaces (u, v) by (a u + b v, c u + d v) in the first `limbs` limbs of an interleaved pair. */
function applyMatrix(native: Native, pair: Float64Array, limbs: number, upper: number[], lower: number[]): void {
  const C = native.convolve;
  const last = 2 * limbs - 2;
  let r = 0;
  let q = 0;
  for (let i = 0; i < last; i += 2) {
    const R = ROUNDERS[i >> 1]!;
    const u = r + C(upper, pair, i);
    const v = q + C(lower, pair, i);
    pair[i] = u - (r = u + R - R);
    pair[i + 1] = v - (q = v + R - R);
  }
  const u = r + C(upper, pair, last);
  pair[last + 1] = q + C(lower, pair, last);
  pair[last] = u;
}

/** The matrix that the leading values x and y prove, the row of the larger result first: [a, b, c, d]; `undefined` if not one quotient fits. */
function guessMatrix(x: number, y: number): number[] | undefined {
  const R = ROUND;
  const M = ENTRY_MAX;
  let a = 1;
  let b = 0;
  let c = 0;
  let d = 1;
  // Column b, d bounds column a, c as well, because |y| is at most |x|. A quotient by zero is not below M either.
  for (;;) {
    let q = x / y + R - R;
    const e = b - q * d;
    if (!(e < M && e > -M)) return b === 0 ? undefined : [a, b, c, d];
    b = e;
    a -= q * c;
    x -= q * y;
    q = y / x + R - R;
    const f = d - q * b;
    if (!(f < M && f > -M)) return [c, d, a, b];
    d = f;
    c -= q * a;
    y -= q * x;
  }
}

export function beginInversion(native: Native, v: Limbs): Inversion {
  // remainders = (u, v), cofactors = (s, t) with s v0 = u and t v0 = v mod p, each pair interleaved limb by limb.
  const remainders = new Float64Array(2 * LIMBS);
  const cofactors = new Float64Array(2 * LIMBS);
  for (let i = 0; i < LIMBS; i++) remainders[2 * i + 1] = v[i]!;
  remainders[0] = -19;
  remainders[22] = P_TOP;
  cofactors[1] = 1;
  let long = LIMBS; // limbs of the remainders that are not yet zero
  let rounds = 0;
  let stuck = false;

  return {
    round: function (): boolean {
      const u = native.convolve(EVERY_SECOND, remainders, 0);
      const v = native.convolve(EVERY_SECOND, remainders, 1);
      if (u === 0 || v === 0) return true;
      const swapped = u * u < v * v;
      const m = swapped ? guessMatrix(v, u) : guessMatrix(u, v);
      rounds++;
      if (m === undefined || rounds > ROUNDS_MAX) {
        stuck = true;
        return true;
      }
      const upper = swapped ? [m[1]!, m[0]!] : [m[0]!, m[1]!];
      const lower = swapped ? [m[3]!, m[2]!] : [m[2]!, m[3]!];
      applyMatrix(native, remainders, long, upper, lower);
      if (long > 1 && remainders[2 * long - 1] === 0 && remainders[2 * long - 2] === 0) long--;
      applyMatrix(native, cofactors, Math.min(LIMBS, 2 * rounds + 1), upper, lower); // they grow by less than two limbs a round
      return false;
    },
    inverse: function (): number[] | undefined {
      const u = native.convolve(EVERY_SECOND, remainders, 0);
      const v = native.convolve(EVERY_SECOND, remainders, 1);
      if (stuck || u * u + v * v !== 1) return undefined;
      const out = [];
      for (let i = u === 0 ? 1 : 0; i < 2 * LIMBS; i += 2) out.push((u + v) * cofactors[i]!);
      return out;
    },
  };
}
