// What the signature takes from Espruino: its native operations under the names of ed25519native.ts. Made when a signature begins and gone when it ends.

/* eslint-disable @typescript-eslint/unbound-method -- Espruino's functions need no `this` */

import type { Native } from './ed25519native.ts';

export function espruinoNative(): Native {
  return {
    convolve: E.convolve,
    sum: E.sum,
    mapInPlace: E.mapInPlace,
    transformVertices: Graphics.createArrayBuffer(8, 1, 1).transformVertices,
    toArrayBuffer: E.toArrayBuffer,
    toBytes: E.toString as Native['toBytes'],
  };
}
