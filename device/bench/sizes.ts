// What the firmware spends on cryptography. In: which build. Out: bytes of minified code: signing, public keys, verification.

import { buildFile } from '../build/build.ts';

export async function cryptoBytesOf(lowRam: boolean): Promise<number> {
  return (await buildFile('device/bench/onboard/cryptography.ts', {}, { lowRam })).bytes;
}
