// The hash chain. link(i) = first 16 bytes of SHA-256('TS1' | device | channel | i | link(i+1)); revealing link i proves that i units
// are owed, because only the payer could walk backwards from the anchor, link 0. In: links and the hash function. Out: the next
// link towards the anchor, and whether a revealed link reaches a known one. The walk must never be longer than the gap bound.

import type { Bytes, Sha256 } from './bytes.ts';
import { uint32Bytes } from './bytes.ts';
import type { DeviceId } from './identity.ts';
import { deviceBytesOf } from './identity.ts';
import type { ChannelNumber } from './units.ts';

/** 16 bytes of a hash chain. */
export type Link = Bytes & { readonly brand: 'Link' };

export const LINK_BYTES = 16;
const TAG = 'TS1';

/** What is the same for every link of one chain: tag, device, channel; 15 bytes. [W-14] */
export function chainSalt(device: DeviceId, channel: ChannelNumber): Bytes {
  return TAG + deviceBytesOf(device) + uint32Bytes(channel);
}

/** Link `index` from link `index + 1`: one SHA-256 block of 35 bytes. [W-14] */
export function linkBefore(salt: Bytes, index: number, next: Link, sha256: Sha256): Link {
  return sha256(salt + uint32Bytes(index) + next).substring(0, LINK_BYTES) as Link;
}

/** True if walking from `link` at `units` down to `knownUnits` ends in `known`. Costs `units - knownUnits` hashes. [W-16] */
export function linkReaches(salt: Bytes, link: Link, units: number, known: Link, knownUnits: number, sha256: Sha256): boolean {
  let at = link;
  for (let index = units - 1; index >= knownUnits; index--) at = linkBefore(salt, index, at, sha256);
  return at === known;
}
