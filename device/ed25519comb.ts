// A sum of multiples of fixed points, in slices. In: for each point the scalar k whose bits are the signs of its comb, and its entries; a blinding
// number. Out: the 32 bytes of the sum of the points (2 k - (2^252 - 1)) B. One slice is the choice of an entry, a program of an addition or a doubling, or one round of the inversion.
//
// The 252 signs are cut into `combs` combs of `teeth` teeth, `spacing` apart: comb c in column j reads the signs c teeth spacing + i spacing + j.

import type { Bytes } from '../shared/bytes.ts';
import type { Limbs, Native, Wheel } from './ed25519native.ts';
import type { Inversion } from './ed25519invert.ts';
import { beginInversion } from './ed25519invert.ts';
import { LIMBS, powersOfTwo } from './ed25519field.ts';
import type { Point } from './ed25519point.ts';
import { openPoint } from './ed25519point.ts';
import { ENTRY_BYTES } from './ed25519table.ts';

/** A table in flash and how it is read. */
export interface Comb {
  readonly combs: number;
  readonly teeth: number;
  readonly spacing: number;
  readonly entries: ArrayBuffer;
}

/** One of the multiples that are added up: the signs of its scalar, and the weights with which one convolution reads a digit. */
export interface Term {
  readonly comb: Comb;
  readonly signs: Uint8Array;
  readonly teeth: Uint8Array;
  /** Signs that a comb reads, and entries that it has. */
  readonly stride: number;
  readonly half: number;
}

const ATTEMPTS_MAX = 4;

/** One scalar in 2^127 would need a 253rd sign; what is made from such a one is no valid signature. */
export function termOf(native: Native, comb: Comb, scalar: Uint32Array): Term {
  const signs = new Uint8Array(256);
  native.mapInPlace(new Uint8Array(scalar.buffer), signs, undefined, -1);
  const teeth = new Uint8Array((comb.teeth - 1) * comb.spacing + 1);
  for (let i = 0; i < comb.teeth; i++) teeth[i * comb.spacing] = 1 << i;
  return { comb: comb, signs: signs, teeth: teeth, stride: comb.teeth * comb.spacing, half: 1 << (comb.teeth - 1) };
}

/** The terms with the larger spacing come last. `lambdaOf` blinds: another number for every attempt. */
export function beginSum(
  native: Native,
  table: Bytes,
  d: Limbs,
  terms: Term[],
  lambdaOf: (attempt: number) => Limbs,
): () => Bytes {
  const powers = powersOfTwo();
  let attempt = 0;
  let column = 0;
  let term = 0; // of the digit that is added next
  let comb = 0;
  let z: Wheel | undefined;
  let inversion: Inversion | undefined;
  let inverse: Limbs | undefined;
  let lambda: Limbs | undefined;
  let point: Point | undefined;

  function toColumn(next: number): void {
    column = next;
    for (term = 0; column >= terms[term]!.comb.spacing;) term++;
  }

  /** Adds the entry that the comb reads in this column. */
  function addDigit(from: Term): void {
    const digit = native.convolve(from.teeth, from.signs, comb * from.stride + column);
    const positive = digit >= from.half; // the last tooth's sign
    const index = from.half * comb++ + (positive ? digit - from.half : from.half - 1 - digit);
    const entry = new Float32Array(from.comb.entries, index * ENTRY_BYTES, 3 * LIMBS);
    if (comb === from.comb.combs) {
      comb = 0;
      term++;
    }
    point!.add(entry, positive, term < terms.length);
  }

  function invert(): void {
    if (inversion === undefined) {
      if (!z) z = point!.z();
      else inversion = beginInversion(native, powers, z);
      return;
    }
    inverse = inversion();
    if (inverse === undefined) return;
    z = inversion = undefined; // the memory is needed for what comes
    if (inverse.length > 0) return;
    attempt++;
    if (attempt > ATTEMPTS_MAX) throw new Error('Ed25519: no inverse');
    inverse = point = lambda = undefined;
  }

  return function (): Bytes {
    if (lambda === undefined) lambda = lambdaOf(attempt);
    else if (point === undefined) {
      toColumn(terms[terms.length - 1]!.comb.spacing - 1);
      point = openPoint(native, table, powers, d, lambda);
    } else if (inverse !== undefined) return point.encode(inverse);
    else if (point.step()) return '';
    else if (term < terms.length) addDigit(terms[term]!);
    else if (column > 0) {
      point.double();
      toColumn(column - 1);
    } else invert();
    return '';
  };
}
