// How fast one device may ask: the allowance by itself, over any sequence of messages and ticks; and a device that is too fast at a real hub, where it must lose nothing and take
// nothing from others.

import { connect } from 'node:net';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Done } from '../../hub/connection.ts';
import type { Fast } from '../../hub/fast.ts';
import type { GuestRooms } from '../../hub/guest.ts';
import { guestOf } from '../../hub/guest.ts';
import { billRefused, billRepeated, billReturn, billWalk, fullPace, mayGoOn, TICK_MS } from '../../hub/pace.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { DeviceId } from '../../shared/identity.ts';
import { topicOf } from '../../shared/topics.ts';
import { connectPacket, publishPacket } from '../load/connection.ts';
import { enrolAt, payAt, startHub } from './fixture.ts';
import { payerOf } from './payer.ts';

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

  test.each([
    [100_000, 192, 96, 100],
    [1000, 192, 96, 100],
    [10, 1.92, 0.96, 1],
  ])(
    'at %i messages a second, three that are refused cost as much as %f others, three that repeat as %f, and a connection as %f',
    (rate, refused, repeated, returned) => {
      const pace = fullPace();
      expect(mayGoOn(pace, 0, rate)).toBe(true);
      const cost = (bill: () => void): number => {
        bill();
        const before = pace.left;
        mayGoOn(pace, 0, rate);
        return before - pace.left;
      };
      pace.tick = 0;
      pace.left = 2 * rate;
      expect(cost(() => billRefused(pace, 3))).toBeCloseTo(refused);
      expect(cost(() => billRepeated(pace, 3))).toBeCloseTo(repeated);
      expect(cost(() => billReturn(pace))).toBeCloseTo(returned);
    },
  );
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

test('a device that is refused over and over is heard ever more slowly, is answered in full, and holds up nobody', async () => {
  const hub = await startHub({ limits: { messagesPerSecond: 128 } });
  const broken = await payAt(hub);
  const calm = await payAt(hub, { payer: 'carol' });
  const beganMs = performance.now();
  let answered = 0;
  const flood = (async () => {
    for (; answered < 80; answered++) await broken.send('nothing that can be read'); // sixteen a second, and two seconds' worth at once
  })();
  await calm.send(calm.commitment(1));
  await calm.send(calm.payword(1, 5));
  await calm.hears(({ kind }) => kind === 'receipt');
  expect(answered).toBeLessThan(80);
  await flood;
  expect(performance.now() - beganMs).toBeGreaterThan(2000); // unhindered it takes a tenth of that
  expect(hub.counters().rejected).toBe(80);
});

test('a device that says the same over and over is heard ever more slowly, and is answered in full', async () => {
  const hub = await startHub({ limits: { messagesPerSecond: 64 } });
  const stuck = await payAt(hub);
  await stuck.send(stuck.commitment(1));
  await stuck.send(stuck.payword(1, 5));
  const beganMs = performance.now();
  for (let i = 0; i < 80; i++) await stuck.send(stuck.payword(1, 5)); // some twenty a second, and two seconds' worth at once
  expect(performance.now() - beganMs).toBeGreaterThan(1500); // unhindered it takes a tenth of that
  expect(hub.status()).toMatchObject({ balanced: true, units: { accepted: 5 } });
});

describe('what waits for the judge on one connection', () => {
  test('is bounded: the front reads on when half of it is done', () => {
    const waiting: Done[] = [];
    const fast = { laneOf: () => undefined, take: () => false, isCrowded: () => false, isBehind: () => false } as unknown as Fast;
    const rooms = { root: 't', fast, onUp: (_from: unknown, _message: Bytes, done: Done) => void waiting.push(done) };
    const device = 'AAECAwQFBgc' as DeviceId;
    const guest = guestOf({ send() {}, sendNow() {}, cut() {} }, device, {
      ...rooms,
      isCrowded: () => false,
    } as unknown as GuestRooms);
    const packet = publishPacket(topicOf('t', device, 'up'), 'a message', 7);
    let looked = 0;
    for (; !guest.isFull; looked++) expect(guest.onPublish(0x32, packet, 2, packet.length)).toBe(true);
    expect(looked).toBe(16);
    let resumed = 0;
    expect(guest.hasRoom(() => resumed++)).toBe(false);
    for (const done of waiting.slice(0, 7)) done();
    expect(resumed).toBe(0);
    for (const done of waiting.slice(7)) done();
    expect(resumed).toBe(1);
  });

  test('and the rest of a long write is looked at in its turn', async () => {
    const hub = await startHub({ limits: { messagesPerSecond: 1_000_000 } });
    const config = enrolAt(hub);
    const payer = payerOf(config);
    const messages = [payer.commitment(1), ...Array.from({ length: 60 }, (_, i) => payer.signed(1, i + 1))];
    const socket = connect({ port: hub.port, host: '127.0.0.1', noDelay: true });
    onTestFinished(() => void socket.destroy());
    let heard = '';
    socket.on('data', (chunk: Buffer) => void (heard += chunk.toString('hex')));
    const up = topicOf(config.root, config.device, 'up');
    socket.write(connectPacket({ clientId: config.device, password: config.password }));
    socket.write(Buffer.concat(messages.map((message, i) => publishPacket(up, message, i + 1))));
    const acknowledged = (): string[] => [...heard.matchAll(/4002(....)/g)].map(([, id]) => id as string);
    await vi.waitFor(() => expect(acknowledged()).toHaveLength(messages.length), { timeout: 10_000 });
    expect(acknowledged()).toEqual(messages.map((_, i) => (i + 1).toString(16).padStart(4, '0')));
    expect(hub.status().units.accepted).toBe(60);
  });
});
