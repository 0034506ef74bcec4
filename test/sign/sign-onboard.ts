// Runs on the interpreter: signs or verifies every given case with the firmware's own signature, whose table lies in flash, and prints the outcomes.

/* eslint-disable @typescript-eslint/no-base-to-string, @typescript-eslint/no-require-imports -- the board's types are not the linter's */

import type { Bytes } from '../../shared/bytes.ts';
import { fromHex, toHex } from '../../shared/bytes.ts';
import { beginPublicKey, beginSignature, beginVerdict } from '../../device/ed25519.ts';
import { espruinoNative } from '../../device/espruino-native.ts';

/** Seed, public key and message; or, to be verified, '', message and signature. Bytes as hex. */
declare const GIVEN: ReadonlyArray<readonly [string, string, string]>;

function finish<T>(slice: () => T | undefined): T {
  for (;;) {
    const out = slice();
    if (out !== undefined && (out as unknown) !== '') return out;
  }
}

function bytesOf(hex: string): Bytes {
  return fromHex(hex) as Bytes;
}

function answerTo(given: readonly [string, string, string], i: number): string {
  const native = espruinoNative();
  const table = require('Storage').read('ts.table') as Bytes;
  const means = {
    native: native,
    sha512: function (data: Bytes): Bytes {
      return E.toString(require('crypto').SHA512(data)) as Bytes;
    },
    table: table,
  };
  if (given[0] === '') {
    const hub = require('Storage').read('ts.hub') as Bytes;
    const entries = native.toArrayBuffer(hub.substring(32));
    return String(finish(beginVerdict(means, hub.substring(0, 32), entries, bytesOf(given[1]), bytesOf(given[2]))));
  }
  const seed = bytesOf(given[0]);
  const signature = toHex(finish(beginSignature(means, seed, bytesOf(given[1]), bytesOf(given[2]))));
  return i < 5 ? signature + toHex(finish(beginPublicKey(means, seed))) : signature;
}

for (let i = 0; i < GIVEN.length; i++) print('#answer ' + answerTo(GIVEN[i] as readonly [string, string, string], i));
print('#done');
