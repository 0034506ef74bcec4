// The native operations as Espruino defines them, for Node.

import type { Native } from '../../device/ed25519native.ts';

export const nativeOnNode: Native = {
  convolve: function (a, b, offset) {
    let sum = 0;
    let at = ((offset % b.length) + b.length) % b.length;
    for (let i = 0; i < a.length; i++) {
      sum += a[i]! * b[at]!;
      at = at + 1 === b.length ? 0 : at + 1;
    }
    return sum;
  },
  sum: function (a) {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i]!;
    return sum;
  },
  mapInPlace: function (from, to) {
    for (let i = 0; i < to.length; i++) to[i] = (from[i >> 3]! >> (i & 7)) & 1;
  },
  toArrayBuffer: function (bytes) {
    const out = new Uint8Array(bytes.length);
    for (let i = 0; i < bytes.length; i++) out[i] = bytes.charCodeAt(i);
    return out.buffer;
  },
  toBytes: function (buffer) {
    return String.fromCharCode(...new Uint8Array(buffer));
  },
};
