// Numbers mod the group's order L = 2^252 + C. In: numbers of up to 768 bits as digits of 16 bits. Out: canonical numbers as eight 32-bit words. Reduction
// is one product of the digits with a matrix: row l holds limb l of 2^(16 j) / 2 mod L for every digit j, so eight native convolutions give half
// the number mod L. It must never give a number outside 0 .. L - 1.

import type { Limbs, Means } from './ed25519native.ts';
import { MATRIX_AT } from './ed25519table.ts';

const WORD = 4294967296;
/** L in words; the last is 2^252. */
export const ORDER = [0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de, 0, 0, 0, 268435456];

// A list is made anew wherever it is named, on the board: what looks at it often gives it a name of its own. Names that are used in every turn are declared outside of it: the interpreter makes a scope for each block that declares any.

/** x - q L, carried; the sign stays in word 7. */
function subtractOrder(x: number[], q: number): number[] {
  const out = [];
  const order = ORDER;
  let over = 0;
  let value: number;
  for (let i = 0; i < 8; i++) {
    value = over + x[i]! - q * order[i]!;
    over = i < 7 ? Math.floor(value / WORD) : 0;
    out.push(value - over * WORD);
  }
  return out;
}

/**
 * digits / 2 plus an addend, mod L, for digits that have 48 columns of the matrix at most. Without k the addend is (2^252 - 1) / 2 = -(C + 1) / 2: that turns a
 * number into the one whose bits are the signs of its comb. With k it is what that comb adds up to: 2 k - (2^252 - 1) = 2 k + C + 1.
 */
export function halve(means: Means, digits: Limbs, k?: Limbs): Uint32Array {
  const native = means.native;
  const table = native.toArrayBuffer(means.table);
  const x = [];
  const order = ORDER;
  let c: number;
  for (let i = 0; i < 8; i++) {
    c = (i < 4 ? order[i]! : 0) + (i < 1 ? 1 : 0); // C + 1; its words are even, so their halves are exact
    x.push(
      native.convolve(digits, new Int32Array(table, MATRIX_AT + 192 * i, 48), 0) + (k === undefined ? -c / 2 : 2 * k[i]! + c),
    );
  }
  let least = subtractOrder(x, Math.floor((x[7]! + x[6]! / WORD) / order[7]!));
  if (least[7]! < 0) least = subtractOrder(least, -1);
  if (least[7]! < order[7]!) return new Uint32Array(least); // so it is but once in 2^125 times
  const below = subtractOrder(least, 1);
  return new Uint32Array(below[7]! < 0 ? least : below);
}
