// Both ways into the hub, the fast front and the broker alone, told the same bytes: they must answer the same, however the stream is cut. The broker is the oracle. Real hubs, real sockets.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { generate } from 'mqtt-packet';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { EntranceOptions } from '../../hub/entrance.ts';
import { openEntrance } from '../../hub/entrance.ts';
import { openFront } from '../../hub/front.ts';
import type { Hub } from '../../hub/hub.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { topicOf } from '../../shared/topics.ts';
import { writeStatus } from '../../shared/status.ts';
import { enrolAt, startHub } from './fixture.ts';
import type { Payer } from './payer.ts';
import { payerOf } from './payer.ts';

type Front = 'fast' | 'aedes';

interface Script {
  readonly packets: readonly Buffer[];
  /** Where the stream is cut into writes. */
  readonly cuts: readonly number[];
}

function connectOf({ device, password }: DeviceConfig, keepalive = 60): Buffer {
  const names = { clientId: device, username: device, password: Buffer.from(password) };
  return generate({ cmd: 'connect', protocolVersion: 4, clean: true, keepalive, ...names });
}

function publish(
  topic: string,
  message: Bytes | Buffer,
  packetId: number,
  more: { dup?: boolean; retain?: boolean } = {},
): Buffer {
  const payload = typeof message === 'string' ? Buffer.from(message, 'latin1') : message;
  const qos = packetId === 0 ? 0 : 1;
  const id = packetId === 0 ? {} : { messageId: packetId };
  return generate({ cmd: 'publish', topic, payload, qos, dup: more.dup === true, retain: more.retain === true, ...id });
}

/** Greets, and when that is answered says the rest in pieces; what the hub said until every QoS 1 PUBLISH had its PUBACK, or until it cut the line. */
async function converse(hub: Hub, { packets, cuts }: Script, greetsFirst = true): Promise<string> {
  const socket = connect({ port: hub.port, host: '127.0.0.1', noDelay: true });
  let heard = '';
  socket.on('data', (chunk: Buffer) => void (heard += chunk.toString('hex')));
  socket.on('error', () => {});
  let isCut = false;
  socket.on('close', () => (isCut = true));
  await once(socket, 'connect');
  const [greeting = Buffer.alloc(0), ...rest] = packets;
  if (greetsFirst) {
    socket.write(greeting);
    while (heard === '' && !isCut) await moment();
  }
  const stream = Buffer.concat(greetsFirst ? rest : packets);
  let at = 0;
  for (const cut of [...cuts, stream.length]) {
    const piece = stream.subarray(at, at + Math.max(1, cut));
    if (piece.length > 0) socket.write(piece);
    at += piece.length;
    await moment();
  }
  const wanted = packets.filter((packet) => (packet[0] as number) >> 4 === 3 && ((packet[0] as number) & 6) === 2).length;
  const deadlineMs = performance.now() + 20_000;
  while (!isCut && (heard.match(/4002..../g) ?? []).length < wanted && performance.now() < deadlineMs) await moment();
  for (let i = 0; i < 5 && !isCut; i++) await moment(); // what it may add, it adds now
  socket.destroy();
  return `${heard} ${isCut ? 'cut' : 'open'}`;
}

const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

/** A device whose keys are the same in both hubs is not to be had; so what they say is compared in their own words. */
async function bothSay(script: (payer: Payer) => Script): Promise<Record<Front, string>> {
  const said = async (front: Front): Promise<string> => {
    const hub = await startHub({ front });
    const payer = payerOf(enrolAt(hub));
    const text = await converse(hub, script(payer));
    return `${text}; ${hub.status().units.accepted} units`;
  };
  const [fast, aedes] = [await said('fast'), await said('aedes')];
  return { fast, aedes };
}

const up = ({ config }: Payer): string => topicOf(config.root, config.device, 'up');
const down = ({ config }: Payer): string => topicOf(config.root, config.device, 'down');
const status = ({ config }: Payer): string => topicOf(config.root, config.device, 'status');

const CONVERSATIONS: readonly [name: string, (payer: Payer) => readonly Buffer[]][] = [
  [
    'a channel opened and paid on',
    (p) => [publish(up(p), p.commitment(1), 1), publish(up(p), p.payword(1, 1), 2), publish(up(p), p.payword(1, 2), 3)],
  ],
  [
    'the same voucher twice',
    (p) => [
      publish(up(p), p.commitment(1), 1),
      publish(up(p), p.payword(1, 1), 2),
      publish(up(p), p.payword(1, 1), 3, { dup: true }),
    ],
  ],
  ['QoS 0', (p) => [publish(up(p), p.commitment(1), 0), publish(up(p), p.payword(1, 4), 0), publish(up(p), p.payword(1, 5), 9)]],
  [
    'a gap',
    (p) => [publish(up(p), p.commitment(1), 1), publish(up(p), p.payword(1, 900), 2), publish(up(p), p.payword(1, 903), 3)],
  ],
  [
    'junk among paywords',
    (p) => [
      publish(up(p), p.commitment(1), 1),
      publish(up(p), p.payword(1, 1), 2),
      publish(up(p), 'junk', 3),
      publish(up(p), p.payword(1, 2), 4),
    ],
  ],
  [
    'signed and hashed proofs in turns',
    (p) => [
      publish(up(p), p.commitment(1), 1),
      publish(up(p), p.payword(1, 1), 2),
      publish(up(p), p.signed(1, 5), 3),
      publish(up(p), p.payword(1, 6), 4),
      publish(up(p), p.signed(1, 8, true), 5),
      publish(up(p), p.payword(1, 9), 6),
    ],
  ],
  [
    'two channels in turns',
    (p) => [
      publish(up(p), p.commitment(1), 1),
      publish(up(p), p.commitment(2), 2),
      publish(up(p), p.payword(1, 1), 3),
      publish(up(p), p.payword(2, 1), 4),
      publish(up(p), p.payword(1, 2), 5),
      publish(up(p), p.payword(2, 2), 6),
    ],
  ],
  ['an empty message', (p) => [publish(up(p), '', 1), publish(up(p), '', 0)]],
  ['a retained voucher', (p) => [publish(up(p), p.commitment(1), 1, { retain: true })]],
  ["another device's topic", () => [publish('t/AAAAAAAAAAA/up', 'x', 1)]],
  ["the hub's topic", (p) => [publish(down(p), 'x', 1)]],
  ['a topic of the broker', () => [publish('$SYS/x', 'x', 1)]],
  ['QoS 2', (p) => [generate({ cmd: 'publish', topic: up(p), payload: 'x', qos: 2, messageId: 4, dup: false, retain: false })]],
  [
    'QoS 3',
    (p) => {
      const packet = publish(up(p), 'x', 1);
      packet[0] = 0x36;
      return [packet];
    },
  ],
  [
    'packet id 0',
    (p) => {
      const packet = publish(up(p), 'x', 1);
      packet.writeUInt16BE(0, 2 + 2 + up(p).length);
      return [packet];
    },
  ],
  ['a PUBLISH shorter than its topic', () => [Buffer.from([0x32, 3, 0, 16, 0x74])]],
  ['a second CONNECT', (p) => [connectOf(p.config)]],
  ['a reserved packet type', () => [Buffer.from([0xf0, 0])]],
  ['a PUBACK for nothing', () => [Buffer.from([0x40, 2, 0, 7])]],
  ['a foreign subscription', () => [generate({ cmd: 'subscribe', messageId: 7, subscriptions: [{ topic: '#', qos: 0 }] })]],
  [
    'an end to listening',
    (p) => [generate({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: [down(p)] }), publish(up(p), p.commitment(1), 1)],
  ],
  ['a DISCONNECT', () => [Buffer.from([0xe0, 0])]],
  ['a packet of 1025 bytes', (p) => [publish(up(p), Buffer.alloc(1030), 1)]],
];

describe('the two fronts answer alike', () => {
  test.each(CONVERSATIONS)('%s', async (_name, packets) => {
    const { fast, aedes } = await bothSay((p) => ({ packets: [connectOf(p.config), ...packets(p)], cuts: [] }));
    expect(fast).toBe(aedes);
  });

  test.each([0, 3601, 65_535])('a keepalive of %i', async (keepalive) => {
    const { fast, aedes } = await bothSay((p) => ({ packets: [connectOf(p.config, keepalive)], cuts: [] }));
    expect(fast).toBe(aedes);
    expect(fast).toMatch(/^20020006 cut/);
  });

  test('a wrong password, and a CONNECT of another kind', async () => {
    const wrong = await bothSay((p) => ({ packets: [connectOf({ ...p.config, password: 'x' })], cuts: [] }));
    expect(wrong.fast).toBe(wrong.aedes);
    const five = await bothSay(() => ({ packets: [Buffer.from('100e00044d5154540502003c0000017800', 'hex')], cuts: [] }));
    expect(five.fast).toBe(five.aedes);
  });
});

test('cut at every byte, a conversation goes the same way', { timeout: 60_000 }, async () => {
  const hub = await startHub();
  const packetsOf = (p: Payer): Buffer[] => [
    connectOf(p.config),
    generate({ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic: down(p), qos: 0 }] }),
    publish(up(p), p.commitment(1), 1),
    publish(up(p), p.payword(1, 1), 2),
    publish(up(p), 'junk', 3),
    publish(up(p), p.payword(1, 2), 4),
  ];
  const length = Buffer.concat(packetsOf(payerOf(enrolAt(hub)))).length;
  const acks: string[] = [];
  const everyCut = Array.from({ length }, (_, cut) => cut + 1);
  await Promise.all(
    everyCut.map(async (cut) => {
      const payer = payerOf(enrolAt(hub));
      const said = await converse(hub, { packets: packetsOf(payer), cuts: [cut] }, false);
      acks.push((said.match(/4002000[1-4]/g) ?? []).join(' '));
    }),
  );
  expect(new Set(acks)).toEqual(new Set(['40020001 40020002 40020003 40020004']));
  expect(hub.counters()).toMatchObject({ accepted: 2 * length, byReason: { malformed: length } });
});

type Step = {
  readonly kind: 'payword' | 'signed' | 'junk' | 'again';
  readonly units: number;
};

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    'payword' as const,
    'payword' as const,
    'payword' as const,
    'signed' as const,
    'junk' as const,
    'again' as const,
  ),
  units: fc.integer({ min: 1, max: 40 }),
});

function packetOf(payer: Payer, { kind, units }: Step, packetId: number): Buffer {
  switch (kind) {
    case 'payword':
      return publish(up(payer), payer.payword(1, units), packetId);
    case 'signed':
      return publish(up(payer), payer.signed(1, units), packetId);
    case 'again':
      return publish(up(payer), payer.commitment(1), packetId);
    case 'junk':
      return publish(up(payer), '\x83\x01', packetId);
  }
}

test('random conversations in random pieces: PUBACKs in order, and the same books', { timeout: 120_000 }, async () => {
  const hubs = { fast: await startHub({ front: 'fast' }), aedes: await startHub({ front: 'aedes' }) };
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 30 }),
      fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 12 }),
      async (steps, cuts) => {
        const said = async (hub: Hub): Promise<string> => {
          const payer = payerOf(enrolAt(hub));
          const packets = [
            connectOf(payer.config),
            publish(up(payer), payer.commitment(1), 1),
            ...steps.map((one, i) => packetOf(payer, one, i + 2)),
          ];
          const text = await converse(hub, { packets, cuts });
          const row = hub.status().devices.find(({ device }) => device === payer.config.device);
          return `${text}; ${row?.acceptedUnits} units, ${row?.chargedMicros} micros`;
        };
        const [fast, aedes] = await Promise.all([said(hubs.fast), said(hubs.aedes)]);
        expect(fast).toBe(aedes);
        const ids = steps.map((_, i) => `4002${(i + 2).toString(16).padStart(4, '0')}`).join('');
        expect(fast).toContain(`2002000040020001${ids} open`);
      },
    ),
    { numRuns: 25 },
  );
  expect(hubs.fast.status()).toMatchObject({ balanced: true, units: hubs.aedes.status().units });
});

test('a status is acknowledged in its turn, which the broker alone does not wait for [MQTT-4.6.0-2]', async () => {
  const hub = await startHub();
  const payer = payerOf(enrolAt(hub));
  const said = { packetId: 0 };
  const next = (): number => ++said.packetId;
  const pay = (units: number): Buffer => publish(up(payer), payer.payword(1, units), next());
  const tell = (): Buffer => publish(status(payer), writeStatus('serving', 1, 1), next(), { retain: true });
  const packets = [
    connectOf(payer.config),
    publish(up(payer), payer.commitment(1), next()),
    pay(1),
    tell(),
    pay(2),
    tell(),
    pay(3),
  ];
  expect(await converse(hub, { packets, cuts: [] })).toBe(
    `20020000${[1, 2, 3, 4, 5, 6].map((id) => `4002000${id}`).join('')} open`,
  );
});

test('a device that only pays is not taken for silent, and a silent one is cut', { timeout: 20_000 }, async () => {
  const hub = await startHub();
  const payer = payerOf(enrolAt(hub));
  const socket = connect({ port: hub.port, host: '127.0.0.1' });
  onTestFinished(() => void socket.destroy());
  socket.resume();
  let isCut = false;
  const closed = once(socket, 'close').then(() => (isCut = true));
  socket.write(connectOf(payer.config, 1));
  socket.write(publish(up(payer), payer.commitment(1), 1));
  for (let i = 1; i <= 12; i++) {
    socket.write(publish(up(payer), payer.payword(1, i), i + 1));
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  expect(isCut).toBe(false);
  await closed;
});

test('a peer that does not read is cut when so much is unread', () => {
  const socket = new Duplex({ read() {}, write() {} }) as Socket; // takes everything and delivers nothing
  const whys: string[] = [];
  const limits = { firstBytes: 512, laterBytes: 1024, unreadBytes: 1000 };
  const onCut = (why: string): void => void whys.push(why);
  const front = openFront(socket, { limits, clock: { tick: 0 }, onCut, onConnect: (packet) => packet, onPipe() {} });
  for (let i = 0; i < 10; i++) front.sendNow('x'.repeat(100));
  expect(whys).toEqual([]);
  front.sendNow('x');
  expect(whys).toEqual(['expected a peer that reads, got 1001 bytes unread']);
  expect(socket.destroyed).toBe(true);
});

test('a CONNECT that a socket has read before its front is made is heard, and the broker gets its visitor', () => {
  const socket = new Duplex({ read() {}, write() {} }) as Socket;
  socket.push(Buffer.from([0x10, 0])); // asks for no keepalive: the broker's to refuse
  const limits = { firstBytes: 512, laterBytes: 1024, unreadBytes: 1000, connectMs: 1000, messagesPerSecond: 1 };
  const options: Partial<EntranceOptions> = { limits, keepaliveLimitSeconds: 60, log: pino({ level: 'silent' }) };
  const entrance = openEntrance(options as EntranceOptions);
  onTestFinished(() => entrance.close());
  const pipes: Duplex[] = [];
  entrance.accept(socket, (pipe) => void pipes.push(pipe));
  expect(pipes.map((pipe) => entrance.mayConnect(pipe))).toEqual([false]);
  socket.destroy();
});
