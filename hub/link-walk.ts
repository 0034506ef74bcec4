// Walking down a hash chain on one buffer: shared/payword.ts's `linkReaches` from a link to its anchor, which many long walks are made of. In: what all links of the chain share, a link, its index and the anchor. Out:
// whether it leads there. It must say what shared/ says.

import { hash } from 'node:crypto';
import type { Bytes } from '../shared/bytes.ts';
import type { Link } from '../shared/payword.ts';
import { LINK_BYTES } from '../shared/payword.ts';

const SALT_BYTES = 15;
const INDEX_BYTES = 4;
const LINK_AT = SALT_BYTES + INDEX_BYTES;
const BLOCK = Buffer.alloc(LINK_AT + LINK_BYTES);

/** [W-14] [W-16] */
export function reachesAnchor(salt: Bytes, link: Link, units: number, anchor: Link): boolean {
  if (salt.length !== SALT_BYTES || link.length !== LINK_BYTES) throw new Error('expected a salt of 15 bytes and a link of 16');
  BLOCK.write(salt, 0, 'latin1');
  BLOCK.write(link, LINK_AT, 'latin1');
  for (let index = units - 1; index >= 0; index--) {
    BLOCK.writeUInt32BE(index, SALT_BYTES);
    BLOCK.write(hash('sha256', BLOCK, 'binary'), LINK_AT, LINK_BYTES, 'latin1');
  }
  return BLOCK.toString('latin1', LINK_AT) === anchor;
}
