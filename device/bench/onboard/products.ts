// Runs on the interpreter or the board: what a multiplication mod 2^255 - 19 takes, as part of what it is for, the addition of a table's entry to a point. In: GIVEN, the table in
// flash, and the global `bench` of earlier bundles in the same process. Out: `bench` with one figure more, and a line `#bench` with the same as JSON.

/* eslint-disable @typescript-eslint/no-base-to-string -- the board's types are not the linter's */

import { powersOfTwo } from '../../ed25519field.ts';
import type { Point } from '../../ed25519point.ts';
import { openPoint } from '../../ed25519point.ts';
import { D_AT } from '../../ed25519table.ts';
import { espruinoNative } from '../../espruino-native.ts';
import { benchTable } from './table.ts';

/** `name` is what the figure's name ends in. */
declare const GIVEN: { readonly name: string; readonly fromMemory: boolean };
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
  const table = benchTable(GIVEN['fromMemory']);
  const entries = E.toArrayBuffer(table);
  const powers = powersOfTwo();
  const point = openPoint(espruinoNative(), table, powers, new Float32Array(entries, D_AT, 12), powers);
  const entry = new Float32Array(entries, 0, 36);
  finish(point); // makes its programs
  process['memory'](); // puts the list of free variables in order
  const from = Date.now();
  for (let i = 0; i < ADDITIONS; i++) {
    point.add(entry, true, true);
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
