// The hash tree over the lines of a batch (RFC 9162, section 2.1), built as the leaves come and never held whole: a chunk of 1024 leaves is reduced level by level
// in one buffer, and only its root is kept. In: leaves in their order. Out: the root, and the chunks' roots, which are all that a path needs
// beside the leaves of one chunk: 32 KB for a million lines. It hashes with node:crypto's one-shot hash, the fastest that Node has for short inputs.

import { hash } from 'node:crypto';

/** A power of two: so a chunk is a whole subtree, and the tree over the chunks' roots is the tree over the leaves. */
export const CHUNK_LEAVES = 1024;

export const HASH_BYTES = 32;
const NODE_BYTES = 1 + 2 * HASH_BYTES;

export interface Tree {
  /** 32 bytes. */
  readonly root: Buffer;
  readonly count: number;
  /** The roots of all chunks, one after the other. */
  readonly chunks: Buffer;
}

export interface TreeBuilder {
  /** The next leaves: `count` of them, each of `leafBytes` bytes, the first byte of each being 0 and the leaf behind it. At most as many as fill the chunk. */
  add(leaves: Buffer, leafBytes: number, count: number): void;
  finish(): Tree;
}

/** All additions but the last must fill whole chunks. */
export function openTree(): TreeBuilder {
  const chunk = Buffer.alloc(CHUNK_LEAVES * HASH_BYTES);
  const roots: Buffer[] = [];
  let total = 0;
  return {
    add(leaves, leafBytes, count) {
      if (count < 1 || count > CHUNK_LEAVES) throw new Error(`expected 1 to ${CHUNK_LEAVES} leaves, got ${count}`);
      if (total % CHUNK_LEAVES !== 0) throw new Error('expected no leaves after a chunk that was not full');
      for (let i = 0; i < count; i++) hashInto(chunk, i, leaves.subarray(i * leafBytes, (i + 1) * leafBytes));
      roots.push(reduced(chunk, count));
      total += count;
    },
    finish() {
      if (total === 0) throw new Error('expected one leaf or more, got none');
      const chunks = Buffer.concat(roots);
      return { root: reduced(Buffer.from(chunks), roots.length), count: total, chunks };
    },
  };
}

/** The hashes of leaves as `add` takes them, one after the other. */
export function leafHashes(leaves: Buffer, leafBytes: number): Buffer {
  const count = leaves.length / leafBytes;
  const hashes = Buffer.alloc(count * HASH_BYTES);
  for (let i = 0; i < count; i++) hashInto(hashes, i, leaves.subarray(i * leafBytes, (i + 1) * leafBytes));
  return hashes;
}

/** The root over the first `count` hashes, which are overwritten. */
function reduced(hashes: Buffer, count: number): Buffer {
  for (let left = count; left > 1;) left = halved(hashes, left);
  return Buffer.from(hashes.subarray(0, HASH_BYTES));
}

const node = Buffer.alloc(NODE_BYTES, 1);

/** One level up, in place, for the first `count` hashes; how many there are then. The last of an odd number goes up as it is. */
export function halved(hashes: Buffer, count: number): number {
  const pairs = count >>> 1;
  for (let i = 0; i < pairs; i++) {
    hashes.copy(node, 1, 2 * i * HASH_BYTES, 2 * (i + 1) * HASH_BYTES);
    hashInto(hashes, i, node);
  }
  if (count % 2 === 1) hashes.copy(hashes, pairs * HASH_BYTES, (count - 1) * HASH_BYTES, count * HASH_BYTES);
  return pairs + (count % 2);
}

/** Through a string: Node makes one in half the time of a buffer. */
export function hashInto(hashes: Buffer, at: number, data: Buffer): void {
  hashes.write(hash('sha256', data, 'binary'), at * HASH_BYTES, 'latin1');
}
