// A sum of multiples of fixed points, in slices. In: for each point the scalar k whose bits are the signs of its comb, and its entries; a blinding
// number. Out: the 32 bytes of the sum of the points (2 k - (2^252 - 1)) B. One slice is two or three products: a third of an addition, a quarter of a doubling, or half a round of the inversion.
//
// The 252 signs are cut into `combs` combs of `teeth` teeth, `spacing` apart: comb c in column j reads the signs c teeth spacing + i spacing + j.

import type { Bytes } from '../shared/bytes.ts';
import type { Inversion } from './ed25519invert.ts';
import { beginInversion } from './ed25519invert.ts';
import { LIMBS, powersOfTwo } from './ed25519field.ts';
import type { Limbs, Means, Native } from './ed25519native.ts';
import type { Point } from './ed25519point.ts';
import {
  beginAddition,
  beginDoubling,
  encodePoint,
  endAddition,
  joinAddition,
  openPoint,
  prepareDoubling,
} from './ed25519point.ts';
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

/** One of the multiples that are added up. */
export interface Term {
  readonly comb: Comb;
  readonly scalar: Uint32Array;
  /** Column by column, and how many columns of them are there. */
  readonly digits: Uint8Array;
  columns: number;
}

/** A sum under way. */
export interface Sum {
  readonly means: Means;
  readonly terms: readonly Term[];
  programs: Programs | undefined;
  /** The number that blinds, until it is used. */
  lambda: Limbs | undefined;
  point: Point | undefined;
  /** Of the digit that is added next. */
  column: number;
  term: number;
  comb: number;
  /** Slices of an addition, or of a doubling, that are done. */
  begun: number;
  /** A doubling. */
  prepared: boolean;
  attempts: number;
  inversion: Inversion | undefined;
  /** How far the point is encoded. */
  encoded: number;
}

const ATTEMPTS_MAX = 4;
const SIGNS = 252;
/** Digits that are read in a slice: whole columns of either comb. */
const DIGITS = 24;

/** The hash as 32 digits of 16 bits. A shorter one would make a nonce that everybody knows, and with it the secret key. */
export function digitsOf(means: Means, data: Bytes): Uint16Array {
  const out = new Uint16Array(means.native.toArrayBuffer(means.sha512(data)));
  if (out.length !== 32) throw new Error('no memory for SHA-512');
  return out;
}

/** 192 bits that nobody can know who does not know `secret`: a board has no entropy. */
export function blindingOf(means: Means, secret: Bytes): Float64Array {
  const digits = digitsOf(means, 'blind' + secret);
  const powers = powersOfTwo();
  const out = new Float64Array(LIMBS);
  for (let i = 0; i < LIMBS; i++) out[i] = (digits[i]! + 1) * powers[11 - i]!;
  return out;
}

/** One scalar in 2^127 would need a 253rd sign; what is made from such a one is no valid signature. */
export function termOf(comb: Comb, scalar: Uint32Array): Term {
  return { comb: comb, scalar: scalar, digits: new Uint8Array(comb.combs * comb.spacing), columns: 0 };
}

/** Some columns of digits; one convolution reads one. */
function readDigits(native: Native, term: Term): void {
  const C = native.convolve;
  const spacing = term.comb.spacing;
  const stride = term.comb.teeth * spacing;
  const digits = term.digits;
  const signs = new Uint8Array(256);
  const teeth = new Uint8Array(stride - spacing + 1);
  let column = term.columns;
  let at = column * term.comb.combs;
  let sign = 1;
  native.mapInPlace(new Uint8Array(term.scalar.buffer), signs, undefined, -1);
  for (let i = 0; i < teeth.length; i += spacing) {
    teeth[i] = sign;
    sign *= 2;
  }
  for (const end = Math.min(column + DIGITS / term.comb.combs, spacing); column < end; column++)
    for (sign = column; sign < SIGNS; sign += stride) digits[at++] = C(teeth, signs, sign);
  term.columns = column;
}

/** Adds up the terms, those with the larger spacing last. */
export function beginSum(means: Means, terms: readonly Term[], lambda: Limbs): Sum {
  return {
    means: means,
    terms: terms,
    programs: undefined,
    lambda: lambda,
    point: undefined,
    column: 0,
    term: 0,
    comb: 0,
    begun: 0,
    prepared: false,
    attempts: 0,
    inversion: undefined,
    encoded: 0,
  };
}

/** To a column, at the first term that has digits there. */
function toColumn(sum: Sum, column: number): void {
  const terms = sum.terms;
  let term = 0;
  while (column >= terms[term]!.comb.spacing) term++;
  sum.column = column;
  sum.term = term;
}

/** What is needed before the first addition: digits, programs, a point. */
function prepareSum(sum: Sum): void {
  const native = sum.means.native;
  for (const term of sum.terms) {
    if (term.columns === term.comb.spacing) continue;
    readDigits(native, term);
    return;
  }
  if (sum.programs === undefined) sum.programs = compilePrograms(native, sum.means.table);
  else {
    sum.point = openPoint(native, sum.programs, sum.lambda!);
    sum.lambda = undefined;
    toColumn(sum, sum.terms[sum.terms.length - 1]!.comb.spacing - 1);
  }
}

/** Begins to add the entry that the comb reads in this column. */
function addDigit(sum: Sum, point: Point): void {
  const from = sum.terms[sum.term]!;
  const comb = from.comb;
  const half = 1 << (comb.teeth - 1);
  const digit = from.digits[sum.column * comb.combs + sum.comb]!;
  const positive = digit >= half; // the last tooth's sign
  const index = half * sum.comb + (positive ? digit - half : half - 1 - digit);
  beginAddition(point, comb.entries, index * ENTRY_BYTES, positive);
  sum.begun = 1;
  sum.comb++;
  if (sum.comb < comb.combs) return;
  sum.comb = 0;
  sum.term++;
}

/** Ahead of a doubling; then it begins, and it is on to the next column. */
function turnColumn(sum: Sum, point: Point): void {
  sum.prepared = !sum.prepared;
  if (sum.prepared) {
    prepareDoubling(point);
    return;
  }
  beginDoubling(point);
  sum.begun = 1;
  toColumn(sum, sum.column - 1);
}

/** Half a round of the inversion of Z. When it finds none, it begins again with a factor that Z, which nobody knows, gives. */
function invert(sum: Sum, point: Point): void {
  const native = sum.means.native;
  if (sum.inversion === undefined) {
    point.multiply(0, 0, point.F, point.G, point.T);
    sum.inversion = beginInversion(native, point.T, point.G, point.g);
    return;
  }
  const inverse = sum.inversion();
  if (inverse === undefined) return;
  sum.inversion = undefined;
  if (inverse.length > 0) {
    point.F.set(inverse);
    sum.encoded = 1;
    return;
  }
  if (sum.attempts++ === ATTEMPTS_MAX) throw new Error('no inverse');
  sum.lambda = blindingOf(sum.means, point.T.join(','));
  sum.point = undefined;
}

/** One slice; '' until the bytes are there. What comes most often stands first. */
export function sumSlice(sum: Sum): Bytes {
  const point = sum.point;
  if (sum.begun > 0) {
    if (sum.begun++ < 2) joinAddition(point!);
    else {
      sum.begun = 0;
      endAddition(point!, sum.term < sum.terms.length);
    }
    return '';
  }
  if (point === undefined) prepareSum(sum);
  else if (sum.term < sum.terms.length) addDigit(sum, point);
  else if (sum.column > 0) turnColumn(sum, point);
  else if (sum.encoded === 0) invert(sum, point);
  else return encodePoint(point, sum.encoded++, sum.terms[0]!.comb.entries);
  return '';
}
