// What the firmware spends on cryptography. In: nothing. Out: bytes of minified code: signing, public keys, verification.

import { buildFile } from '../build/build.ts';

export async function cryptoBytes(): Promise<number> {
  return (await buildFile('device/bench/onboard/cryptography.ts')).bytes;
}
