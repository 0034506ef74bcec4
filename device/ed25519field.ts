// Numbers mod p = 2^255 - 19 as 12 floating-point limbs. Limb i is a multiple of 2^e(i), e(i) = ceil(255 i / 12), at most half of 2^e(i+1) in size
// and of either sign, so a number is the plain sum of its limbs. In: limbs. Out: limbs, or canonical words. One operand of a product is turned and
// doubled in length (its "wheel"), so that one native convolution gives one limb of the product. It must never let a sum pass 2^53 units of its limb.

import type { Limbs, Native, Wheel } from './ed25519native.ts';

export const LIMBS = 12;

/** Powers of two by doubling: Math.pow is not exact on the interpreter. */
export function powerOfTwo(exponent: number): number {
  let out = 1;
  for (let i = 0; i < exponent; i++) out = out + out;
  return out;
}

/** e(0) .. e(12): 0, 22, 43, 64, 85, 107, 128, 149, 170, 192, 213, 234, 255. */
export function exponentOf(limb: number): number {
  return Math.ceil((255 * limb) / LIMBS);
}

const EXPONENTS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(exponentOf);

function tableOf(first: number, count: number, factor: number): number[] {
  const out = [];
  for (let i = 0; i < count; i++) out.push(factor * powerOfTwo(exponentOf(first + i)));
  return out;
}

/** 2^e(i). */
export const WEIGHTS = tableOf(0, LIMBS, 1);

/** Adding and subtracting ROUNDERS[i] rounds a double to a multiple of 2^e(i+1): what is carried out of limb i. */
export const ROUNDERS = tableOf(1, LIMBS, 1.5 * powerOfTwo(52));

/** 2^255 = 19 mod p: what is carried out of the top comes back at the bottom times this. */
export const FOLD = 19 / powerOfTwo(255);

/** [x11 .. x0, FOLD x11 .. FOLD x0]: the form in which an operand is convolved. */
export function wheelOf(x: Limbs): number[] {
  const out = [];
  for (let i = LIMBS - 1; i >= 0; i--) out.push(x[i]!);
  for (let i = LIMBS - 1; i >= 0; i--) out.push(FOLD * x[i]!);
  return out;
}

/** The number 1, as limbs. */
export const ONE = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

export const ZERO = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/** The limbs that a wheel was made from. */
export function limbsOf(wheel: Wheel): Wheel {
  return wheel.slice(0, LIMBS).reverse();
}

/** The canonical value of carried limbs as eight 32-bit words, least first. Carried limbs lie between -p and p: at most one p is missing. */
export function wordsOf(native: Native, x: Limbs): Uint32Array {
  const out = new Uint32Array(8);
  const negative = native.sum(x) < 0;
  let value = negative ? -19 : 0;
  let unit = 1;
  let limb = 0;
  for (let w = 0; w < 8; w++) {
    for (; limb < LIMBS && EXPONENTS[limb]! < 32 * w + 32; limb++) value = value + x[limb]! / unit;
    if (w === 7 && negative) value = value + 2147483648; // the 2^255 of p
    const over = Math.floor(value / 4294967296);
    out[w] = value - over * 4294967296;
    value = over;
    unit = unit * 4294967296;
  }
  return out;
}

/** The lowest bit of the canonical value: other limbs are even, and p, if it is missing, is odd. */
export function isOdd(native: Native, x: Limbs): boolean {
  return (x[0]! % 2 !== 0) !== native.sum(x) < 0;
}
