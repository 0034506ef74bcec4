// A hash tree over the lines of a batch, as in RFC 6962, section 2.1: leaves and nodes are hashed under different first bytes, so that none can pass
// for the other. In: leaves, or one leaf and its path. Out: the root. It must never be given an empty list.

import type { Bytes, Sha256 } from '../shared/bytes.ts';

const LEAF = '\x00';
const NODE = '\x01';

/** The largest power of two below `count`. */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

export function treeRoot(leaves: readonly Bytes[], sha256: Sha256): Bytes {
  const [only] = leaves;
  if (only === undefined) throw new Error('expected one leaf or more, got none');
  if (leaves.length === 1) return sha256(LEAF + only);
  const split = splitOf(leaves.length);
  return sha256(NODE + treeRoot(leaves.slice(0, split), sha256) + treeRoot(leaves.slice(split), sha256));
}

/** The hashes beside the way from a leaf to the root, the lowest first. */
export function treePath(leaves: readonly Bytes[], index: number, sha256: Sha256): Bytes[] {
  if (leaves.length <= 1) return [];
  const split = splitOf(leaves.length);
  const left = leaves.slice(0, split);
  const right = leaves.slice(split);
  return index < split
    ? [...treePath(left, index, sha256), treeRoot(right, sha256)]
    : [...treePath(right, index - split, sha256), treeRoot(left, sha256)];
}

/** The root that a leaf and its path lead to; `undefined` when the path has another length than that place in the tree. */
export function rootOver(leaf: Bytes, index: number, count: number, path: readonly Bytes[], sha256: Sha256): Bytes | undefined {
  if (count === 1) return path.length === 0 ? sha256(LEAF + leaf) : undefined;
  const beside = path.at(-1);
  if (beside === undefined) return undefined;
  const split = splitOf(count);
  const rest = path.slice(0, -1);
  const isLeft = index < split;
  const below = isLeft ? rootOver(leaf, index, split, rest, sha256) : rootOver(leaf, index - split, count - split, rest, sha256);
  if (below === undefined) return undefined;
  return sha256(NODE + (isLeft ? below + beside : beside + below));
}
