// One leaf's place in a batch's hash tree (RFC 9162, section 2.1): leaves and nodes are hashed under different first bytes, so that none can pass for the
// other. In: a leaf and the hashes beside its way up. Out: the root that they lead to. It is what outsiders run, so it leans on nothing but the hash
// that it is given; trees are built in tree-builder.ts.

import type { Bytes, Sha256 } from '../shared/bytes.ts';

export const LEAF = '\x00';
export const NODE = '\x01';

/** The root that a leaf and its path lead to; `undefined` when the path has another length than that place in the tree. RFC 9162, section 2.1.3.2. */
export function rootOver(leaf: Bytes, index: number, count: number, path: readonly Bytes[], sha256: Sha256): Bytes | undefined {
  let place = index;
  let last = count - 1;
  let hash = sha256(LEAF + leaf);
  for (const beside of path) {
    if (last === 0) return undefined;
    const isRight = (place & 1) === 1;
    hash = sha256(isRight || place === last ? NODE + beside + hash : NODE + hash + beside);
    if (!isRight && place === last) [place, last] = pastLone(place, last);
    place >>>= 1;
    last >>>= 1;
  }
  return last === 0 ? hash : undefined;
}

/** The last node of a level of odd length has none beside it, and goes up as it is until it is a right one. */
function pastLone(place: number, last: number): [number, number] {
  while (place !== 0 && (place & 1) === 0) {
    place >>>= 1;
    last >>>= 1;
  }
  return [place, last];
}

/** The node with which the one at `place` has a parent, on a level that ends at `last`; `undefined` where it has none beside it, and is its own parent. */
export function placeBeside(place: number, last: number): number | undefined {
  const beside = (place & 1) === 1 ? place - 1 : place + 1;
  return beside > last ? undefined : beside;
}

/** How many hashes of its path a line needs whose reader knows the way of another line of its batch: those below where the two meet. */
export function hashesBelowMeeting(index: number, known: number, count: number): number {
  let needed = 0;
  for (let level = 0, last = count - 1; last > 0; level++, last >>>= 1) {
    const beside = placeBeside(index >>> level, last);
    if (beside === known >>> level) return needed;
    if (beside !== undefined) needed++;
  }
  return needed;
}
