// Numbers mod the group's order L = 2^252 + C. In: numbers of up to 768 bits as digits of 16 bits. Out: canonical numbers as eight 32-bit words. Reduction
// is one product of the digits with a matrix: row l holds limb l of 2^(16 j) / 2 mod L for every digit j, so eight native convolutions give half
// the number mod L. It must never give a number outside 0 .. L - 1.

import type { Limbs, Native } from './ed25519native.ts';

const WORD = 4294967296;
/** L in words; the last is 2^252. */
export const ORDER = [0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de, 0, 0, 0, 268435456];

/** (2^252 - 1) / 2 = -(C + 1) / 2 mod L: turns a number into the one whose bits are the signs of its comb. */
export const COMB_SHIFT = [-0x2e7ae9f7, -0x2c09318d, -0x517bce6b, -0x0a6f7cef, 0, 0, 0, 0];

/** What the comb of these words adds up to: 2 k - (2^252 - 1) = 2 k + C + 1 mod L, in words that are not carried. */
export function combValue(k: Uint32Array): number[] {
  const out = [];
  for (let i = 0; i < 8; i++) out.push(2 * k[i]! + (i < 4 ? ORDER[i]! : 0));
  out[0] = out[0]! + 1;
  return out;
}

// Names that are used in every turn are declared outside of it: the interpreter makes a scope for each block that declares any.

/** x - q L, carried; the sign stays in word 7. */
function subtractOrder(x: number[], q: number): number[] {
  const out = [];
  let over = 0;
  let value: number;
  for (let i = 0; i < 8; i++) {
    value = over + x[i]! - q * ORDER[i]!;
    over = i < 7 ? Math.floor(value / WORD) : 0;
    out.push(value - over * WORD);
  }
  return out;
}

/** digits / 2 + addend mod L, for digits that have 48 columns of the matrix at most. Words of either sign below 2^53 each, and below 2^273 in all. */
export function halve(native: Native, matrix: ArrayBuffer, from: number, digits: Limbs, addend: Limbs): Uint32Array {
  const x = [];
  for (let i = 0; i < 8; i++) x.push(native.convolve(digits, new Int32Array(matrix, from + 192 * i, 48), 0) + addend[i]!);
  let least = subtractOrder(x, Math.floor((x[7]! + x[6]! / WORD) / ORDER[7]!));
  if (least[7]! < 0) least = subtractOrder(least, -1);
  const below = subtractOrder(least, 1);
  return new Uint32Array(below[7]! < 0 ? least : below);
}

/** The digits of a * b, for a of 32 digits and b of 16: b as a wheel [b15 .. b0, 32 zeros]. */
export function multiplyDigits(native: Native, a: Limbs, wheel: Limbs): Uint16Array {
  const out = new Uint16Array(48);
  const C = native.convolve;
  let value = 0;
  for (let i = 0; i < 48; i++) {
    out[i] = value += C(a, wheel, 15 - i); // keeps the 16 bits of the digit
    value = Math.floor(value / 65536);
  }
  return out;
}
