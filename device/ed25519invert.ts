// 1/v mod p by Lehmer's method: Euclid's quotients are guessed from the leading 53 bits, gathered in a 2 x 2 matrix and applied to the long numbers
// some 27 bits at a time. In: carried limbs. Out: limbs of the inverse. A wrong guess costs time and never correctness, because every step has
// determinant -1. Its time depends on v: the caller must never give it a number that is not blinded.

import type { Limbs, Native } from './ed25519native.ts';
import { LIMBS, ROUNDERS, powerOfTwo } from './ed25519field.ts';

/** Row entries stay below this, so that entry * limb + entry * limb is exact. */
const ENTRY_MAX = 134217728;
const ROUND = 1.5 * powerOfTwo(52);
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
  let overU = 0;
  let overV = 0;
  for (let i = 0; i < limbs; i++) {
    const u = overU + native.convolve(upper, pair, 2 * i);
    const v = overV + native.convolve(lower, pair, 2 * i);
    const last = i === limbs - 1;
    overU = last ? 0 : u + ROUNDERS[i]! - ROUNDERS[i]!;
    overV = last ? 0 : v + ROUNDERS[i]! - ROUNDERS[i]!;
    pair[2 * i] = u - overU;
    pair[2 * i + 1] = v - overV;
  }
}

/** The matrix that the leading values x and y prove: [a, b, c, d]; `undefined` if not one quotient fits. */
function guessMatrix(first: number, second: number): number[] | undefined {
  let x = first;
  let y = second;
  let a = 1;
  let b = 0;
  let c = 0;
  let d = 1;
  let steps = 0;
  while (y !== 0) {
    const q = x / y + ROUND - ROUND;
    const e = a - q * c;
    const f = b - q * d;
    if (e > ENTRY_MAX || e < -ENTRY_MAX || f > ENTRY_MAX || f < -ENTRY_MAX) break;
    const z = x - q * y;
    x = y;
    y = z;
    a = c;
    b = d;
    c = e;
    d = f;
    steps++;
  }
  return steps === 0 ? undefined : [a, b, c, d];
}

export function beginInversion(native: Native, v: Limbs): Inversion {
  // remainders = (u, v), cofactors = (s, t) with s v0 = u and t v0 = v mod p, each pair interleaved limb by limb.
  const remainders = new Float64Array(2 * LIMBS);
  const cofactors = new Float64Array(2 * LIMBS);
  for (let i = 0; i < LIMBS; i++) remainders[2 * i + 1] = v[i]!;
  remainders[0] = -19;
  remainders[22] = powerOfTwo(255);
  cofactors[1] = 1;
  let long = LIMBS; // limbs of the remainders that are not yet zero
  let rounds = 0;
  let stuck = false;

  return {
    round: function (): boolean {
      const y = native.convolve(EVERY_SECOND, remainders, 1);
      if (y === 0) return true;
      const m = guessMatrix(native.convolve(EVERY_SECOND, remainders, 0), y);
      rounds++;
      if (m === undefined || rounds > ROUNDS_MAX) {
        stuck = true;
        return true;
      }
      const upper = [m[0]!, m[1]!];
      const lower = [m[2]!, m[3]!];
      applyMatrix(native, remainders, long, upper, lower);
      if (long > 1 && remainders[2 * long - 1] === 0 && remainders[2 * long - 2] === 0) long--;
      applyMatrix(native, cofactors, Math.min(LIMBS, 2 * rounds + 1), upper, lower); // they grow by less than two limbs a round
      return false;
    },
    inverse: function (): number[] | undefined {
      const sign = native.convolve(EVERY_SECOND, remainders, 0);
      if (stuck || (sign !== 1 && sign !== -1)) return undefined;
      const out = [];
      for (let i = 0; i < LIMBS; i++) out.push(sign * cofactors[2 * i]!);
      return out;
    },
  };
}
