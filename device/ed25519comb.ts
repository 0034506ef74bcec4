// A sum of multiples of fixed points, in slices. In: for each point the scalar k whose bits are the signs of its comb, and its entries; a blinding
// number. Out: the 32 bytes of the sum of the points (2 k - (2^252 - 1)) B. One slice is half an addition or a doubling, or one round of the inversion.
//
// The 252 signs are cut into `combs` combs of `teeth` teeth, `spacing` apart: comb c in column j reads the signs c teeth spacing + i spacing + j.

import type { Bytes } from '../shared/bytes.ts';
import type { Limbs, Native } from './ed25519native.ts';
import type { Inversion } from './ed25519invert.ts';
import { beginInversion } from './ed25519invert.ts';
import { LIMBS } from './ed25519field.ts';
import type { Point } from './ed25519point.ts';
import { beginDoubling, beginEncoding, openPoint, prepareDoubling } from './ed25519point.ts';
import type { Programs } from './ed25519programs.ts';
import { compilePrograms } from './ed25519programs.ts';
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

/** The first term that has digits in a column. */
function termIn(terms: readonly Term[], column: number): number {
  let term = 0;
  while (column >= terms[term]!.comb.spacing) term++;
  return term;
}

/** Adds up the terms, those with the larger spacing last; false when that is done. A slice is half an addition, a doubling has one more ahead. */
export function beginWalk(point: Point, terms: readonly Term[]): () => boolean {
  let column = terms[terms.length - 1]!.comb.spacing - 1;
  let term = termIn(terms, column); // of the digit that is added next
  let comb = 0;
  let begun = false; // an addition, or a doubling
  let prepared = false; // a doubling

  /** Begins to add the entry that the comb reads in this column. */
  function begin(): boolean {
    const from = terms[term]!;
    const digit = point.native.convolve(from.teeth, from.signs, comb * from.stride + column);
    const positive = digit >= from.half; // the last tooth's sign; -(x, y) = (-x, y) swaps m and p and negates k
    const at = ENTRY_BYTES * (from.half * comb + (positive ? digit - from.half : from.half - 1 - digit));
    const entries = from.comb.entries;
    const k = new Float32Array(entries, at, LIMBS);
    const m = new Float32Array(entries, at + (positive ? 48 : 96), LIMBS);
    const p = new Float32Array(entries, at + (positive ? 96 : 48), LIMBS);
    const S = point.unscale;
    point.ends(0, 0, 0, 0, 0, point.F, point.G, k, point.T, positive ? -S : S, point.f, point.g, p, point.P, m, point.M, S);
    if (++comb === from.comb.combs) comb = 0;
    if (comb === 0) term++;
    return (begun = true);
  }

  /** What an addition or a doubling has begun; F' G' is Z'. T is not needed before a doubling, nor at the end. */
  function end(): boolean {
    const F = point.F;
    const G = point.G;
    point.cross(0, 0, 0, 0, 0, F, G, point.f, point.g, point.M, point.P);
    if (term < terms.length) point.multiply(0, 0, F, G, point.T);
    point.F = point.f;
    point.G = point.g;
    point.f = F;
    point.g = G;
    begun = false;
    return true;
  }

  function turnColumn(): boolean {
    if (column === 0) return false;
    prepared = !prepared;
    if (prepared) prepareDoubling(point);
    else {
      beginDoubling(point);
      begun = true;
      term = termIn(terms, --column);
    }
    return true;
  }

  return function (): boolean {
    return begun ? end() : term < terms.length ? begin() : turnColumn();
  };
}

/** `lambdaOf` blinds: another number for every attempt. */
export function beginSum(
  native: Native,
  table: Bytes,
  terms: readonly Term[],
  lambdaOf: (attempt: number) => Limbs,
): () => Bytes {
  let attempt = 0;
  let programs: Programs | undefined;
  let lambda: Limbs | undefined;
  let point: Point | undefined;
  let walk: (() => boolean) | undefined;
  let inversion: Inversion | undefined;
  let encoding: (() => Bytes) | undefined;

  function open(): void {
    if (programs === undefined) programs = compilePrograms(native, table);
    else if (lambda === undefined) lambda = lambdaOf(attempt);
    else {
      point = openPoint(native, programs, lambda);
      walk = beginWalk(point, terms);
      lambda = undefined;
    }
  }

  function invert(from: Point): void {
    walk = undefined; // its memory is needed
    if (inversion === undefined) {
      from.multiply(0, 0, from.F, from.G, from.T);
      inversion = beginInversion(native, from.T, from.G, from.g);
      return;
    }
    const inverse = inversion();
    if (inverse === undefined) return;
    inversion = undefined;
    if (inverse.length > 0) encoding = beginEncoding(from, table, inverse);
    else if (++attempt > ATTEMPTS_MAX) throw new Error('Ed25519: no inverse');
    else point = undefined;
  }

  function next(): Bytes {
    if (encoding !== undefined) return encoding();
    if (point === undefined) open();
    else invert(point);
    return '';
  }

  return function (): Bytes {
    return walk !== undefined && walk() ? '' : next();
  };
}
