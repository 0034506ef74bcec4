// Runs on the interpreter or the board: a signature by the straight signer, the yardstick, and some by the firmware's own, beside native hashes. In: GIVEN, the table in flash.
// Out: the global `bench`, and a line `#bench` with the same as JSON. Every signature must be the yardstick's.

/* eslint-disable @typescript-eslint/no-base-to-string, @typescript-eslint/no-require-imports, @typescript-eslint/only-throw-error -- the board's types are not the linter's */

import type { Bytes } from '../../shared/bytes.ts';
import { fromHex } from '../../shared/bytes.ts';
import { benchTable } from '../../device/bench/onboard/table.ts';
import { beginSignature as beginOwn } from '../../device/ed25519.ts';
import { espruinoNative } from '../../device/espruino-native.ts';
import { beginSignature, signingKeyOf } from './straight.ts';

/** Bytes as hex. */
declare const GIVEN: {
  readonly seed: string;
  readonly publicKey: string;
  readonly runs: number;
  readonly fromMemory: boolean;
};
interface Memory {
  readonly gctime: number;
  readonly total: number;
}
declare const process: { readonly memory: () => Memory };
declare const global: { bench?: { [name: string]: unknown } };

const LOOP = 1000;
const MESSAGE = '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef';

const crypto = require('crypto');
const seed = fromHex(GIVEN['seed']) as Bytes;
const publicKey = fromHex(GIVEN['publicKey']) as Bytes;
const table = benchTable(GIVEN['fromMemory']);

function sha512(data: Bytes): Bytes {
  return E.toString(crypto.SHA512(data)) as Bytes;
}

const COLLECTIONS = 5;
/** What collecting garbage takes per variable: the one speed of Espruino on an ESP32 that was published. The least of all, and taken before each signature: what slows the machine for seconds slows both. */
let collectingNs = 1000000;

/** Puts the list of free variables in order, as an idle board does. */
function tidy(): void {
  for (let i = 0; i < COLLECTIONS; i++) {
    const memory = process['memory']();
    const ns = (1000000 * memory['gctime']) / memory['total'];
    if (ns < collectingNs) collectingNs = ns;
  }
}

interface Timed {
  ms: number;
  slices: number;
  signature: Bytes;
}

/** More than a signature of the firmware's own has. */
const SLICES_MAX = 400;
/** Of the last signature; those above the maximum are not kept. */
const sliceMs = new Float32Array(SLICES_MAX);

/** From nothing to the 64 bytes; to begin is a slice of its own, as in the firmware. */
function timed(begin: () => () => Bytes): Timed {
  tidy();
  const result: Timed = { ms: 0, slices: 0, signature: '' };
  let from = Date.now();
  let slice: (() => Bytes) | undefined;
  while (result.signature === '') {
    if (slice === undefined) slice = begin();
    else result.signature = slice();
    const now = Date.now();
    result.ms += now - from;
    if (result.slices < SLICES_MAX) sliceMs[result.slices] = now - from;
    result.slices++;
    from = Date.now();
  }
  return result;
}

function straight(): () => Bytes {
  const signing = beginSignature(signingKeyOf(seed, publicKey), MESSAGE, sha512);
  return function () {
    return signing.step();
  };
}

function own(): () => Bytes {
  return beginOwn({ native: espruinoNative(), sha512: sha512, table: table }, seed, publicKey, MESSAGE);
}

interface Quickest {
  ms: number;
  longestMs: number;
  signature: Bytes;
}

/** The quickest of some, after one that warms up, and the longest slice, each as the quickest of as many: the rest is the machine's. The same message goes through the same slices. */
function quickest(): Quickest {
  let best = timed(own);
  const leastMs = new Float32Array(sliceMs);
  for (let run = 0; run < GIVEN['runs']; run++) {
    const next = timed(own);
    if (next.slices !== best.slices || next.slices > SLICES_MAX) throw new Error('another number of slices: ' + next.slices);
    if (next.ms < best.ms) best = next;
    for (let i = 0; i < next.slices; i++) if (sliceMs[i]! < leastMs[i]!) leastMs[i] = sliceMs[i]!;
  }
  let longestMs = 0;
  for (let i = 0; i < best.slices; i++) if (leastMs[i]! > longestMs) longestMs = leastMs[i]!;
  return { ms: best.ms, longestMs: longestMs, signature: best.signature };
}

/** The least mean of a thousand native hashes of 64 bytes. */
function hashMs(): number {
  let least = 1000;
  for (let run = 0; run < 3; run++) {
    tidy();
    const from = Date.now();
    for (let i = 0; i < LOOP; i++) crypto.SHA256(MESSAGE);
    const mean = (Date.now() - from) / LOOP;
    if (mean < least) least = mean;
  }
  return least;
}

const figures: { [name: string]: unknown } = {};
const yardstick = timed(straight);
figures['straightMs'] = yardstick.ms;
figures['hashMs'] = hashMs();
const measured = quickest();
figures['collectingNs'] = collectingNs;
if (measured.signature !== yardstick.signature) throw new Error('the signatures differ');
figures['signMs'] = measured.ms;
figures['longestSliceMs'] = measured.longestMs;
global['bench'] = figures;
print('#bench ' + JSON.stringify(figures));
