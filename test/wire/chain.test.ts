// Hash chains [W-14] [W-16]: a link reaches every lower one of its own chain, and nothing else; the walk costs exactly the distance.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceId } from '../../shared/identity.ts';
import type { Link } from '../../shared/payword.ts';
import { chainSalt, linkReaches } from '../../shared/payword.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import { sha256 } from './node-crypto.ts';
import { base64urlOf, chainOf, device, exampleChain, exampleChannel } from './parties.ts';

const salt = chainSalt(device as DeviceId, exampleChannel as ChannelNumber);
const index = fc.integer({ min: 0, max: 100 });

function linkAt(i: number): Link {
  return exampleChain[i] as Link;
}

describe('the distance check', () => {
  it('a link reaches every link below it and itself, in as many hashes as they are apart', () => {
    fc.assert(
      fc.property(index, index, (a, b) => {
        const [known, units] = [Math.min(a, b), Math.max(a, b)];
        let hashes = 0;
        const counting = (data: string): string => {
          hashes++;
          return sha256(data);
        };
        expect(linkReaches(salt, linkAt(units), units, linkAt(known), known, counting)).toBe(true);
        expect(hashes).toBe(units - known);
      }),
    );
  });

  it('a link under any other index reaches nothing', () => {
    fc.assert(
      fc.property(index, index, index, (at, claimed, known) => {
        fc.pre(claimed !== at && claimed >= known);
        expect(linkReaches(salt, linkAt(at), claimed, linkAt(known), known, sha256)).toBe(false);
      }),
    );
  });

  it('a link with any byte changed reaches nothing', () => {
    fc.assert(
      fc.property(index, index, fc.nat(15), fc.integer({ min: 1, max: 255 }), (a, b, at, change) => {
        const [known, units] = [Math.min(a, b), Math.max(a, b)];
        const link = linkAt(units);
        const changed = String.fromCharCode(link.charCodeAt(at) ^ change);
        const forged = (link.slice(0, at) + changed + link.slice(at + 1)) as Link;
        expect(linkReaches(salt, forged, units, linkAt(known), known, sha256)).toBe(false);
      }),
    );
  });

  it('a link reaches nothing on another channel or for another device', () => {
    const otherChannel = chainSalt(device as DeviceId, (exampleChannel + 1) as ChannelNumber);
    const otherDevice = chainSalt(base64urlOf('\x02'.repeat(8)) as DeviceId, exampleChannel as ChannelNumber);
    for (const other of [otherChannel, otherDevice]) {
      expect(linkReaches(other, linkAt(5), 5, linkAt(4), 4, sha256)).toBe(false);
      expect(linkReaches(other, linkAt(5), 5, linkAt(0), 0, sha256)).toBe(false);
    }
  });

  it('the longest chain that the wire allows leads to its anchor', () => {
    const links = chainOf(exampleChannel, 65535) as readonly Link[];
    expect(linkReaches(salt, links[65535] as Link, 65535, links[0] as Link, 0, sha256)).toBe(true);
  });
});
