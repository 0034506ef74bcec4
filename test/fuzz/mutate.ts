// Bytes made wrong, in ways that find bugs: bits, lengths, cuts, repetitions and splices of what was once right. In: good bytes, others to splice with, and a seeded stream
// of chance. Out: other bytes. The same seed gives the same bytes on every machine.

import type { Random } from '../../simulator/random.ts';

/** Values at which lengths, signs and heads change their meaning. */
const EDGES = [
  0, 1, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1f, 0x20, 0x3b, 0x40, 0x58, 0x5b, 0x5f, 0x7f, 0x80, 0x83, 0x87, 0x9b, 0x9f, 0xd2, 0xf7,
  0xff,
];
const MOST_BYTES = 2048;

type Mutation = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => withByte(bytes, random, (byte) => byte ^ (1 << random.integer(0, 7))),
  (bytes, random) => withByte(bytes, random, () => EDGES[random.integer(0, EDGES.length - 1)] as number),
  (bytes, random) => withByte(bytes, random, (byte) => byte + random.integer(-2, 2)),
  (bytes, random) => bytes.subarray(0, random.integer(0, bytes.length)),
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  (bytes, random) => {
    const at = random.integer(0, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), noise(random, random.integer(1, 9)), bytes.subarray(at)]);
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, from), noise(random, to - from), bytes.subarray(to)]);
  },
  (bytes, random, others) => {
    const other = others[random.integer(0, others.length - 1)] ?? bytes;
    return Buffer.concat([bytes.subarray(0, random.integer(0, bytes.length)), other.subarray(random.integer(0, other.length))]);
  },
  (bytes, random) => Buffer.concat([bytes, Buffer.alloc(random.integer(1, 600), EDGES[random.integer(0, EDGES.length - 1)])]),
];

export function mutated(bytes: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  let result = bytes;
  for (let i = random.integer(1, 3); i > 0; i--) {
    result = (MUTATIONS[random.integer(0, MUTATIONS.length - 1)] as Mutation)(result, random, others);
  }
  return result.subarray(0, MOST_BYTES);
}

export function noise(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.integer(0, 255)));
}

function withByte(bytes: Buffer, random: Random, change: (byte: number) => number): Buffer {
  if (bytes.length === 0) return noise(random, 1);
  const result = Buffer.from(bytes);
  const at = random.integer(0, bytes.length - 1);
  result[at] = change(result[at] as number) & 255;
  return result;
}

function range(bytes: Buffer, random: Random): readonly [number, number] {
  const from = random.integer(0, bytes.length);
  return [from, random.integer(from, Math.min(bytes.length, from + 40))];
}
