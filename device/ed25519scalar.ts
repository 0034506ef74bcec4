// Numbers mod the group's order L = 2^252 + C. In: 512-bit numbers as 32 digits of 16 bits. Out: canonical numbers as eight 32-bit words. Reduction is
// one product of the digits with a matrix: row l holds limb l of 2^(16 j) / 2 mod L for every digit j, so eight native convolutions give half
// the number mod L. It must never give a number outside 0 .. L - 1.

import type { Limbs, Native } from './ed25519native.ts';

const WORD = 4294967296;
const TOP = 268435456; // 2^252 in units of word 7
/** L - 2^252, in words. */
const ORDER = [0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de];

/** (2^252 - 1) / 2 = -(C + 1) / 2 mod L: turns a number into the one whose bits are the signs of its comb. */
export const COMB_SHIFT = [-0x2e7ae9f7, -0x2c09318d, -0x517bce6b, -0x0a6f7cef, 0, 0, 0, 0];

/** What the comb of these words adds up to: 2 k - (2^252 - 1) = 2 k + C + 1 mod L, in words that are not carried. */
export function combValue(k: Uint32Array): number[] {
  const out = [];
  for (let i = 0; i < 8; i++) out.push(2 * k[i]! + (i < 4 ? ORDER[i]! : 0));
  out[0] = out[0]! + 1;
  return out;
}

/** x - q L, carried; the sign stays in word 7. */
function subtractOrder(x: number[], q: number): number[] {
  const out = [];
  let over = 0;
  for (let i = 0; i < 7; i++) {
    const value = over + x[i]! - (i < 4 ? q * ORDER[i]! : 0);
    over = Math.floor(value / WORD);
    out.push(value - over * WORD);
  }
  out.push(over + x[7]! - q * TOP);
  return out;
}

/** Words of either sign below 2^53 each, and below 2^273 in all, to their canonical value. */
export function reduceWords(x: number[]): Uint32Array {
  let least = subtractOrder(x, Math.floor((x[7]! + x[6]! / WORD) / TOP));
  if (least[7]! < 0) least = subtractOrder(least, -1);
  if (least[7]! >= TOP) {
    const below = subtractOrder(least, 1);
    if (below[7]! >= 0) least = below;
  }
  const out = new Uint32Array(8);
  for (let i = 0; i < 8; i++) out[i] = least[i]!;
  return out;
}

/** digits / 2 + addend mod L. */
export function halve(native: Native, matrix: Int32Array[], digits: Uint16Array, addend: Limbs): Uint32Array {
  const x = [];
  for (let i = 0; i < 8; i++) x.push(native.convolve(digits, matrix[i]!, 0) + addend[i]!);
  return reduceWords(x);
}

/** [d15 .. d0, 16 zeros] of 4 a, a the clamped secret scalar: the wheel for `multiplyDigits`. */
export function scalarWheel(a: Uint8Array): Uint32Array {
  const out = new Uint32Array(32);
  for (let i = 0; i < 16; i++) out[15 - i] = 4 * (a[2 * i]! + 256 * a[2 * i + 1]!);
  return out;
}

/** The product of a number below L and the number in the wheel: 32 digits. */
export function multiplyDigits(native: Native, words: Uint32Array, wheel: Uint32Array): Uint16Array {
  const C = native.convolve;
  const digits = new Uint16Array(words.buffer);
  const out = new Uint16Array(32);
  let over = 0;
  for (let i = 0; i < 32; i++) {
    const value = over + C(digits, wheel, 15 - i);
    over = Math.floor(value / 65536);
    out[i] = value - over * 65536;
  }
  return out;
}
