// What the signature takes from the platform: native operations on arrays of numbers, and two casts. Espruino has all of them, in its `E` and its
// `Graphics`; Node's tests give their own. Each must be exact while every partial sum stays below 2^53.

import type { Bytes } from '../shared/bytes.ts';

export type Limbs = ArrayLike<number>;

/** The doubled form of a product's second operand: see ed25519field.ts. */
export type Wheel = Float64Array;

export interface Native {
  /** The sum of a[i] * b[(i + offset) mod b.length]. */
  readonly convolve: (a: Limbs, b: Limbs, offset: number) => number;
  readonly sum: (a: Limbs) => number;
  /** With bits = -1: every bit of `from`, least first, as one element of `to`. With 8 and a map: what it has at the place that each byte of `from` says. */
  readonly mapInPlace: (from: Uint8Array, to: Uint8Array | Float64Array, map: Limbs | undefined, bits: number) => void;
  /** Pairs (x, y) to (a x + c y + e, b x + d y + f); the matrix is [a, b, c, d, e, f]. */
  readonly transformVertices: (pairs: Limbs, matrix: Limbs) => number[];
  /** The bytes of a string as a buffer. It may share the string's memory, so nobody writes to it. */
  readonly toArrayBuffer: (bytes: Bytes) => ArrayBuffer;
  /** An array of bytes as a string. */
  readonly toBytes: (bytes: Limbs) => Bytes;
}

export type Sha512 = (data: Bytes) => Bytes;

/** What all of the signature needs. */
export interface Means {
  readonly native: Native;
  readonly sha512: Sha512;
  /** As it lies in flash. */
  readonly table: Bytes;
}
