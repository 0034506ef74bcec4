// Vectors of hash chains and of the distance check. Links are computed by the second writer of parties.ts, from node:crypto.

import type { Case, VectorFile } from './cases.ts';
import { base64urlOf, chainOf, device, exampleChain, exampleChannel, hexOf, lastLink } from './parties.ts';

function chainCase(name: string, channel: number, chainUnits: number, indexes: readonly number[]): Case {
  const links = chainOf(channel, chainUnits);
  const input = { device, channel, chainUnits, last: hexOf(lastLink), indexes };
  const output = { links: [...indexes].reverse().map((index) => hexOf(links[index] ?? '')) };
  return { name, rule: 'W-14', operation: 'chain', input, output };
}

function walk(name: string, changed: Case['input'], reaches: boolean): Case {
  const base = {
    device,
    channel: exampleChannel,
    link: hexOf(exampleChain[5] ?? ''),
    units: 5,
    known: hexOf(exampleChain[0] ?? ''),
    knownUnits: 0,
  };
  return { name, rule: 'W-16', operation: 'reaches', input: { ...base, ...changed }, output: { reaches } };
}

const otherDevice = base64urlOf('\x02'.repeat(8));

export const paywordChain: VectorFile = {
  about: 'Hash chains [W-14] [W-15] (links from the last index down to the first) and the distance check [W-16]',
  cases: [
    chainCase('the worked example', exampleChannel, 100, [0, 1, 2, 3, 99, 100]),
    chainCase('a chain of one', 1, 1, [0, 1]),
    chainCase('channel and index need all four bytes', 4294967295, 300, [0, 255, 256, 300]),
    chainCase('the longest gap', 258, 1024, [0, 1, 1023, 1024]),
    walk('five links to the anchor', {}, true),
    walk('one link to its neighbour', { known: hexOf(exampleChain[4] ?? ''), knownUnits: 4 }, true),
    walk('no link to itself', { known: hexOf(exampleChain[5] ?? ''), knownUnits: 5 }, true),
    walk('another link at the same units', { known: hexOf(exampleChain[4] ?? ''), knownUnits: 5 }, false),
    walk('one unit too many claimed', { units: 6 }, false),
    walk('one unit too few claimed', { units: 4 }, false),
    walk('another channel', { channel: exampleChannel + 1 }, false),
    walk('another device', { device: otherDevice }, false),
    walk('a flipped bit', { link: hexOf(exampleChain[5] ?? '').replace(/.$/, (digit) => (digit === '0' ? '1' : '0')) }, false),
    walk('another anchor', { known: '00'.repeat(16) }, false),
  ],
};
