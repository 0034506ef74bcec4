// The hash tree over the lines of a batch (RFC 9162, section 2.1), built as the leaves come and never held whole: a chunk of 1024 leaves is reduced level by level
// in one buffer, and only its root is kept. In: leaves in their order. Out: the root, and the chunks' roots, which are all that a path needs
// beside the leaves of one chunk: 32 KB for a million lines.

import type { HashPairs } from './hash-pairs.ts';
import { openHashPairs } from './hash-pairs.ts';

/** A power of two: so a chunk is a whole subtree, and the tree over the chunks' roots is the tree over the leaves. */
export const CHUNK_LEAVES = 1024;

export interface Tree {
  /** 32 bytes. */
  readonly root: Buffer;
  readonly count: number;
  /** The roots of all chunks, one after the other. */
  readonly chunks: Buffer;
}

export interface TreeBuilder {
  /** The next leaves, each behind a byte of 0. At most as many as fill the chunk. */
  add(leaves: readonly Buffer[]): void;
  finish(): Tree;
}

/** All additions but the last must fill whole chunks. */
export function openTree(): TreeBuilder {
  const chunk = openHashPairs(CHUNK_LEAVES);
  const roots: Buffer[] = [];
  let total = 0;
  return {
    add(leaves) {
      const count = leaves.length;
      if (count < 1 || count > CHUNK_LEAVES) throw new Error(`expected 1 to ${CHUNK_LEAVES} leaves, got ${count}`);
      if (total % CHUNK_LEAVES !== 0) throw new Error('expected no leaves after a chunk that was not full');
      for (let i = 0; i < count; i++) chunk.put(i, leaves[i] as Buffer);
      roots.push(reduced(chunk, count));
      total += count;
    },
    finish() {
      if (total === 0) throw new Error('expected one leaf or more, got none');
      const chunks = Buffer.concat(roots);
      const hashes = openHashPairs(roots.length);
      hashes.fill(chunks);
      return { root: reduced(hashes, roots.length), count: total, chunks };
    },
  };
}

/** The hashes of leaves as `add` takes them, side by side. */
export function leafHashes(leaves: readonly Buffer[]): Buffer {
  const hashes = openHashPairs(leaves.length);
  leaves.forEach((leaf, i) => hashes.put(i, leaf));
  return hashes.read(leaves.length);
}

/** The root over the first `count` hashes, which are overwritten. */
function reduced(hashes: HashPairs, count: number): Buffer {
  for (let left = count; left > 1;) left = hashes.halve(left);
  return hashes.read(1);
}
