// Numbers mod p = 2^255 - 19 as 12 floating-point limbs. Limb i is a multiple of 2^e(i), e(i) = ceil(255 i / 12), at most half of 2^e(i+1) in size
// and of either sign, so a number is the plain sum of its limbs. In: limbs. Out: limbs, or canonical words. One operand of a product is given as
// limbs, the highest first; the other as a "wheel": 12 limbs times 19 / 2^255, then the same 12 plain, the lowest first. So one native convolution
// gives one limb of the product: limb k at offset k + 1. It must never let a sum pass 2^53 units of its limb.

import type { Native, Wheel } from './ed25519native.ts';

export const LIMBS = 12;

/** e(0) .. e(12): 0, 22, 43, 64, 85, 107, 128, 149, 170, 192, 213, 234, 255. What the board runs spells it out: a call would make the function each time. */
export function exponentOf(limb: number): number {
  return Math.ceil(21.25 * limb);
}

/** 2^e(0) .. 2^e(12), put together from their bits: Math.pow is not exact on the interpreter, and doubling takes long. */
export function powersOfTwo(): Float64Array {
  const words = new Uint32Array(26);
  for (let i = 0; i < 13; i++) words[2 * i + 1] = (1023 + Math.ceil(21.25 * i)) * 1048576;
  return new Float64Array(words.buffer);
}

/** 1.5 * 2^52: added to 2^e and subtracted again it rounds a double to a multiple of 2^e. */
export const ROUNDER = 6755399441055744;

/** A wheel's limbs, the highest first. */
export function turned(native: Native, wheel: Wheel): Float64Array {
  const out = new Float64Array(LIMBS);
  native.mapInPlace(new Uint8Array([23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12]), out, wheel, 8);
  return out;
}

/** The canonical value of a carried wheel as eight 32-bit words, least first. Carried limbs lie between -p and p: at most one p is missing. */
export function wordsOf(native: Native, wheel: Wheel): Uint32Array {
  const out = new Uint32Array(8);
  const negative = native.sum(turned(native, wheel)) < 0;
  let value = negative ? -19 : 0;
  let unit = 1;
  let limb = 0;
  for (let w = 0; w < 8; w++) {
    for (; limb < LIMBS && Math.ceil(21.25 * limb) < 32 * w + 32; limb++) value = value + wheel[LIMBS + limb]! / unit;
    if (w === 7 && negative) value = value + 2147483648; // the 2^255 of p
    const over = Math.floor(value / 4294967296);
    out[w] = value - over * 4294967296;
    value = over;
    unit = unit * 4294967296;
  }
  return out;
}
