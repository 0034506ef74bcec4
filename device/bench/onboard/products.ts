// Runs on the interpreter or the board: what a multiplication mod 2^255 - 19 takes, as part of what it is for, a sum of table entries. In: GIVEN, the table in
// flash, and the global `bench` of an earlier bundle in the same process. Out: `bench` with one figure more, and a line `#bench` with the same as JSON.

/* eslint-disable @typescript-eslint/no-base-to-string -- the board's types are not the linter's */

import type { Bytes } from '../../../shared/bytes.ts';
import { beginSum, sumSlice, termOf } from '../../ed25519comb.ts';
import { powersOfTwo } from '../../ed25519field.ts';
import { espruinoNative } from '../../espruino-native.ts';
import { benchTable } from './table.ts';

declare const GIVEN: { readonly fromMemory: boolean };
declare const process: { readonly memory: () => unknown };
declare const global: { bench?: { [name: string]: unknown } };

const RUNS = 5;
/** Each with its carries: 42 additions of seven, but for six of them and the last one, which need no T, and six doublings of nine. */
const PRODUCTS = 42 * 7 - 7 + 6 * 9;

/** A sum asks for one only when it begins again. */
function noHash(): Bytes {
  return '';
}

function sumMs(): number {
  const native = espruinoNative();
  const table = benchTable(GIVEN['fromMemory']);
  const comb = { combs: 6, teeth: 6, spacing: 7, entries: native.toArrayBuffer(table) };
  const scalar = new Uint32Array([2654435769, 1013904242, 3668340011, 2027808484, 387276957, 3041712726, 1401181199, 4055616968]);
  const means = { native: native, sha512: noHash, table: table };
  const sum = beginSum(means, [termOf(comb, scalar)], powersOfTwo());
  while (sum.point === undefined) sumSlice(sum); // makes its programs
  process['memory'](); // puts the list of free variables in order
  const from = Date.now();
  while (sum.begun > 0 || sum.column > 0 || sum.term < 1) sumSlice(sum);
  return Date.now() - from;
}

let least = sumMs();
for (let run = 1; run < RUNS; run++) {
  const next = sumMs();
  if (next < least) least = next;
}

const figures = global['bench'] === undefined ? {} : global['bench'];
figures['productMs'] = least / PRODUCTS;
global['bench'] = figures;
print('#bench ' + JSON.stringify(figures));
