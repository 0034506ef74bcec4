// The hash tree: built in chunks, it is RFC 9162's tree; every leaf's path leads to its root, and nothing else does. The second opinion is the RFC's own recursion, written out.

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blobOf, bytesOf } from '../../hub/blob.ts';
import { NODE_JUDGE } from '../../hub/proof/node-judge.ts';
import { waysUnder } from '../../hub/proof/verify-path.ts';
import { sha256 } from '../../hub/proofs.ts';
import { hashesBelowMeeting, rootOver } from '../../hub/tree.ts';
import type { Tree } from '../../hub/tree-builder.ts';
import { CHUNK_LEAVES, leafHashes, openTree } from '../../hub/tree-builder.ts';
import { pathsIn } from '../../hub/tree-paths.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { repeatByte, toHex, uint32Bytes } from '../../shared/bytes.ts';

const plain = (data: Buffer): Buffer => createHash('sha256').update(data).digest();

/** RFC 9162, section 2.1.1. */
function rootByTheBook(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return plain(Buffer.concat([Buffer.from([0]), only]));
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return plain(Buffer.concat([Buffer.from([1]), rootByTheBook(leaves.slice(0, split)), rootByTheBook(leaves.slice(split))]));
}

const leafAt = (i: number): Bytes => uint32Bytes(i * 2654435761);

/** As the builder takes them: each behind a byte of 0. */
function leavesOf(from: number, to: number): Buffer[] {
  return Array.from({ length: to - from }, (_, i) => blobOf('\x00' + leafAt(from + i)));
}

function treeOf(count: number): Tree {
  const tree = openTree();
  for (let at = 0; at < count; at += CHUNK_LEAVES) tree.add(leavesOf(at, Math.min(at + CHUNK_LEAVES, count)));
  return tree.finish();
}

function pathOf(tree: Tree, index: number): Bytes[] {
  const first = index - (index % CHUNK_LEAVES);
  const leaves = leavesOf(first, Math.min(first + CHUNK_LEAVES, tree.count));
  return pathsIn(tree, first, leafHashes(leaves))(index).map(bytesOf);
}

describe('vectors that logs of RFC 6962 and RFC 9162 share: the roots over the first n of eight known leaves', () => {
  const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  test.each([
    [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
    [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
    [4, 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
    [5, '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
    [6, '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
    [7, 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
    [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
  ])('%i', (count, root) => {
    const leaves = LEAVES.slice(0, count).map((hex) => Buffer.from(hex, 'hex'));
    expect(rootByTheBook(leaves).toString('hex')).toBe(root);
    // The builder's leaves are of one length: these are not, so paths are what it is asked for, hash by hash.
    const [first = Buffer.alloc(0)] = leaves;
    const beside: Bytes[] = [];
    for (let size = 1; size < count; size *= 2)
      beside.push(bytesOf(rootByTheBook(leaves.slice(size, Math.min(2 * size, count)))));
    expect(toHex(rootOver(bytesOf(first), 0, count, beside, sha256) ?? '')).toBe(root);
  });
});

describe('the builder', () => {
  const sizes = [1, 2, 3, 5, 8, 1023, 1024, 1025, 2047, 2049, 3000];

  test.each(sizes)('gives the root by the book over %i leaves', (count) => {
    const leaves = Array.from({ length: count }, (_, i) => blobOf(leafAt(i)));
    expect(treeOf(count).root.equals(rootByTheBook(leaves))).toBe(true);
  });

  test.each(sizes)('gives each of %i leaves a path to the root', (count) => {
    const tree = treeOf(count);
    for (const index of new Set([0, 1, 2, 1022, 1023, 1024, 1025, 2047, 2048, count - 2, count - 1])) {
      if (index < 0 || index >= count) continue;
      expect(rootOver(leafAt(index), index, count, pathOf(tree, index), sha256)).toBe(bytesOf(tree.root));
    }
  });

  test('refuses no leaves, and leaves behind a chunk that was not full', () => {
    expect(() => openTree().finish()).toThrow('expected one leaf or more');
    const tree = openTree();
    tree.add(leavesOf(0, 3));
    expect(() => tree.add(leavesOf(3, 4))).toThrow('a chunk that was not full');
    expect(() => openTree().add([])).toThrow('expected 1 to 1024 leaves');
  });
});

describe('ways of lines one after the other', () => {
  const trees = [1, 2, 5, 9, 1100].map(treeOf);
  const anyLines = fc.array(fc.tuple(fc.nat(4), fc.nat()), { minLength: 1, maxLength: 30 });

  /** What a file has of the path of a line, whose reader knows the way of the line before. */
  const shown = (tree: Tree, index: number, before: number | undefined): string[] => {
    const path = pathOf(tree, index).map(toHex);
    return before === undefined ? path : path.slice(0, hashesBelowMeeting(index, before, tree.count));
  };

  test('lead to the root in any order, with no more than the hashes below where they meet', () => {
    fc.assert(
      fc.property(anyLines, (lines) => {
        const ways = waysUnder(NODE_JUDGE);
        const before = new Map<number, number>();
        for (const [of, n] of lines) {
          const tree = trees[of] as Tree;
          const index = n % tree.count;
          const path = shown(tree, index, before.get(of));
          before.set(of, index);
          expect(ways.rootOver(String(of), leafAt(index), index, tree.count, path)).toEqual({
            kind: 'root',
            root: bytesOf(tree.root),
          });
        }
      }),
      { numRuns: 30 },
    );
  });

  test('side by side need one hash each, on the whole', () => {
    let hashes = 0;
    for (let index = 1; index < 1024; index++) hashes += hashesBelowMeeting(index, index - 1, 1100);
    expect(hashes).toBe(1023 - 10);
  });

  test('with any fault in a line lead to no root', () => {
    fc.assert(
      fc.property(anyLines, fc.nat(), fc.nat(), fc.integer({ min: 0, max: 4 }), (lines, a, b, how) => {
        const ways = waysUnder(NODE_JUDGE);
        const before = new Map<number, number>();
        const faulty = a % lines.length;
        for (const [at, [of, n]] of lines.entries()) {
          const tree = trees[of] as Tree;
          const index = n % tree.count;
          const path = shown(tree, index, before.get(of));
          before.set(of, index);
          const ask = (leaf: Bytes, place: number, given: readonly string[]): unknown =>
            ways.rootOver(String(of), leaf, place, tree.count, given);
          if (at !== faulty) {
            ask(leafAt(index), index, path);
            continue;
          }
          const right = { kind: 'root', root: bytesOf(tree.root) };
          const other = toHex(repeatByte(b % 256, 32));
          const changed = path.map((hash, i) => (i === b % path.length ? other : hash));
          if (how === 0) expect(ask(leafAt(index + 1 + b), index, path)).not.toEqual(right);
          if (how === 1) expect(ask(leafAt(index), index, [...path, other])).toEqual({ kind: 'miscounted' });
          if (how === 2 && path.length > 0) expect(ask(leafAt(index), index, path.slice(1))).not.toEqual(right);
          if (how === 3 && path.length > 0) expect(ask(leafAt(index), index, changed)).not.toEqual(right);
          if (how === 4 && b % tree.count !== index) expect(ask(leafAt(index), b % tree.count, path)).not.toEqual(right);
          return;
        }
      }),
      { numRuns: 100 },
    );
  });
});

test('no other leaf, place, count or path leads to the root', () => {
  const trees = new Map<number, Tree>();
  const treeAt = (count: number): Tree => trees.get(count) ?? (trees.set(count, treeOf(count)), trees.get(count) as Tree);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1100 }), fc.nat(), fc.nat(), fc.integer({ min: 0, max: 4 }), (count, a, b, how) => {
      const tree = treeAt(count);
      const root = bytesOf(tree.root);
      const index = a % count;
      const path = pathOf(tree, index);
      expect(rootOver(leafAt(index), index, count, path, sha256)).toBe(root);
      if (how === 0) expect(rootOver(leafAt(count + b), index, count, path, sha256)).not.toBe(root);
      if (how === 1) expect(rootOver(leafAt(index), index, count, [...path, repeatByte(b % 256, 32)], sha256)).toBeUndefined();
      if (how === 2 && path.length > 0) expect(rootOver(leafAt(index), index, count, path.slice(0, -1), sha256)).not.toBe(root);
      if (how === 3 && path.length > 0) {
        const at = b % path.length;
        const other = path.map((hash, i) => (i === at ? repeatByte(b % 256, 32) : hash));
        expect(rootOver(leafAt(index), index, count, other, sha256)).not.toBe(root);
      }
      if (how === 4 && count > 1 && b % count !== index) {
        expect(rootOver(leafAt(index), b % count, count, path, sha256)).not.toBe(root);
      }
    }),
    { numRuns: 300 },
  );
});
