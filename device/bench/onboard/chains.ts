// Runs on the interpreter or the board: how long a hash chain of 1,000 links takes, in the slices in which the firmware builds it, beside a native hash. In: nothing.
// Out: the global `bench`, and a line `#bench` with the same as JSON.

/* eslint-disable @typescript-eslint/no-require-imports, @typescript-eslint/no-base-to-string, @typescript-eslint/unbound-method -- Espruino's modules have no other door, and its types are not the linter's */

import type { Bytes } from '../../../shared/bytes.ts';
import type { DeviceId } from '../../../shared/identity.ts';
import type { ChannelNumber } from '../../../shared/units.ts';
import { buildChain, createChain } from '../../chain.ts';

declare const global: { bench?: unknown };
declare const process: { readonly memory: () => unknown };

const LINKS = 1000;
const LOOP = 1000;
const RUNS = 10;
const SEED = '0123456789abcdef0123456789abcdef';

const native = require('crypto')['SHA256'];

function sha256(data: Bytes): Bytes {
  return E.toString(native(data)) as Bytes;
}

/** The mean of a thousand native hashes of 64 bytes. */
function hashMs(): number {
  process['memory'](); // puts the list of free variables in order
  const message = SEED + SEED;
  const from = Date.now();
  for (let i = 0; i < LOOP; i++) native(message);
  return (Date.now() - from) / LOOP;
}

/** The least that each slice took: the rest is the machine's. */
const sliceMs = new Float32Array(LINKS);

function buildMs(channel: number): number {
  process['memory']();
  const chain = createChain('AAAAAAAAAAA' as DeviceId, SEED, channel as ChannelNumber, LINKS, sha256);
  let sumMs = 0;
  let done = false;
  for (let slice = 0; !done; slice++) {
    const from = Date.now();
    done = buildChain(chain);
    const ms = Date.now() - from;
    sumMs += ms;
    if (channel === 1 || ms < sliceMs[slice]!) sliceMs[slice] = ms;
  }
  return sumMs;
}

let chainMs = buildMs(1);
for (let run = 2; run <= RUNS; run++) {
  const ms = buildMs(run);
  if (ms < chainMs) chainMs = ms;
}
let longestMs = 0;
for (let slice = 0; slice < LINKS; slice++) if (sliceMs[slice]! > longestMs) longestMs = sliceMs[slice]!;

const figures: { [name: string]: number } = {};
figures['hashMs'] = hashMs();
figures['chainMs'] = chainMs;
figures['longestMs'] = longestMs;
global['bench'] = figures;
print('#bench ' + JSON.stringify(figures));
