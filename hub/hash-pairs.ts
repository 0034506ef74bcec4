// The hashes of one level of a hash tree (RFC 9162, section 2.1), two and two as the node above is hashed over them: a byte of 1, the left one, the right one. So a level is reduced where it lies, and
// nothing is copied on the way up. In: what to hash. Out: hashes. It hashes with node:crypto's one-shot hash, the fastest that Node has for short inputs.

import { hash } from 'node:crypto';

export const HASH_BYTES = 32;
const NODE_BYTES = 1 + 2 * HASH_BYTES;

export interface HashPairs {
  /** The hash of `data`, as the `at`-th. */
  put(at: number, data: Buffer): void;
  /** Hashes, side by side, as the first ones. */
  fill(hashes: Buffer): void;
  /** The first `count`, side by side. */
  read(count: number): Buffer;
  /** One level up, in place, for the first `count`; how many there are then. The last of an odd number goes up as it is. */
  halve(count: number): number;
}

export function openHashPairs(capacity: number): HashPairs {
  const count = Math.ceil(capacity / 2);
  const bytes = Buffer.alloc(count * NODE_BYTES, 1);
  const nodes = Array.from({ length: count }, (_, i) => bytes.subarray(i * NODE_BYTES, (i + 1) * NODE_BYTES));
  const put = (at: number, data: Buffer): void => setHash(nodes[at >>> 1] as Buffer, placeOf(at), hash('sha256', data, 'binary'));
  const get = (at: number): Buffer => (nodes[at >>> 1] as Buffer).subarray(placeOf(at), placeOf(at) + HASH_BYTES);
  return {
    put,
    fill(hashes) {
      const count = hashes.length / HASH_BYTES;
      for (let at = 0; at < count; at++) get(at).set(hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
    },
    read: (count) => Buffer.concat(Array.from({ length: count }, (_, at) => get(at))),
    halve(count) {
      const pairs = count >>> 1;
      for (let at = 0; at < pairs; at++) put(at, nodes[at] as Buffer);
      if (count % 2 === 1) get(pairs).set(get(count - 1));
      return pairs + (count % 2);
    },
  };
}

function placeOf(at: number): number {
  return 1 + (at & 1) * HASH_BYTES;
}

/** Through a string, which Node makes in half the time of a buffer; and by a loop, in less time than Node writes it. */
function setHash(node: Buffer, place: number, digest: string): void {
  for (let i = 0; i < HASH_BYTES; i++) node[place + i] = digest.charCodeAt(i);
}
