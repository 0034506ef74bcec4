// The way from a line to its batch's root (RFC 9162, section 2.1.3.2), for the lines of a file one after the other. Lines of one account often stand side by side, and their ways are one from where they meet: of a line
// that follows another, a file has only the hashes below. In: a leaf, its place, and the hashes beside its way as hex. Out: the root that they lead to. Of each batch only the last way is held.

import type { Bytes } from '../../shared/bytes.ts';
import { LEAF, NODE, placeBeside } from '../tree.ts';
import type { Judge } from './judge.ts';

interface Way {
  readonly index: number;
  /** The node on each level, from the leaf to the root. */
  readonly nodes: readonly Bytes[];
}

export type Reached =
  | { readonly kind: 'root'; readonly root: Bytes }
  /** The path has more or fewer hashes than lie beside the way at that place. */
  | { readonly kind: 'miscounted' }
  /** It does not lead to where it should meet the way of the line before. */
  | { readonly kind: 'apart' };

export interface Ways {
  rootOver(batch: string, leaf: Bytes, index: number, count: number, path: readonly string[]): Reached;
}

export function waysUnder(judge: Judge): Ways {
  const ways = new Map<string, Way>();
  return {
    rootOver(batch, leaf, index, count, path) {
      const way = wayFrom(judge.sha256(LEAF + leaf), { index, count, path, before: ways.get(batch) }, judge);
      if (typeof way === 'string') return { kind: way };
      ways.set(batch, way);
      return { kind: 'root', root: way.nodes.at(-1) as Bytes };
    },
  };
}

interface Route {
  readonly index: number;
  readonly count: number;
  readonly path: readonly string[];
  readonly before: Way | undefined;
}

function wayFrom(leaf: Bytes, { index, count, path, before }: Route, { sha256, bytesIn }: Judge): Way | 'miscounted' | 'apart' {
  const nodes = [leaf];
  let node = leaf;
  let taken = 0;
  for (let level = 0, last = count - 1; last > 0; level++, last >>>= 1) {
    const place = index >>> level;
    const beside = placeBeside(place, last);
    if (beside !== undefined) {
      const met = before !== undefined && before.index >>> level === beside ? before.nodes[level] : undefined;
      const hex = path[taken];
      if (met === undefined && hex === undefined) return 'miscounted';
      const other = met ?? bytesIn(hex ?? '');
      node = sha256(beside < place ? NODE + other + node : NODE + node + other);
      if (met !== undefined) return joined({ index, nodes }, before as Way, node, path.length - taken);
      taken++;
    }
    nodes.push(node);
  }
  return taken === path.length ? { index, nodes } : 'miscounted';
}

/** From there on it is the way of the line before, which was seen to lead to the root. */
function joined({ index, nodes }: Way, { nodes: known }: Way, node: Bytes, left: number): Way | 'miscounted' | 'apart' {
  if (left > 0) return 'miscounted';
  return known[nodes.length] === node ? { index, nodes: nodes.concat(known.slice(nodes.length)) } : 'apart';
}
