// The native operations on the interpreter: Espruino's own.

import type { Native } from '../../device/ed25519native.ts';

declare const E: {
  convolve: Native['convolve'];
  sum: Native['sum'];
  mapInPlace: Native['mapInPlace'];
  toArrayBuffer: Native['toArrayBuffer'];
  toString: Native['toBytes'];
};

export const nativeOnBoard: Native = {
  convolve: E.convolve,
  sum: E.sum,
  mapInPlace: E.mapInPlace,
  toArrayBuffer: E.toArrayBuffer,
  toBytes: E.toString,
};
