// The guard: framing as a pure function, and the real thing in front of the real broker, fed with raw bytes.

import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { once } from 'node:events';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { frameScanner } from '../../hub/frames.ts';
import type { Hub } from '../../hub/hub.ts';
import { closeOf, connectPayer } from './payer.ts';
import { enrolAt, payAt, startHub } from './fixture.ts';

const LIMITS = { firstBytes: 512, laterBytes: 1024 };
const CONNECT = [0x10, 2, 0, 0];

test.each([
  ['a CONNECT of 512 bytes', [0x10, 0x80, 0x04], undefined],
  ['a CONNECT of 513 bytes', [0x10, 0x81, 0x04], 'expected a packet of at most 512 bytes, got 513 announced'],
  ['200 MiB announced', [0x10, 0x80, 0x80, 0x80, 0x64], 'expected a packet of at most 512 bytes, got 209715200 announced'],
  ['a PUBLISH first', [0x30, 2], 'expected CONNECT (16) as the first packet, got 48'],
  ['a length of five bytes', [0x10, 0x80, 0x80, 0x80, 0x80, 0x01], 'expected a length of at most 4 bytes, got more'],
  ['1024 bytes later', [...CONNECT, 0x30, 0x80, 0x08], undefined],
  ['1025 bytes later', [...CONNECT, 0x30, 0x81, 0x08], 'expected a packet of at most 1024 bytes, got 1025 announced'],
  [
    'an empty packet and then too much',
    [...CONNECT, 0xc0, 0, 0x30, 0x81, 0x08],
    'expected a packet of at most 1024 bytes, got 1025 announced',
  ],
])('frames: %s', (_name, bytes, fault) => {
  expect(frameScanner(LIMITS).scan(Uint8Array.from(bytes))).toBe(fault);
});

test('frames: however the stream is cut, the verdict is the same', () => {
  const packet = fc.integer({ min: 0, max: 1100 }).map((length) => {
    const head = length < 128 ? [0x30, length] : [0x30, (length & 127) | 128, length >> 7];
    return [...head, ...Array.from({ length }, (_, i) => i & 255)];
  });
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 700 })), (packets, cuts) => {
      const stream = Uint8Array.from([...CONNECT, ...packets.flat()]);
      const whole = frameScanner(LIMITS).scan(stream);
      expect(whole === undefined).toBe(packets.every((bytes) => bytes.length <= 1024 + 3));
      const pieces = frameScanner(LIMITS);
      let at = 0;
      let fault: string | undefined;
      for (const cut of [...cuts, stream.length]) {
        fault ??= pieces.scan(stream.subarray(at, at + cut));
        at += cut;
      }
      expect(fault).toBe(whole);
    }),
  );
});

async function rawSocket(hub: Hub): Promise<Socket> {
  const socket = connect(hub.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {}); // a reset is one of the ways to be cut
  await once(socket, 'connect');
  return socket;
}

test('a socket that announces 200 MiB is cut before it sends them', async () => {
  const hub = await startHub();
  const socket = await rawSocket(hub);
  const closed = once(socket, 'close');
  socket.write(Buffer.from([0x10, 0x80, 0x80, 0x80, 0x64]));
  await closed;
  expect(socket.bytesWritten).toBe(5);
});

test.each(['fast', 'aedes'] as const)(
  'a thousand sockets that announce 256 MiB each are all cut, and a device pays on (%s)',
  async (front) => {
    const hub = await startHub({ front });
    const payer = await payAt(hub);
    await payer.send(payer.commitment(1));
    const ends = Array.from({ length: 1000 }, async () => {
      const socket = await rawSocket(hub);
      const closed = once(socket, 'close');
      socket.write(Buffer.from([0x10, 0x80, 0x80, 0x80, 0x7f]));
      await closed;
      return socket.bytesWritten;
    });
    for (let units = 1; units <= 10; units++) await payer.send(payer.payword(1, units));
    expect(Math.max(...(await Promise.all(ends)))).toBe(5);
    await payer.send(payer.payword(1, 11));
    expect(hub.status().units.accepted).toBe(11);
  },
);

test('a header in two halves is read as one', async () => {
  const hub = await startHub();
  const socket = await rawSocket(hub);
  const closed = once(socket, 'close');
  socket.write(Buffer.from([0x10, 0x80]));
  await new Promise((resolve) => setImmediate(resolve));
  socket.write(Buffer.from([0x80, 0x80, 0x64]));
  await closed;
});

test('a CONNECT that never comes whole is cut, and an idle device is not', async () => {
  const hub = await startHub({ limits: { connectMs: 200 } });
  const payer = await payAt(hub);
  const slow = await rawSocket(hub);
  const closed = once(slow, 'close');
  slow.write(Buffer.from([0x10, 100, 0]));
  await closed;
  expect(payer.client.connected).toBe(true);
});

test('connections over the cap of an address are refused, and freed ones count no more', async () => {
  const hub = await startHub({ limits: { connectionsPerAddress: 2 } });
  const config = enrolAt(hub);
  const first = await rawSocket(hub);
  const second = await rawSocket(hub);
  const third = await rawSocket(hub);
  await once(third, 'close');
  const freed = [once(first, 'close'), once(second, 'close')];
  first.end();
  second.end();
  await Promise.all(freed);
  const payer = await connectPayer(config);
  onTestFinished(() => payer.end());
  expect(payer.client.connected).toBe(true);
});

test('a packet of 1025 bytes from an authenticated device is cut too', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  const closed = closeOf(payer.client);
  payer.client.publish(`t/${payer.config.device}/up`, Buffer.alloc(1024), { qos: 0 });
  await closed;
  expect(hub.counters().rejected).toBe(0);
});
