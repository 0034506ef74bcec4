// The hash tree of a settlement batch, line by line: what makes its id, and what a single line is proven with later. In: lines in their order, however many, and the hub's
// salts. Out: id, root and the chunks' roots; and for one line of a batch its salt and its path. It holds a chunk of lines at a time.

import type { Bytes } from '../shared/bytes.ts';
import type { HubId } from '../shared/identity.ts';
import type { BatchLine } from './batch.ts';
import { batchIdUnder, LINE_BYTES } from './batch.ts';
import { bytesOf } from './blob.ts';
import { sha256 } from './proofs.ts';
import type { Salts } from './salts.ts';
import { SALT_BYTES, writeBlock } from './salts.ts';
import type { Tree } from './tree-builder.ts';
import { CHUNK_LEAVES, leafHashes, openTree } from './tree-builder.ts';
import { pathsIn } from './tree-paths.ts';

/** The tree's first byte, the salt, the line. */
const LEAF_BYTES = 1 + SALT_BYTES + LINE_BYTES;

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
  add(line: BatchLine): void;
  finish(): BatchTree;
}

export function openBatchTree(hub: HubId, salts: Salts): BatchTreeBuilder {
  const tree = openTree();
  const chunk = openChunk(salts);
  const flush = (): void => {
    tree.add(chunk.salted(), LEAF_BYTES, chunk.count());
    chunk.clear();
  };
  return {
    add(line) {
      chunk.add(line);
      if (chunk.count() === CHUNK_LEAVES) flush();
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
  const chunk = openChunk(salts);
  for (const line of around) chunk.add(line);
  const leaves = Buffer.from(chunk.salted());
  const pathOf = pathsIn(tree, first, leafHashes(leaves, LEAF_BYTES));
  return {
    saltOf(index) {
      const at = (index - first) * LEAF_BYTES + 1;
      return bytesOf(leaves.subarray(at, at + SALT_BYTES));
    },
    pathOf: (index) => pathOf(index).map(bytesOf),
  };
}

interface Chunk {
  add(line: BatchLine): void;
  count(): number;
  /** The leaves, each behind a byte of 0, good until the next addition. */
  salted(): Buffer;
  clear(): void;
}

/** Leaves as `leafOf` makes them, side by side in one buffer. */
function openChunk(salts: Salts): Chunk {
  const blocks = Buffer.alloc(CHUNK_LEAVES * SALT_BYTES);
  const leaves = Buffer.alloc(CHUNK_LEAVES * LEAF_BYTES);
  let count = 0;
  return {
    add(line) {
      writeBlock(blocks, count, line.device, line.number, line.fromUnits);
      writeLine(leaves, count * LEAF_BYTES + 1 + SALT_BYTES, line);
      count++;
    },
    count: () => count,
    salted() {
      const salt = salts.saltsFor(blocks.subarray(0, count * SALT_BYTES));
      for (let i = 0; i < count; i++) salt.copy(leaves, i * LEAF_BYTES + 1, i * SALT_BYTES, (i + 1) * SALT_BYTES);
      return leaves.subarray(0, count * LEAF_BYTES);
    },
    clear: () => void (count = 0),
  };
}

function writeLine(leaves: Buffer, at: number, line: BatchLine): void {
  leaves.write(line.device, at, 'base64url');
  leaves.writeUInt32BE(line.number, at + 8);
  leaves.writeUInt32BE(line.fromUnits, at + 12);
  leaves.writeUInt32BE(line.toUnits, at + 16);
  writeUint64(leaves, at + 20, line.fromMicros);
  writeUint64(leaves, at + 28, line.toMicros);
  leaves.write(line.payer, at + 36, 'latin1');
  leaves.write(line.payee, at + 44, 'latin1');
  leaves.write(line.currency, at + 52, 'latin1');
}

function writeUint64(buffer: Buffer, at: number, n: number): void {
  buffer.writeUInt32BE(Math.floor(n / 4294967296), at);
  buffer.writeUInt32BE(n % 4294967296, at + 4);
}
