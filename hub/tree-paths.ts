// Paths in a batch's hash tree (RFC 9162, section 2.1.3.1). In: the chunks' roots, and the leaves' hashes of the one chunk in question. Out: for each of its leaves the hashes beside its way
// to the root, the lowest first.

import { HASH_BYTES, openHashPairs } from './hash-pairs.ts';
import type { Tree } from './tree-builder.ts';
import { CHUNK_LEAVES } from './tree-builder.ts';

/** For the leaves from `first` on, whose hashes are `hashes`: a whole chunk. */
export function pathsIn(tree: Pick<Tree, 'count' | 'chunks'>, first: number, hashes: Buffer): (index: number) => Buffer[] {
  const count = Math.min(CHUNK_LEAVES, tree.count - first);
  if (first % CHUNK_LEAVES !== 0 || hashes.length !== count * HASH_BYTES) {
    throw new Error(`expected the chunk of ${count} leaves from ${first}, got ${hashes.length / HASH_BYTES}`);
  }
  const within = levelsOver(hashes);
  const above = levelsOver(tree.chunks);
  return (index) => {
    if (index < first || index >= first + count) throw new Error(`expected a leaf of the chunk from ${first}, got ${index}`);
    return [...beside(within, index - first), ...beside(above, first / CHUNK_LEAVES)];
  };
}

/** For trees whose leaves are all at hand. */
export function pathOver(hashes: Buffer, index: number): Buffer[] {
  return beside(levelsOver(hashes), index);
}

/** Each level of the tree over these hashes, the lowest first, without the root. */
function levelsOver(hashes: Buffer): Buffer[] {
  const levels: Buffer[] = [];
  const pairs = openHashPairs(hashes.length / HASH_BYTES);
  pairs.fill(hashes);
  for (let count = hashes.length / HASH_BYTES; count > 1; count = pairs.halve(count)) levels.push(pairs.read(count));
  return levels;
}

function beside(levels: readonly Buffer[], index: number): Buffer[] {
  return levels.flatMap((level, height) => {
    const at = (Math.floor(index / 2 ** height) ^ 1) * HASH_BYTES;
    return at < level.length ? [level.subarray(at, at + HASH_BYTES)] : [];
  });
}
