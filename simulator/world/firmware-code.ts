// What stands for firmware in a virtual world: a name in whole words, good or broken, and the hub's signature over it. In: a build and a number. Out: the code that lies in a
// slot. The firmware that really runs is the one that this world is made of; a broken one never comes up.

import { verifierOf } from '../../hub/proofs.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { hubPublicKey } from './identity.ts';

export type CodeKind = 'factory' | 'good' | 'broken';

const FACTORY_BYTES = 64;
/** Three slices stand for the board's half minute. */
const SLICES = 3;

export function codeOf(kind: CodeKind, build: string, number: number, bytes: number): Bytes {
  return `${kind} ${build} ${number} `.padEnd(bytes - (bytes % 4), '/');
}

/** What comes by cable. */
export function factoryCode(build: string): Bytes {
  return codeOf('factory', build, 1, FACTORY_BYTES);
}

/** A broken one hangs, or throws at its first line. */
export function comesUp(code: Bytes): boolean {
  return !code.startsWith('broken');
}

export function verificationBy(seed: number): (message: Bytes, signature: Bytes) => () => boolean | undefined {
  const verify = verifierOf(hubPublicKey(seed));
  return (message, signature) => {
    let slices = 0;
    return () => (++slices < SLICES ? undefined : verify(message, signature));
  };
}
