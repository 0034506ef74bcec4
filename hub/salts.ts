// The salt of each line of a batch: 16 bytes that nobody can guess who has not been shown them. Without one, a party that holds the hash beside its own line could try all
// likely amounts of its neighbour until one fits. In: the hub's key, which lines. Out: their salts, the same every time: so a dry run names the batch that a settlement would
// make, and nothing has to be stored. A line's salt leaves the hub only in that line's own evidence.

import { createCipheriv, hkdfSync } from 'node:crypto';
import type { Bytes } from '../shared/bytes.ts';
import { blobOf } from './blob.ts';
import { hubSeed } from './key.ts';

export const SALT_BYTES = 16;

/** Which line: its device's 8 bytes, its channel's number and the units from which it settles, in 4 bytes each. No two lines of a hub share all three. */
export type SaltBlocks = Buffer;

export interface Salts {
  /** As many salts as there are blocks, in their order. */
  saltsFor(blocks: SaltBlocks): Buffer;
}

/** The salts of lines are one sequence, the seals of the ledger another: neither says anything of the other. */
export type SaltPurpose = 'salts' | 'seals';

/**
 * A block cipher is a different random-looking answer for each different block, and a million of them cost milliseconds. So ECB, which is wrong for messages, is
 * what is wanted here: no two blocks are equal.
 */
export function saltsOf(dataDir: string, purpose: SaltPurpose = 'salts'): Salts {
  return saltsUnder(hubSeed(dataDir), purpose);
}

export function saltsUnder(seed: Bytes, purpose: SaltPurpose): Salts {
  const key = Buffer.from(hkdfSync('sha256', blobOf(seed), '', `tallystick ${purpose} 1`, 32));
  return {
    saltsFor(blocks) {
      const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
      return Buffer.concat([cipher.update(blocks), cipher.final()]);
    },
  };
}
