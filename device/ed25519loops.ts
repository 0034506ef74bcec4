// The small engine: the programs of ed25519point.ts as loops. Its code stays in flash, so it takes a third of the memory of ed25519unrolled.ts, and half
// as long again. In: nothing. Out: functions. The build puts it in the other's place.

import type { Bytes } from '../shared/bytes.ts';
import type { Limbs, Native, Program, Registers, Wheel } from './ed25519native.ts';
import { LIMBS, ROUNDER } from './ed25519field.ts';

type Convolve = Native['convolve'];
type Transform = Native['transformVertices'];

/**
 * S a A - R b B into the wheel `low`, and the limbs of S a A + R b B into `high`, limb k at `first` + k `step`. The top two limbs are split first, because what
 * is over at the top returns at the bottom. Names are declared once and outside of loops: the interpreter makes a scope for each block that declares any.
 */
// prettier-ignore
function pair(
  C: Convolve, rounders: Limbs, a: Limbs, A: Wheel, S: number, b: Limbs, B: Wheel, R: number, low: Wheel, high: Float64Array, first: number, step: number,
  s: number, X: Transform, V: number[],
): void {
  let N = rounders[10]!;
  let x = S * C(a, A, 11);
  let y = R * C(b, B, 11);
  const z = x - y;
  const Z = x + y;
  let r = z + N - N;
  let q = Z + N - N;
  const lower = z - r;
  const upper = Z - q;
  x = S * C(a, A, 12);
  y = R * C(b, B, 12);
  let v = r + x - y;
  let w = q + x + y;
  N = rounders[11]!;
  const lowTop = v - (r = v + N - N);
  const highTop = w - (q = w + N - N);
  r *= s;
  q *= s;
  for (let k = 0; k < 11; k++) {
    if (k < 10) {
      x = S * C(a, A, k + 1);
      y = R * C(b, B, k + 1);
      v = r + x - y;
      w = q + x + y;
    } else {
      v = r + lower;
      w = q + upper;
    }
    N = rounders[k]!;
    low[12 + k] = v - (r = v + N - N);
    high[first] = w - (q = w + N - N);
    first += step;
  }
  low[23] = lowTop + r;
  high[first] = highTop + q;
  low.set(X(low.subarray(12, 24), V));
}

/** An addition's, in their order: G' F', then E H, then M' P', then T'. */
export const PROGRAMS = 4;
/** The one that makes M' P'. */
export const CROSSING = 2;

// prettier-ignore
function step(
  which: number, part: typeof pair, C: Convolve, S: number, p: Limbs, P: Wheel, m: Limbs, M: Wheel, F: Float64Array, G: Wheel, f: Float64Array, g: Wheel, k: Limbs,
  T: Wheel | undefined, R: number, s: number, X: Transform, V: number[], rounders: Limbs,
): void {
  if (which === 0) part(C, rounders, F, G, 1, k, T!, R, g, f, 11, -1, s, X, V);
  else if (which === 1) part(C, rounders, p, P, S, m, M, S, G, F, 11, -1, s, X, V);
  else if (which === CROSSING) {
    part(C, rounders, F, g, 1, f, G, 1, M, P, 12, 1, s, X, V);
    P.set(X(P.subarray(12, 24), V));
  } else if (T) {
    part(C, rounders, F, G, 1, F, G, 0, T, new Float64Array(LIMBS), 11, -1, s, X, V);
  }
}

/** One function is all programs, told by its first register which to be: each function takes memory, and each of its parameters. */
export function program(_which: number, _table: Bytes, first: Program | undefined): Program {
  return first === undefined ? step : first;
}

/** What stands before the common registers, and behind them. The first is which program runs. */
export function registersBefore(native: Native): Registers {
  return [0, pair, native.convolve];
}

export function registersBehind(powers: Float64Array): Registers {
  const rounders = new Float64Array(LIMBS);
  for (let i = 0; i < LIMBS; i++) rounders[i] = ROUNDER * powers[i + 1]!;
  return [rounders];
}
