// How fast one device may ask: the allowance by itself, over any sequence of messages and ticks; and a device that is too fast at a real hub, where it must lose nothing and take
// nothing from others.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { billWalk, fullPace, mayGoOn, TICK_MS } from '../../hub/pace.ts';
import { payAt, startHub } from './fixture.ts';

const RATE = 40;
const PER_TICK = (RATE * TICK_MS) / 1000;

describe('the allowance', () => {
  test('over any time, is what has grown in it and two bursts at most', () => {
    const steps = fc.array(fc.record({ ticks: fc.nat({ max: 20 }), messages: fc.nat({ max: 300 }) }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (steps) => {
        const pace = fullPace();
        let tick = 0;
        let taken = 0;
        for (const { ticks, messages } of steps) {
          tick += ticks;
          for (let sent = 0; sent < messages && mayGoOn(pace, tick, RATE); sent++) {
            pace.left--;
            taken++;
          }
        }
        expect(taken).toBeLessThanOrEqual(4 * RATE + tick * PER_TICK + 2);
      }),
    );
  });

  test('comes back: whoever waits may go on', () => {
    const pace = fullPace();
    pace.left = -1;
    expect(mayGoOn(pace, 0, RATE)).toBe(true); // the first asking gives a whole burst
    pace.left = -3 * PER_TICK;
    expect([1, 2, 3, 4].map((tick) => mayGoOn(pace, tick, RATE))).toEqual([false, false, true, true]);
  });

  test.each([
    [1, 0],
    [7, 0],
    [8, 1],
    [1000, 125],
  ])('a walk of %i hashes costs %i messages more', (walk, cost) => {
    const pace = fullPace();
    billWalk(pace, walk);
    expect(0 - pace.left).toBe(cost);
  });
});

test('a device that asks too fast waits, is answered in full, and holds up nobody', async () => {
  const hub = await startHub({ limits: { messagesPerSecond: 10 } });
  const hasty = await payAt(hub);
  const calm = await payAt(hub, { payer: 'carol' });
  await hasty.send(hasty.commitment(1));
  let answered = 0;
  const flood = (async () => {
    for (; answered < 40; answered++) await hasty.send(hasty.payword(1, answered + 1)); // each in a chunk of its own
  })();
  while (answered < 15) await new Promise((resolve) => setTimeout(resolve, 1));
  await calm.send(calm.commitment(1));
  await calm.send(calm.payword(1, 5));
  expect(answered).toBeLessThan(40);
  await flood;
  expect(hub.status().units.accepted).toBe(45);
});
