// A little fuzzing as part of every test run; `npm run fuzz` does as much as you have patience for. And the fuzzer itself: it finds what is planted.

import { join } from 'node:path';
import { expect, it } from 'vitest';
import { seededRandom } from '../../simulator/random.ts';
import { MAIN } from '../cli/run.ts';
import { corpus } from './corpus.ts';
import { announced, endsWhole } from './line.ts';
import { mutated } from './mutate.ts';
import { fuzzPackets } from './packets.ts';
import { fuzzPayloads, payloadTarget } from './payloads.ts';
import { startWatched } from './watched-hub.ts';

const MONITOR = join(MAIN, '..', '..', 'test', 'fuzz', 'monitor.js');
const SLOW_MS = 180_000;
/** A busy machine decides nothing here. */
const UNTIMED = { mostStallMs: Infinity };

it('payloads: none is accepted that nobody has said, none throws, none takes long', { timeout: SLOW_MS }, async () => {
  const report = await fuzzPayloads({ ...UNTIMED, seed: 20261121, from: 0, executions: 6000, onProgress: () => {} });
  expect(report.finds).toEqual([]);
  // Wrong in every way, and right often enough to show that the target is awake.
  expect(Object.keys(report.outcomes)).toEqual(
    expect.arrayContaining(['malformed', 'bad-signature', 'bad-payword', 'accepted', 'duplicate']),
  );
});

it('payloads: a judge that believes every signature is found out, and one that throws', async () => {
  const run = { ...UNTIMED, seed: 5, from: 0, executions: 4000, onProgress: () => {} };
  const tariffOf = (): never => {
    throw new Error('planted');
  };
  for (const [planted, what] of [
    [{ verify: () => true }, 'a signed was accepted that nobody has said'],
    [{ tariffOf }, 'thrown: planted'],
  ] as const) {
    const { finds } = await fuzzPayloads(run, planted);
    expect(finds.map((find) => find.what)).toContain(what);
  }
});

it('payloads: the corpus is refused', () => {
  const target = payloadTarget(1);
  for (const { name, bytes } of corpus('payloads')) {
    expect([name, target.judge(bytes.toString('latin1'))]).toEqual([name, { outcome: 'malformed' }]);
  }
});

it.each(['fast', 'aedes'])('packets: the hub lives, answers and keeps its books: %s', { timeout: SLOW_MS }, async (front) => {
  const hub = await startWatched(MAIN, MONITOR, 8, ['--front', front]);
  const report = await fuzzPackets(hub, { ...UNTIMED, seed: 20261121, from: 0, executions: 1500, onProgress: () => {} });
  expect(await hub.stop()).toEqual([]);
  expect(report.finds).toEqual([]);
  expect(report.executions).toBe(1500);
  expect(report.outcomes['cut']).toBeGreaterThan(100);
  expect(report.outcomes['went on']).toBeGreaterThan(100);
});

it('packets: a hub that ends is a find', { timeout: SLOW_MS }, async () => {
  const hub = await startWatched(MAIN, MONITOR, 2, []);
  let isKilled = false;
  const onProgress = (): void => {
    if (!isKilled) process.kill(hub.pid, 'SIGKILL');
    isKilled = true;
  };
  const report = await fuzzPackets(hub, { ...UNTIMED, seed: 1, from: 0, executions: 1_000_000, onProgress });
  expect(report.finds.map((find) => find.what)).toEqual([expect.stringContaining('the hub ended: code SIGKILL')]);
  expect(await hub.stop()).toHaveLength(1);
});

it('the same seed gives the same bytes, another seed others', () => {
  const bytes = Buffer.from('8301055000112233445566778899aabbccddeeff', 'hex');
  const run = (seed: number): string[] =>
    Array.from({ length: 50 }, (_, i) => mutated(bytes, seededRandom(seed, `x ${i}`), [bytes]).toString('hex'));
  expect(run(3)).toEqual(run(3));
  expect(run(3)).not.toEqual(run(4));
  expect(new Set(run(3)).size).toBeGreaterThan(40);
});

it('knows how long a packet says that it is', () => {
  expect(announced(Buffer.from([0xc0, 0]))).toBe(2);
  expect(announced(Buffer.from([0x30, 0x80, 0x01, 0]))).toBe(131);
  expect(announced(Buffer.from([0x30, 0x80]))).toBeUndefined();
  expect(announced(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 1]))).toBe(Infinity);
  expect([[0xc0, 0], [0xc0, 0, 0xc0], [0xc0, 0, 0xc0, 1], [0xc0, 0, 0xc0, 1, 7], []].map((bytes) => endsWhole(Buffer.from(bytes)))).toEqual([true, false, false, true, true]); // prettier-ignore
});
