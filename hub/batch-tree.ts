// The hash tree of a settlement batch, line by line: what makes its id, and what a single line is proven with later. In: lines in their order, however many, and the hub's
// salts. Out: id, root and the chunks' roots; and for one line of a batch its salt and its path. It holds a chunk of lines at a time.

import type { Bytes } from '../shared/bytes.ts';
import type { HubId } from '../shared/identity.ts';
import type { BatchLine } from './batch.ts';
import { batchIdUnder } from './batch.ts';
import { bytesOf } from './blob.ts';
import { openLeafChunk, saltIn } from './leaf-chunk.ts';
import { sha256 } from './proofs.ts';
import type { Salts } from './salts.ts';
import type { Tree } from './tree-builder.ts';
import { CHUNK_LEAVES, leafHashes, openTree } from './tree-builder.ts';
import { pathsIn } from './tree-paths.ts';

export interface BatchTree {
  /** 32 hex digits. */
  readonly id: string;
  readonly count: number;
  /** 32 bytes. */
  readonly root: Bytes;
  /** The roots of every 1024 lines: kept with the batch, so that proving a line needs no more than 1024 lines. */
  readonly chunks: Buffer;
}

export interface BatchTreeBuilder {
  /** Answers the line's place: 0 for the first. */
  add(line: BatchLine): number;
  finish(): BatchTree;
}

export function openBatchTree(hub: HubId, salts: Salts): BatchTreeBuilder {
  const tree = openTree();
  const chunk = openLeafChunk(salts);
  let added = 0;
  const flush = (): void => {
    tree.add(chunk.salted());
    chunk.clear();
  };
  return {
    add(line) {
      chunk.add(line);
      if (chunk.count() === CHUNK_LEAVES) flush();
      return added++;
    },
    finish() {
      if (chunk.count() > 0) flush();
      const { root, count, chunks } = tree.finish();
      return { id: batchIdUnder(hub, count, bytesOf(root), sha256), count, root: bytesOf(root), chunks };
    },
  };
}

export function batchTreeOf(hub: HubId, lines: Iterable<BatchLine>, salts: Salts): BatchTree {
  const builder = openBatchTree(hub, salts);
  for (const line of lines) builder.add(line);
  return builder.finish();
}

/** The lines whose chunk a line is in: from the first to before the second. */
export function chunkAround(index: number, count: number): readonly [number, number] {
  const first = index - (index % CHUNK_LEAVES);
  return [first, Math.min(first + CHUNK_LEAVES, count)];
}

/** Proves lines of one chunk: hashed once for all of them. */
export interface ChunkProofs {
  /** Hashed with the line. */
  saltOf(index: number): Bytes;
  /** The hashes beside the way to the root, the lowest first. */
  pathOf(index: number): Bytes[];
}

/** `around` are all the lines of the chunk that `index` is in. */
export function chunkProofs(
  tree: Pick<Tree, 'count' | 'chunks'>,
  index: number,
  around: readonly BatchLine[],
  salts: Salts,
): ChunkProofs {
  const [first, end] = chunkAround(index, tree.count);
  if (around.length !== end - first) throw new Error(`expected lines ${first} to ${end}, got ${around.length}`);
  const chunk = openLeafChunk(salts);
  for (const line of around) chunk.add(line);
  const leaves = chunk.salted();
  const pathOf = pathsIn(tree, first, leafHashes(leaves));
  return {
    saltOf(index) {
      const leaf = leaves[index - first];
      if (leaf === undefined) throw new Error(`expected a line from ${first} to before ${end}, got ${index}`);
      return bytesOf(saltIn(leaf));
    },
    pathOf: (index) => pathOf(index).map(bytesOf),
  };
}
