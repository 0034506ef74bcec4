// The arithmetic of points as three programs with every limb spelled out (build/programs.ts). In: their source, which lies in flash behind the table. Out: functions. They are
// compiled where they lie, so that their text takes no memory.

import type { Bytes } from '../shared/bytes.ts';
import { LIMBS, ROUNDER, powersOfTwo } from './ed25519field.ts';
import type { Limbs, Native, Wheel } from './ed25519native.ts';
import { SOURCE_AT } from './ed25519table.ts';

/** The first parameters are scratch: the interpreter looks for local names first, one after the other. */
type Scratch = 0;

/** The wheel difference = S x X - R y Y, and the limbs of sum = S x X + R y Y. */
export type Pair = (
  ...registers: [
    ...[w: Scratch, r: Scratch, q: Scratch, x: Scratch, y: Scratch],
    ...[x: Limbs, X: Wheel, y: Limbs, Y: Wheel, sum: Limbs, difference: Wheel, S: number, R: number],
  ]
) => void;

/** The wheels minus = x X - y Y and plus = x X + y Y. */
export type Crossing = (
  ...registers: [
    ...[w: Scratch, r: Scratch, q: Scratch, x: Scratch, y: Scratch],
    ...[x: Limbs, Y: Wheel, y: Limbs, X: Wheel, minus: Wheel, plus: Wheel],
  ]
) => void;

/** The wheel of x Y, which must be another one than Y. */
export type Product = (w: Scratch, r: Scratch, x: Limbs, Y: Wheel, product: Wheel) => void;

export type Programs = readonly [Pair, Crossing, Product];

/** Their names in the source; the interpreter looks for them in this order. */
const CONSTANTS = 'CABDEHIJKLNOQXsV';

/** Not by `eval`: what that makes keeps alive all that stands around it. */
export function compilePrograms(native: Native, table: Bytes): Programs {
  const powers = powersOfTwo();
  const s = 19 / powers[LIMBS]!;
  const constants: unknown[] = [native.convolve];
  for (let i = 1; i <= LIMBS; i++) constants.push(ROUNDER * powers[i]!);
  constants.push(native.transformVertices, s, new Float64Array([s, 0, 0, s, 0, 0]));
  const make = Function.apply(0, CONSTANTS.split('').concat([table.substring(SOURCE_AT)])) as (...constants: never[]) => unknown;
  const programs: unknown = make.apply(0, constants as never[]);
  return programs as Programs;
}
