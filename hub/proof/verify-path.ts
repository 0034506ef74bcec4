// The way from a line to its batch's root (RFC 9162, section 2.1.3.2), for many lines one after the other. Lines of one account often stand side by side, and neighbours share all but the lowest part of their
// ways: what was computed for the line before is not computed again, only compared. In: a leaf, its place, and the hashes beside its way as hex. Out: the root that they lead to. Only the last way is held.

import type { Bytes } from '../../shared/bytes.ts';
import { LEAF, NODE, pastLone } from '../tree.ts';
import type { Judge } from './judge.ts';

/** One step: the node that the way has reached, its place on its level, and the last place there. */
interface Step {
  readonly place: number;
  readonly last: number;
  readonly hash: Bytes;
}

interface Way {
  readonly count: number;
  readonly path: readonly string[];
  readonly steps: readonly Step[];
  readonly root: Bytes;
}

export interface Ways {
  /** `undefined` when the path has another length than that place in the tree. */
  rootOver(batch: string, leaf: Bytes, index: number, count: number, path: readonly string[]): Bytes | undefined;
}

export function waysUnder({ sha256, bytesIn }: Judge): Ways {
  const before = new Map<string, Way>();
  return {
    rootOver(batch, leaf, index, count, path) {
      const known = before.get(batch);
      const steps: Step[] = [];
      let at: Step = { place: index, last: count - 1, hash: sha256(LEAF + leaf) };
      for (const [i, hex] of path.entries()) {
        if (at.last === 0) return undefined;
        steps.push(at);
        if (known?.count === count && isJoined(known, at, i, path)) {
          before.set(batch, { count, path, steps: [...steps, ...known.steps.slice(i + 1)], root: known.root });
          return known.root;
        }
        at = stepUp(at, bytesIn(hex), sha256);
      }
      if (at.last !== 0) return undefined;
      before.set(batch, { count, path, steps, root: at.hash });
      return at.hash;
    },
  };
}

function stepUp({ place, last, hash }: Step, beside: Bytes, sha256: Judge['sha256']): Step {
  const isRight = (place & 1) === 1;
  const above = sha256(isRight || place === last ? NODE + beside + hash : NODE + hash + beside);
  const [from, end] = !isRight && place === last ? pastLone(place, last) : [place, last];
  return { place: from >>> 1, last: end >>> 1, hash: above };
}

/** The same node as the known way had here, with the same hashes beside all that is above it. */
function isJoined({ steps, path: beside }: Way, { place, last, hash }: Step, from: number, path: readonly string[]): boolean {
  const step = steps[from];
  if (step?.place !== place || step.last !== last || step.hash !== hash || path.length !== beside.length) return false;
  for (let i = from; i < path.length; i++) if (path[i] !== beside[i]) return false;
  return true;
}
