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
  mapInPlace: function (from, to, map) {
    for (let i = 0; i < to.length; i++) to[i] = map === undefined ? (from[i >> 3]! >> (i & 7)) & 1 : map[from[i]!]!;
  },
  transformVertices: function (pairs, matrix) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = Array.from(matrix);
    const out = [];
    for (let i = 0; i + 1 < pairs.length; i += 2) {
      out.push(a * pairs[i]! + c * pairs[i + 1]! + e, b * pairs[i]! + d * pairs[i + 1]! + f);
    }
    return out;
  },
  toArrayBuffer: function (bytes) {
    const out = new Uint8Array(bytes.length);
    for (let i = 0; i < bytes.length; i++) out[i] = bytes.charCodeAt(i);
    return out.buffer;
  },
  toBytes: function (bytes) {
    return String.fromCharCode(...Array.from(bytes));
  },
};
