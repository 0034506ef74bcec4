// 1/2z mod p by Lehmer's method: Euclid's quotients are guessed from the leading 53 bits, gathered in a 2 x 2 matrix and applied to the long numbers
// some 27 bits at a time. In: a wheel, and two arrays of 24 numbers to work in. Out: limbs of the inverse. A wrong guess costs time and never correctness,
// because every step has determinant -1. Its time depends on z: the caller must never give it a number that is not blinded.

import type { Native, Wheel } from './ed25519native.ts';
import { LIMBS, ROUNDER, powersOfTwo } from './ed25519field.ts';

/** Row entries stay below this, so that entry * limb + entry * limb is exact. */
const ENTRY_MAX = 200000000;
const ROUNDS_MAX = 40;

/** Half a round, for the remainders or for the cofactors; `undefined` until there is an inverse, the highest limb first. No limbs: a quotient was too large to be guessed (once in some millions). */
export type Inversion = () => number[] | undefined;

/** The matrix that the leading values x and y prove, the row of the larger result first: [a, b, c, d]; `undefined` if not one quotient fits. */
function guessMatrix(x: number, y: number): number[] | undefined {
  const R = ROUNDER;
  const M = ENTRY_MAX;
  let a = 1;
  let b = 0;
  let c = 0;
  let d = 1;
  let q: number;
  let e: number;
  // Column b, d bounds column a, c as well, because |y| is at most |x|. A quotient by zero is not below M either.
  for (;;) {
    e = b - (q = x / y + R - R) * d;
    if (!(e < M && e > -M)) return b === 0 ? undefined : [a, b, c, d];
    b = e;
    a -= q * c;
    x -= q * y;
    e = d - (q = y / x + R - R) * b;
    if (!(e < M && e > -M)) return [c, d, a, b];
    d = e;
    c -= q * a;
    y -= q * x;
  }
}

/** Replaces (u, v) by (a u + b v, c u + d v) in the first `limbs` limbs of a pair. Its names are declared once: the interpreter makes a scope per turn else. */
function apply(native: Native, powers: Float64Array, pair: Float64Array, limbs: number, matrix: number[]): void {
  const from = native.transformVertices(pair.subarray(0, 2 * limbs), matrix);
  let u: number;
  let v: number;
  let R: number;
  let r = 0;
  let q = 0;
  let i = 0;
  let j = 0;
  while (++i < limbs) {
    R = ROUNDER * powers[i]!;
    u = r + from[j]!;
    pair[j++] = u - (r = u + R - R);
    v = q + from[j]!;
    pair[j++] = v - (q = v + R - R);
  }
  pair[j] = r + from[j]!;
  pair[j + 1] = q + from[j + 1]!;
}

/** The pairs are remainders = (u, v) and cofactors = (s, t) with 2 s z = u and 2 t z = v mod p, interleaved limb by limb. */
export function beginInversion(native: Native, z: Wheel, remainders: Float64Array, cofactors: Float64Array): Inversion {
  const powers = powersOfTwo();
  const everySecond = new Uint8Array(23);
  let long = LIMBS; // limbs of the remainders that are not yet zero
  let rounds = 0;
  let matrix: number[] | undefined; // which the cofactors wait for
  for (let i = 0; i < LIMBS; i++) {
    remainders[2 * i] = 0;
    remainders[2 * i + 1] = 2 * z[LIMBS + i]!;
    everySecond[2 * i] = 1;
  }
  remainders[0] = -19;
  remainders[22] = powers[12]!;
  cofactors.fill(0);
  cofactors[1] = 1;

  return function (): number[] | undefined {
    if (matrix !== undefined) {
      apply(native, powers, cofactors, Math.min(LIMBS, 2 * rounds + 1), matrix); // they grow by less than two limbs a round
      matrix = undefined;
      return undefined;
    }
    const u = native.convolve(everySecond, remainders, 0);
    const v = native.convolve(everySecond, remainders, 1);
    const out: number[] = [];
    if (u === 0 || v === 0) {
      if (u * u + v * v === 1) for (let i = u === 0 ? 23 : 22; i >= 0; i -= 2) out.push((u + v) * cofactors[i]!);
      return out;
    }
    const larger = u * u < v * v ? 1 : 0; // v's column of the matrix stands first, or u's
    const m = larger ? guessMatrix(v, u) : guessMatrix(u, v);
    if (m === undefined || ++rounds > ROUNDS_MAX) return out;
    matrix = [m[larger]!, m[2 + larger]!, m[1 - larger]!, m[3 - larger]!, 0, 0];
    apply(native, powers, remainders, long, matrix);
    if (long > 1 && remainders[2 * long - 1] === 0 && remainders[2 * long - 2] === 0) long--;
    return undefined;
  };
}
