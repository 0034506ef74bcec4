// What the fast signer takes from the platform: four native operations on arrays of numbers, and two casts. Espruino has all of them (its `E`);
// Node's tests and the simulator give their own. Each must be exact while every partial sum stays below 2^53.

import type { Bytes } from '../shared/bytes.ts';

export type Limbs = ArrayLike<number>;

/** The doubled form of a product's second operand: see ed25519field.ts. */
export type Wheel = number[] | Float64Array;

export interface Native {
  /** The sum of a[i] * b[(i + offset) mod b.length]. */
  readonly convolve: (a: Limbs, b: Limbs, offset: number) => number;
  readonly sum: (a: Limbs) => number;
  /** With bits = -1: every bit of `from`, least first, as one element of `to`. */
  readonly mapInPlace: (from: Uint8Array, to: Uint8Array, map: undefined, bits: number) => void;
  /** The bytes of a string as a buffer. It may share the string's memory, so nobody writes to it. */
  readonly toArrayBuffer: (bytes: Bytes) => ArrayBuffer;
  readonly toBytes: (buffer: ArrayBuffer) => Bytes;
}
