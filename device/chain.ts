// The hash chain of one channel. In: the board's seed, the channel's number and length. Out: the anchor and any link. Only about every
// sqrt(n)-th link is kept, and the stretch between two of them that is being revealed. All work is done in slices of bounded
// size, asked for again until it is done, so that the board never stops listening. It must never keep or log the whole chain.

import type { Bytes, Sha256 } from '../shared/bytes.ts';
import { uint32Bytes } from '../shared/bytes.ts';
import type { DeviceId } from '../shared/identity.ts';
import type { Link } from '../shared/payword.ts';
import { chainSalt, LINK_BYTES, linkBefore } from '../shared/payword.ts';
import type { ChannelNumber } from '../shared/units.ts';

/** Hashes per slice, which is to take no longer than one of a signature. */
export const SLICE_HASHES = 6;

const TOP_TAG = 'tallystick chain';

export interface Chain {
  readonly channel: ChannelNumber;
  readonly units: number;
  readonly salt: Bytes;
  /** Distance between two kept links. */
  readonly stride: number;
  readonly sha256: Sha256;
  /** Kept links, from the top down: link `units`, then every link whose index is a multiple of the stride. */
  marks: Bytes;
  /** Where the first walk down stands; 0 when the anchor is known. */
  builtUnits: number;
  builtLink: Link;
  /** The stretch that is being revealed: links from `stretchTop` down to `stretchAt`, in this order. */
  stretch: Bytes;
  stretchTop: number;
  stretchAt: number;
}

/** The top of a chain comes from the seed and the channel alone, so that a board without memory makes the same one again. */
export function createChain(device: DeviceId, seed: Bytes, channel: ChannelNumber, units: number, sha256: Sha256): Chain {
  const top = sha256(TOP_TAG + seed + uint32Bytes(channel)).substring(0, LINK_BYTES) as Link;
  return {
    channel: channel,
    units: units,
    salt: chainSalt(device, channel),
    stride: Math.ceil(Math.sqrt(units)),
    sha256: sha256,
    marks: top,
    builtUnits: units,
    builtLink: top,
    stretch: '',
    stretchTop: 0,
    stretchAt: 0,
  };
}

/** One slice of the first walk; true when the anchor and all marks are known. */
export function buildChain(chain: Chain): boolean {
  let index = chain.builtUnits;
  let link = chain.builtLink;
  const stop = index > SLICE_HASHES ? index - SLICE_HASHES : 0;
  while (index > stop) {
    index--;
    link = linkBefore(chain.salt, index, link, chain.sha256);
    if (index % chain.stride === 0) chain.marks += link;
  }
  chain.builtUnits = index;
  chain.builtLink = link;
  return index === 0;
}

/** Link 0, which the commitment promises; only after `buildChain` said true. */
export function anchorOf(chain: Chain): Link {
  if (chain.builtUnits !== 0) throw new Error('the chain of channel ' + chain.channel + ' is not built yet');
  return chain.builtLink;
}

function markAt(chain: Chain, index: number): Link {
  const place = index === chain.units ? 0 : Math.ceil(chain.units / chain.stride) - index / chain.stride;
  return chain.marks.substring(place * LINK_BYTES, (place + 1) * LINK_BYTES) as Link;
}

/** The index at which the stretch that holds `index` ends. */
function topOf(chain: Chain, index: number): number {
  const end = Math.ceil(index / chain.stride) * chain.stride;
  return end < chain.units ? end : chain.units;
}

/** Turns to the stretch that holds `index`; nothing happens while it is the one at hand. */
function enterStretch(chain: Chain, index: number): void {
  const top = topOf(chain, index);
  if (chain.stretchTop === top) return;
  chain.stretchTop = top;
  chain.stretchAt = top;
  chain.stretch = markAt(chain, top);
}

/** The link, if it is at hand; else ''. */
export function linkAtHand(chain: Chain, index: number): Link | '' {
  const place = (chain.stretchTop - index) * LINK_BYTES;
  return place < 0 ? '' : (chain.stretch.substring(place, place + LINK_BYTES) as Link | '');
}

/** Link `index` (1..units), or '' after one slice of work when it is not at hand yet: ask again. */
export function linkAt(chain: Chain, index: number): Link | '' {
  const atHand = linkAtHand(chain, index);
  if (atHand !== '') return atHand;
  if (index < 1 || index > chain.units) throw new Error('expected a link in 1..' + chain.units + ', got ' + index);
  if (chain.builtUnits > 0) {
    buildChain(chain);
    return '';
  }
  enterStretch(chain, index);
  let left = SLICE_HASHES;
  let link = linkAtHand(chain, chain.stretchAt) as Link;
  while (chain.stretchAt > index && left > 0) {
    chain.stretchAt--;
    left--;
    link = linkBefore(chain.salt, chain.stretchAt, link, chain.sha256);
    chain.stretch += link;
  }
  return linkAtHand(chain, index);
}
