// One growing point, to which table entries are added. In: entries in flash, a blinding number. Out: the point's 32 bytes. Two engines do the arithmetic
// (ed25519unrolled.ts, ed25519loops.ts) as a few programs over common registers. It must never give bytes of a point that is not on the curve.
//
// A point (x, y) = (X/Z, Y/Z) is kept as wheels M = Y - X, P = Y + X and T = XY/Z, and the two factors F (limbs) and G (wheel) of Z = F G.
// A table entry is k = d x y, m = (y - x)/2, p = (y + x)/2, each limb times 2^-128. Addition (extended coordinates, a = -1):
//   E = P p - M m    H = P p + M m    F' = F G - T k    G' = F G + T k    M' = G' H - E F'    P' = G' H + E F'    T' = E H
// Doubling is the same with m = M and p = P, F' = 4 Z^2 - 2 M P, and G' = 2 M P.

import type { Bytes } from '../shared/bytes.ts';
import type { Limbs, Native, Program, Registers, Wheel } from './ed25519native.ts';
import { LIMBS, turned, wordsOf } from './ed25519field.ts';
import { CROSSING, PRODUCT, PROGRAMS, program, registersBehind } from './ed25519unrolled.ts';

export interface Point {
  /** Begins to add an entry, or to subtract it. After the last one before a doubling, or of all, T is not needed. */
  add(entry: Float32Array, positive: boolean, more: boolean): void;
  double(): void;
  /** One slice of what was begun; false when there is nothing left to do. */
  step(): boolean;
  z(): Wheel;
  /** One slice of the last thing that is asked of a point: '' until its bytes are there. From the limbs of 1 / 2 Z, the highest first. */
  encode(inverse: Limbs): Bytes;
}

// Places of the registers that change. Before them stand which program runs, and scratch; behind them what does not change, and what the engine has of its own.
const SCALE = 8;
const ENTRY_P = 9;
const PLUS = 10;
const ENTRY_M = 11;
const MINUS = 12;
const FACTOR = 13;
const FACTOR_WHEEL = 14;
const NEXT = 15;
const NEXT_WHEEL = 16;
const ENTRY_K = 17;
const PRODUCT_WHEEL = 18;
const ENTRY_SCALE = 19;

function newWheel(): Wheel {
  return new Float64Array(2 * LIMBS);
}

/** The neutral element as (0 : lambda : lambda): lambda blinds every number that is computed from here on. */
export function openPoint(native: Native, table: Bytes, powers: Float64Array, d: Limbs, lambda: Limbs): Point {
  const unscale = powers[6]!; // 2^128: what the table's numbers lack
  const fold = 19 / powers[12]!;
  const run: Program[] = [];
  const entry = new Float32Array(3 * LIMBS);
  const k = entry.subarray(0, 12);
  const m = entry.subarray(12, 24);
  const p = entry.subarray(24, 36);
  const M = newWheel();
  const P = newWheel();
  const T = newWheel();
  // prettier-ignore
  const a: Registers = [
    0, 0, 0, native.convolve, 0, 0, 0, 0, unscale, p, P, m, M, 0, 0, new Float64Array(LIMBS), newWheel(), k, T, 0, fold, native.transformVertices,
    [fold, 0, 0, fold, 0, 0],
  ].concat(registersBehind(powers) as never[]);
  let x = M; // the affine point, when it is encoded
  let y = P;
  let square = P;
  let wanted: Wheel | undefined = T; // where T' goes, if it shall
  let doubled: Wheel | undefined; // Z of the doubling that begins
  let twice: Wheel | undefined; // 2 M P of the doubling under way
  let phase = 0; // the program that runs next
  let stage = 0; // of the encoding

  function execute(which: number): void {
    a[0] = which;
    run[which]!.apply(0, a as never[]);
  }

  /** Leaves the operands in the place of the factors. */
  function multiply(x: Limbs, wheel: Wheel, out: Wheel): Wheel {
    a[SCALE] = 0; // leaves out E and H
    a[FACTOR] = x;
    a[FACTOR_WHEEL] = wheel;
    a[PRODUCT_WHEEL] = out;
    execute(PRODUCT);
    a[SCALE] = unscale;
    a[PRODUCT_WHEEL] = T;
    return out;
  }

  function z(): Wheel {
    return multiply(a[FACTOR] as Limbs, a[FACTOR_WHEEL] as Wheel, newWheel());
  }

  /** The wheels minus = x X - y Y and plus = x X + y Y. */
  function cross(x: Limbs, X: Wheel, y: Limbs, Y: Wheel, minus: Wheel, plus: Wheel): void {
    a[PLUS] = plus;
    a[MINUS] = minus;
    a[FACTOR] = x;
    a[FACTOR_WHEEL] = Y;
    a[NEXT] = y;
    a[NEXT_WHEEL] = X;
    execute(CROSSING);
  }

  function one(): Wheel {
    const out = newWheel();
    out[0] = fold;
    out[12] = 1;
    return out;
  }

  function scaled(limbs: Limbs, factor: number): Limbs {
    return new Float64Array(native.transformVertices(limbs, [factor, 0, 0, factor, 0, 0]));
  }

  /** What the first program has left: the rest is about T' and no more about T. Of a doubling, G' is there already. */
  function endFirst(): void {
    a[ENTRY_K] = k;
    a[PRODUCT_WHEEL] = wanted;
    if (twice) a[NEXT_WHEEL] = twice;
    twice = undefined;
  }

  /** F' G' is Z'. */
  function endLast(): void {
    const limbs = a[FACTOR];
    const wheel = a[FACTOR_WHEEL];
    a[FACTOR] = a[NEXT];
    a[FACTOR_WHEEL] = a[NEXT_WHEEL];
    a[NEXT] = limbs;
    a[NEXT_WHEEL] = wheel;
    a[PRODUCT_WHEEL] = T;
    a[SCALE] = unscale;
  }

  /** The operands of a doubling, from Z, when 2 M P is there. */
  function beginDoubling(z: Wheel): void {
    a[ENTRY_P] = a[ENTRY_K] = turned(P);
    a[ENTRY_M] = turned(M);
    a[FACTOR] = scaled(turned(z), 4);
    a[FACTOR_WHEEL] = z;
    a[PRODUCT_WHEEL] = M;
    a[SCALE] = 1;
    a[ENTRY_SCALE] = -2;
    wanted = T;
    phase = 0;
    doubled = undefined;
  }

  return {
    add: function (from: Float32Array, positive: boolean, more: boolean): void {
      entry.set(from);
      a[ENTRY_P] = positive ? p : m; // -(x, y) = (-x, y) swaps m and p and negates k
      a[ENTRY_M] = positive ? m : p;
      a[ENTRY_SCALE] = positive ? -unscale : unscale;
      wanted = more ? T : undefined;
      phase = 0;
    },
    double: function (): void {
      doubled = z();
    },
    step: function (): boolean {
      if (run.length < PROGRAMS) {
        run.push(program(run.length, table, run[0]));
        if (run.length < PROGRAMS) return true;
        P.set(multiply(lambda, one(), M)); // M = P = lambda, T = 0 and Z = lambda * 1
        phase = PROGRAMS;
      } else if (doubled) {
        if (twice) beginDoubling(doubled);
        else twice = multiply(scaled(turned(P), 2), M, newWheel());
      } else if (phase < PROGRAMS) {
        execute(phase++);
        if (phase === 1) endFirst();
        if (phase === PROGRAMS) endLast();
      } else return false;
      return true;
    },
    z: z,
    encode: function (inverse: Limbs): Bytes {
      stage++;
      if (stage === 1) {
        x = a[FACTOR_WHEEL] as Wheel;
        y = a[NEXT_WHEEL] as Wheel;
        square = newWheel();
        cross(inverse, P, inverse, M, x, y); // x is (P - M) / 2 Z, y is (P + M) / 2 Z
      } else if (stage === 2) multiply(turned(x), y, T);
      else if (stage === 3)
        multiply(turned(T), T, square); // (x y)^2
      else if (stage === 4) cross(turned(y), y, turned(x), x, M, P);
      else if (stage === 5) {
        // On the curve y^2 - x^2 - 1 = d x^2 y^2. A carried number is zero only if all its limbs are, and else its sum is not.
        const excess = turned(M);
        excess[11]! -= 1;
        cross(scaled(d, unscale), square, excess, one(), M, P);
      } else {
        if (native.sum(turned(M)) !== 0) throw new Error('Ed25519: not on the curve');
        const words = wordsOf(native, y);
        // x is odd: of its limbs only the lowest can be, and p, if it is missing, is
        if ((x[12]! % 2 !== 0) !== native.sum(turned(x)) < 0) words[7]! += 2147483648;
        return native.toBytes(new Uint8Array(words.buffer));
      }
      return '';
    },
  };
}
