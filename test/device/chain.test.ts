// The hash chain: the same links as a plain walk, whatever order they are asked for, in slices of bounded work.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Chain } from '../../device/chain.ts';
import { anchorOf, buildChain, createChain, linkAtHand, linkAt, SLICE_HASHES } from '../../device/chain.ts';
import type { DeviceId } from '../../shared/identity.ts';
import type { Link } from '../../shared/payword.ts';
import { chainSalt, linkBefore, linkReaches } from '../../shared/payword.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import { sha256 } from './node-board.ts';

const DEVICE = 'AAAAAAAAAAA' as DeviceId;
const SEED = 'seed'.repeat(8);

interface Counted {
  hashes: number;
}

function chainOf(units: number, counted: Counted = { hashes: 0 }, channel = 7): Chain {
  const hash = (data: string): string => {
    counted.hashes++;
    return sha256(data);
  };
  return createChain(DEVICE, SEED, channel as ChannelNumber, units, hash);
}

function build(chain: Chain): Chain {
  while (!buildChain(chain)) expect(chain.builtUnits).toBeGreaterThan(0);
  return chain;
}

/** The number of slices is bounded by the stretch; more means that no progress is made. */
function ask(chain: Chain, index: number): Link {
  for (let slice = 0; slice <= chain.stride / SLICE_HASHES + 1; slice++) {
    const link = linkAt(chain, index);
    if (link !== '') return link;
  }
  throw new Error('no progress');
}

function plainLinks(units: number): Link[] {
  const salt = chainSalt(DEVICE, 7 as ChannelNumber);
  const links: Link[] = [];
  links[units] = sha256('tallystick chain' + SEED + '\0\0\0\x07').substring(0, 16) as Link;
  for (let at = units - 1; at >= 0; at--) links[at] = linkBefore(salt, at, links[at + 1] as Link, sha256);
  return links;
}

describe('links', () => {
  test('are those of a plain walk, in any order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.array(fc.nat(), { maxLength: 20 }), (units, picks) => {
        const links = plainLinks(units);
        const chain = build(chainOf(units));
        expect(anchorOf(chain)).toBe(links[0]);
        for (const pick of picks) expect(ask(chain, (pick % units) + 1)).toBe(links[(pick % units) + 1]);
      }),
      { numRuns: 60 },
    );
  });

  test('one by one they cost about one hash each, and about two square roots of memory', () => {
    const units = 2500;
    const counted = { hashes: 0 };
    const chain = build(chainOf(units, counted));
    const built = counted.hashes;
    let longest = 0;
    for (let index = 1; index <= units; index++) {
      ask(chain, index);
      longest = Math.max(longest, chain.stretch.length + chain.marks.length);
    }
    expect(built).toBe(units + 1);
    expect(counted.hashes - built).toBeLessThanOrEqual(units);
    expect(longest).toBeLessThanOrEqual(16 * (2 * Math.ceil(Math.sqrt(units)) + 1));
  });

  test('reach the anchor as the hub checks it', () => {
    const chain = build(chainOf(65535));
    const link = ask(chain, 1000);
    expect(linkReaches(chain.salt, link, 1000, anchorOf(chain), 0, sha256)).toBe(true);
    expect(linkReaches(chain.salt, ask(chain, 65535), 65535, ask(chain, 65000), 65000, sha256)).toBe(true);
  });

  test('of another channel are others', () => {
    expect(anchorOf(build(chainOf(10, undefined, 7)))).not.toBe(anchorOf(build(chainOf(10, undefined, 8))));
  });
});

describe('work', () => {
  test('no call does more than a slice', () => {
    const counted = { hashes: 0 };
    const chain = chainOf(65535, counted);
    const within = (run: () => unknown): void => {
      const before = counted.hashes;
      run();
      expect(counted.hashes - before).toBeLessThanOrEqual(SLICE_HASHES);
    };
    within(() => linkAt(chain, 5)); // asked too early it builds
    while (chain.builtUnits > 0) within(() => buildChain(chain));
    while (linkAtHand(chain, 300) === '') within(() => linkAt(chain, 300));
    const before = counted.hashes;
    expect(linkAt(chain, 300)).not.toBe('');
    expect(counted.hashes).toBe(before);
  });

  test('what does not exist is asked for in vain', () => {
    const chain = chainOf(10);
    expect(() => anchorOf(chain)).toThrow('not built');
    expect(() => linkAt(build(chain), 0)).toThrow('expected a link in 1..10, got 0');
    expect(() => linkAt(chain, 11)).toThrow('got 11');
  });
});
