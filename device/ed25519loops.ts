// The small engine: the programs of ed25519point.ts as one loop. Its code stays in flash, so it takes a third of the memory of ed25519unrolled.ts, and half
// as long again. In: nothing. Out: functions. The build puts it in the other's place.

import type { Bytes } from '../shared/bytes.ts';
import type { Limbs, Native, Program, Registers, Wheel } from './ed25519native.ts';
import { LIMBS, ROUNDER } from './ed25519field.ts';

/** An addition's, in their order: g f, then G F, then M P, then T. */
export const PROGRAMS = 4;
export const CROSSING = 2;
export const PRODUCT = 3;

/**
 * S F G - R k T into the wheel `g`, and the limbs of S F G + R k T into `f`, limb k at `at` + k `by`; for each program after the first, operands and results come from
 * other registers. The top two limbs are split first, because what is over at the top returns at the bottom; then limb 10 takes what has come up to it.
 * The names that are used most are the first parameters: the interpreter searches names in their order, and makes a scope for each block that declares any.
 */
// prettier-ignore
function step(
  w: number, r: number, q: number, C: Native['convolve'], x: number, y: number, limb: number, i: number, S: number, p: Limbs, P: Wheel, m: Limbs, M: Wheel, F: Limbs, G: Wheel, f: Float64Array,
  g: Wheel, k: Limbs, T: Wheel | undefined, R: number, s: number, X: Native['transformVertices'], V: number[], rounders: Limbs,
): void {
  const which = w;
  let at = 11;
  let by = -1;
  if (which === 1) { f = F as Float64Array; g = G; F = p; G = P; k = m; T = M; R = S; } else S = 1;
  if (which === CROSSING) { k = f; T = G; G = g; g = M; f = P; R = by = 1; at = 12; }
  if (which === PRODUCT) { if (!T) return; g = T; f = new Float64Array(LIMBS); R = 0; }
  for (i = 10; i < 23; i++) {
    limb = i % 12;
    if (i === 12) { r *= s; q *= s; }
    if (i < 22) {
      x = S * C(F, G, limb + 1);
      y = R && R * C(k, T!, limb + 1);
      w = r + x - y;
      x += q + y;
    } else {
      w = r + g[22]!;
      x = q + f[at + 10 * by]!;
    }
    y = rounders[limb]!;
    g[12 + limb] = w - (r = w + y - y);
    f[at + limb * by] = x - (q = x + y - y);
  }
  g[23] = g[23]! + r;
  f[at + 11 * by] = f[at + 11 * by]! + q;
  g.set(X(g.subarray(12, 24), V));
  if (which === CROSSING) P.set(X(P.subarray(12, 24), V));
}

/** One function is all programs, told by its first register which to be: each function takes memory, and each of its parameters. */
export function program(_which: number, _table: Bytes, first: Program | undefined): Program {
  return first === undefined ? step : first;
}

/** What stands behind the common registers. */
export function registersBehind(powers: Float64Array): Registers {
  const rounders = new Float64Array(LIMBS);
  for (let i = 0; i < LIMBS; i++) rounders[i] = ROUNDER * powers[i + 1]!;
  return [rounders];
}
