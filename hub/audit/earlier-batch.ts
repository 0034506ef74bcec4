// The ids of batches from before their leaves were salted: RFC 6962's tree over lines as JSON. In: lines in their order. Out: the id that they had.

import type { Bytes } from '../../shared/bytes.ts';
import type { HubId } from '../../shared/identity.ts';
import type { BatchLine } from '../batch.ts';
import { earlierBatchIdUnder, earlierLeafOf } from '../batch.ts';
import { sha256 } from '../proofs.ts';
import { LEAF, NODE } from '../tree.ts';

export function earlierIdOf(hub: HubId, lines: readonly BatchLine[]): string {
  return earlierBatchIdUnder(hub, lines.length, rootOf(lines.map((line) => sha256(LEAF + earlierLeafOf(line)))), sha256);
}

/** Level by level, the last of an odd number going up as it is: the same tree as splitting at the largest power of two. */
function rootOf(leaves: readonly Bytes[]): Bytes {
  let level = leaves;
  while (level.length > 1) {
    const above: Bytes[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i] as Bytes, level[i + 1]];
      above.push(right === undefined ? left : sha256(NODE + left + right));
    }
    level = above;
  }
  return level[0] as Bytes;
}
