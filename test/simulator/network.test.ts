// The modelled network does what its weather says, and nothing without it.

import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../simulator/random.ts';
import { createClock } from '../../simulator/world/clock.ts';
import type { Network, ServerLine, Weather } from '../../simulator/world/network.ts';
import { createNetwork, FAIR } from '../../simulator/world/network.ts';

interface Line {
  readonly network: Network;
  readonly atHub: string[];
  readonly atBoard: string[];
  readonly send: (bytes: string) => void;
  readonly answer: (bytes: string) => void;
  readonly pass: (ms: number) => void;
  readonly isClosed: () => boolean;
}

function connected(weather: Partial<Weather> = {}): Line {
  const clock = createClock();
  const nothing = (): void => undefined;
  const network = createNetwork({
    clock,
    random: seededRandom(9, 'net'),
    onFault: nothing,
    onBoardSends: nothing,
    onHubSends: nothing,
  });
  const atHub: string[] = [];
  const atBoard: string[] = [];
  let line: ServerLine | undefined;
  let closed = false;
  network.server = {
    onOpen: (opened) => void (line = opened),
    onData: (_line, bytes) => void atHub.push(bytes),
    onClose: nothing,
  };
  const socket = network.connect(0, {
    onOpen: nothing,
    onData: (bytes) => void atBoard.push(bytes),
    onClose: () => void (closed = true),
  });
  clock.passTo(1000);
  network.weather = { ...FAIR, ...weather };
  return {
    network,
    atHub,
    atBoard,
    send: (bytes) => socket.write(bytes),
    answer: (bytes) => line?.send(bytes),
    pass: (ms) => clock.passTo(clock.nowMs + ms),
    isClosed: () => closed,
  };
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `packet ${i}`);

describe('the network', () => {
  it('in fair weather brings everything once, in order, both ways', () => {
    const line = connected();
    numbers(200).forEach(line.send);
    numbers(200).forEach(line.answer);
    line.pass(10_000);
    expect(line.atHub).toEqual(numbers(200));
    expect(line.atBoard).toEqual(numbers(200));
  });

  it('loses, doubles, reorders and damages its share', () => {
    const lossy = connected({ lossShare: 0.3 });
    numbers(1000).forEach(lossy.send);
    lossy.pass(10_000);
    expect(lossy.atHub.length).toBeGreaterThan(620);
    expect(lossy.atHub.length).toBeLessThan(780);

    const doubled = connected({ duplicateShare: 0.5 });
    numbers(1000).forEach(doubled.send);
    doubled.pass(10_000);
    expect(new Set(doubled.atHub).size).toBe(1000);
    expect(doubled.atHub.length).toBeGreaterThan(1400);

    const mixed = connected({ reorderShare: 0.2 });
    numbers(1000).forEach(mixed.send);
    mixed.pass(10_000);
    expect(mixed.atHub).not.toEqual(numbers(1000));
    expect([...mixed.atHub].sort()).toEqual([...numbers(1000)].sort());

    const flipped = connected({ flipShare: 1 });
    flipped.send('\0\0\0\0');
    flipped.pass(10_000);
    const bits = [...(flipped.atHub[0] ?? '')].map((character) => character.charCodeAt(0).toString(2).replaceAll('0', '').length);
    expect(bits.reduce((sum, n) => sum + n, 0)).toBe(1);
  });

  it('cut off by a partition says nothing to anybody, and heals', () => {
    const line = connected();
    line.network.partition(0, true);
    line.send('lost');
    line.answer('lost');
    line.pass(10_000);
    expect([line.atHub, line.atBoard, line.isClosed()]).toEqual([[], [], false]);
    line.network.partition(0, false);
    line.send('heard');
    line.pass(1000);
    expect(line.atHub).toEqual(['heard']);
  });

  it('dropped in silence leaves the board to find out; dropped aloud it is told', () => {
    const silent = connected();
    silent.network.dropAll(true);
    silent.send('nobody hears');
    silent.pass(60_000);
    expect([silent.atHub, silent.isClosed()]).toEqual([[], false]);
    const aloud = connected();
    aloud.network.dropAll(false);
    aloud.pass(1000);
    expect(aloud.isClosed()).toBe(true);
  });
});
