// Runs on the interpreter or the board: what a multiplication mod 2^255 - 19 takes, as part of what it is for, the addition of a table's entry to a point. In: GIVEN, the table in
// flash, and the global `bench` of earlier bundles in the same process. Out: `bench` with one figure more, and a line `#bench` with the same as JSON.

/* eslint-disable @typescript-eslint/no-base-to-string, @typescript-eslint/no-require-imports -- the board's types are not the linter's */

import type { Bytes } from '../../../shared/bytes.ts';
import { powersOfTwo } from '../../ed25519field.ts';
import type { Point } from '../../ed25519point.ts';
import { openPoint } from '../../ed25519point.ts';
import { espruinoNative } from '../../espruino-native.ts';

/** What the figure's name ends in. */
declare const GIVEN: { readonly name: string };
declare const process: { readonly memory: () => unknown };
declare const global: { bench?: { [name: string]: unknown } };

const ADDITIONS = 40;
const RUNS = 5;
/** Each with its carries. */
const PRODUCTS = 7;

function finish(point: Point): void {
  let more = true;
  while (more) more = point.step();
}

function additionMs(): number {
  const table = E.toArrayBuffer(require('Storage').read('ts.table') as Bytes);
  const powers = powersOfTwo();
  const point = openPoint(espruinoNative(), powers, new Float32Array(table, table.byteLength - 48, 12), powers);
  const entry = new Float32Array(table, 0, 36);
  finish(point); // makes its programs
  process['memory'](); // puts the list of free variables in order
  const from = Date.now();
  for (let i = 0; i < ADDITIONS; i++) {
    point.add(entry, true);
    finish(point);
  }
  return (Date.now() - from) / ADDITIONS;
}

let least = additionMs();
for (let run = 1; run < RUNS; run++) {
  const next = additionMs();
  if (next < least) least = next;
}

const figures = global['bench'] === undefined ? {} : global['bench'];
figures['product' + GIVEN['name']] = least / PRODUCTS;
global['bench'] = figures;
print('#bench ' + JSON.stringify(figures));
