// One growing point, to which table entries are added. In: entries in flash, a blinding number. Out: the point's 32 bytes. Two engines do the arithmetic
// (ed25519unrolled.ts, ed25519loops.ts) as a few programs over common registers. It must never give bytes of a point that is not on the curve.
//
// A point (x, y) = (X/Z, Y/Z) is kept as wheels M = Y - X, P = Y + X and T = XY/Z, and the two factors F (limbs) and G (wheel) of Z = F G.
// A table entry is k = d x y, m = (y - x)/2, p = (y + x)/2, each limb times 2^-128. Addition (extended coordinates, a = -1):
//   E = P p - M m    H = P p + M m    F' = F G - T k    G' = F G + T k    M' = G' H - E F'    P' = G' H + E F'    T' = E H
// Doubling is the same with m = M, p = P, and F G replaced by 2 Z^2, T k by 2 (M P - Z^2).

import type { Bytes } from '../shared/bytes.ts';
import type { Limbs, Native, Program, Wheel } from './ed25519native.ts';
import { LIMBS, turned, wordsOf } from './ed25519field.ts';
import { CROSSING, PROGRAMS, program, registersBefore, registersBehind } from './ed25519unrolled.ts';

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
  // The registers: which program runs, what the engine has of its own, then these, of which number F is the first that changes its place.
  const a = registersBefore(native);
  const F = a.length + 5;
  a.push(unscale, p, P, m, M, 0, 0, new Float64Array(LIMBS), newWheel(), k, T, 0, fold, native.transformVertices, [
    fold,
    0,
    0,
    fold,
    0,
    0,
  ]);
  registersBehind(powers).forEach(function (register) {
    a.push(register);
  });
  let x = M; // the affine point, when it is encoded
  let y = P;
  let square = P;
  let wanted: Wheel | undefined = T; // where the last program puts T', if it shall
  let doubled: Wheel | undefined; // Z of the doubling that begins
  let phase = 0; // the program that runs next
  let stage = 0; // of the encoding

  /** Leaves the operands in the place of F and G. */
  function multiply(x: Limbs, wheel: Wheel, out: Wheel): Wheel {
    a[F + 5] = out;
    a[F] = x;
    a[F + 1] = wheel;
    a[F - 5] = 0; // leaves out M' and P'
    a[0] = PROGRAMS - 1;
    run[PROGRAMS - 1]!.apply(0, a as never[]);
    a[F - 5] = unscale;
    a[F + 5] = T;
    return out;
  }

  /** The wheels minus = x X - y Y and plus = x X + y Y. */
  function cross(x: Limbs, X: Wheel, y: Limbs, Y: Wheel, minus: Wheel, plus: Wheel): void {
    a[F - 3] = plus;
    a[F - 1] = minus;
    a[F] = x;
    a[F + 1] = Y;
    a[F + 2] = y;
    a[F + 3] = X;
    a[F + 5] = undefined;
    a[0] = CROSSING;
    run[CROSSING]!.apply(0, a as never[]);
  }

  function one(): Wheel {
    const out = newWheel();
    out[0] = fold;
    out[12] = 1;
    return out;
  }

  /** M = P = lambda, T = 0 and Z = lambda * 1, once there are programs. */
  function start(): void {
    P.set(multiply(lambda, one(), M));
    phase = PROGRAMS;
  }

  function swapFactors(): void {
    const limbs = a[F];
    const wheel = a[F + 1];
    a[F] = a[F + 2];
    a[F + 1] = a[F + 3];
    a[F + 2] = limbs;
    a[F + 3] = wheel;
  }

  /** The operands of a doubling, from Z. */
  function beginDoubling(z: Wheel): void {
    const limbs = turned(z);
    const twice = new Float64Array(LIMBS);
    // [P | 0 | -Z] over [wheel M | wheel Z] is M P - Z^2
    const pz = new Float64Array(3 * LIMBS);
    const mz = new Float64Array(4 * LIMBS);
    for (let i = 0; i < LIMBS; i++) {
      twice[i] = 2 * limbs[i]!;
      pz[24 + i] = -limbs[i]!;
    }
    pz.set(turned(P));
    mz.set(M);
    mz.set(z, 24);
    a[F + 4] = pz;
    a[F + 5] = mz;
    a[F - 4] = turned(P);
    a[F - 2] = turned(M);
    a[F] = twice;
    a[F + 1] = z;
    a[F - 5] = 1;
    a[F + 6] = -2;
    wanted = T;
    phase = 0;
  }

  return {
    add: function (from: Float32Array, positive: boolean, more: boolean): void {
      entry.set(from);
      a[F - 4] = positive ? p : m; // -(x, y) = (-x, y) swaps m and p and negates k
      a[F - 2] = positive ? m : p;
      a[F + 6] = positive ? -unscale : unscale;
      wanted = more ? T : undefined;
      phase = 0;
    },
    double: function (): void {
      doubled = multiply(a[F] as Limbs, a[F + 1] as Wheel, newWheel());
    },
    step: function (): boolean {
      if (run.length < PROGRAMS) {
        run.push(program(run.length, table, run[0]));
        if (run.length === PROGRAMS) start();
        return true;
      }
      if (doubled) {
        beginDoubling(doubled);
        doubled = undefined;
        return true;
      }
      if (phase === PROGRAMS) return false;
      const isLast = phase === PROGRAMS - 1;
      if (isLast) {
        a[F + 4] = k; // which doubling has changed
        a[F + 5] = wanted;
        a[F - 5] = unscale;
      }
      a[0] = phase;
      run[phase++]!.apply(0, a as never[]);
      if (isLast) {
        a[F + 5] = T;
        swapFactors();
      }
      return true;
    },
    z: function (): Wheel {
      return multiply(a[F] as Limbs, a[F + 1] as Wheel, newWheel());
    },
    encode: function (inverse: Limbs): Bytes {
      stage++;
      if (stage === 1) {
        x = a[F + 1] as Wheel;
        y = a[F + 3] as Wheel;
        square = newWheel();
        cross(inverse, P, inverse, M, x, y); // x is (P - M) / 2 Z, y is (P + M) / 2 Z
      } else if (stage === 2) multiply(turned(x), y, T);
      else if (stage === 3)
        multiply(turned(T), T, square); // (x y)^2
      else if (stage === 4) cross(turned(y), y, turned(x), x, M, P);
      else if (stage === 5) {
        // On the curve y^2 - x^2 - 1 = d x^2 y^2. A carried number is zero only if all its limbs are, and else its sum is not.
        const excess = turned(M) as number[];
        excess[11] = excess[11]! - 1;
        cross(native.transformVertices(d, [unscale, 0, 0, unscale, 0, 0]), square, excess, one(), M, P);
        if (native.sum(turned(M)) !== 0) throw new Error('Ed25519: not on the curve');
      } else {
        const words = wordsOf(native, y);
        // x is odd: of its limbs only the lowest can be, and p, if it is missing, is
        if ((x[12]! % 2 !== 0) !== native.sum(turned(x)) < 0) words[7] = words[7]! + 2147483648;
        return native.toBytes(new Uint8Array(words.buffer));
      }
      return '';
    },
  };
}
