// MQTT packets: what is written is read by mqtt-packet, another implementation; what a broker sends is read in pieces of any size.

import fc from 'fast-check';
import mqttPacket from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import type { Packet, PacketReader } from '../../device/mqtt.ts';
import {
  connectPacket,
  duplicateOf,
  MAX_PACKET_BYTES,
  PINGREQ,
  pubackPacket,
  publishPacket,
  readPublish,
  retainedPacket,
  subscribePacket,
  takePacket,
} from '../../device/mqtt.ts';

const bytes = (max: number): fc.Arbitrary<string> =>
  fc.uint8Array({ maxLength: max }).map((one) => Buffer.from(one).toString('latin1'));

function parse(packet: string): mqttPacket.Packet {
  const parser = mqttPacket.parser({ protocolVersion: 4 });
  const packets: mqttPacket.Packet[] = [];
  parser.on('packet', (one) => packets.push(one));
  parser.on('error', (error) => {
    throw error;
  });
  expect(parser.parse(Buffer.from(packet, 'latin1'))).toBe(0);
  expect(packets).toHaveLength(1);
  return packets[0] as mqttPacket.Packet;
}

const generate = (packet: mqttPacket.Packet): string => mqttPacket.generate(packet).toString('latin1');

describe('what is written', () => {
  test('CONNECT with will, user, password and a clean session', () => {
    const fields = { client: 'AbCdEfGhIjK', user: 'AbCdEfGhIjK', password: 'pass', keepaliveSeconds: 300 };
    const packet = parse(connectPacket({ ...fields, willTopic: 't/AbCdEfGhIjK/status', willPayload: '\x84\x01\x00\x00\x00' }));
    expect(packet).toMatchObject({
      cmd: 'connect',
      protocolVersion: 4,
      clean: true,
      clientId: 'AbCdEfGhIjK',
      username: 'AbCdEfGhIjK',
      password: Buffer.from('pass'),
      keepalive: 300,
      will: { topic: 't/AbCdEfGhIjK/status', qos: 1, retain: true, payload: Buffer.from([0x84, 1, 0, 0, 0]) },
    });
  });

  test('PUBLISH of QoS 1 and its duplicate, of any length', () => {
    fc.assert(
      fc.property(bytes(600), fc.integer({ min: 1, max: 65535 }), (payload, id) => {
        const wanted = {
          cmd: 'publish',
          topic: 't/d/up',
          qos: 1,
          messageId: id,
          retain: false,
          payload: Buffer.from(payload, 'latin1'),
        };
        const publish = publishPacket('t/d/up', id, payload);
        expect(parse(publish)).toMatchObject({ ...wanted, dup: false });
        expect(parse(duplicateOf(publish))).toMatchObject({ ...wanted, dup: true });
      }),
    );
  });

  test('the rest', () => {
    expect(parse(retainedPacket('t/d/status', 'x'))).toMatchObject({ cmd: 'publish', qos: 0, retain: true, topic: 't/d/status' });
    expect(parse(subscribePacket(7, 't/d/down'))).toMatchObject({ messageId: 7, subscriptions: [{ topic: 't/d/down', qos: 1 }] });
    expect(parse(pubackPacket(513))).toMatchObject({ cmd: 'puback', messageId: 513 });
    expect(parse(PINGREQ)).toMatchObject({ cmd: 'pingreq' });
  });
});

function takeAll(reader: PacketReader): Packet[] {
  const taken: Packet[] = [];
  for (;;) {
    const packet = takePacket(reader);
    if (typeof packet === 'string') return taken;
    taken.push(packet);
  }
}

describe('what is read', () => {
  const stream =
    generate({ cmd: 'connack', returnCode: 5, sessionPresent: false }) +
    generate({
      cmd: 'publish',
      topic: 't/d/down',
      payload: Buffer.alloc(200, 255),
      qos: 1,
      messageId: 513,
      dup: false,
      retain: false,
    }) +
    generate({ cmd: 'puback', messageId: 3 }) +
    generate({ cmd: 'publish', topic: 't/d/down', payload: Buffer.from('zero'), qos: 0, dup: false, retain: false }) +
    generate({ cmd: 'pingresp' });

  test('a stream cut anywhere gives the same packets', () => {
    const whole = takeAll({ held: stream });
    expect(whole.map((one) => one.type)).toEqual([2, 3, 4, 3, 13]);
    expect(whole[0]?.body.charCodeAt(1)).toBe(5);
    expect(readPublish(whole[1] as Packet)).toEqual({ topic: 't/d/down', id: 513, payload: '\xff'.repeat(200) });
    expect(readPublish(whole[3] as Packet)).toEqual({ topic: 't/d/down', id: 0, payload: 'zero' });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sizes) => {
        const reader = { held: '' };
        const taken: Packet[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          reader.held += stream.slice(at, at + size);
          taken.push(...takeAll(reader));
          at += size;
        }
        expect(taken).toEqual(whole);
        expect(reader.held).toBe('');
      }),
    );
  });

  test.each([
    ['a length of five bytes', '\x30\xff\xff\xff\xff\x01'],
    ['more than is ever sent', '\x30' + String.fromCharCode((MAX_PACKET_BYTES % 128) + 1 + 128, MAX_PACKET_BYTES >> 7)],
  ])('%s is broken before it is held', (_name, held) => {
    expect(takePacket({ held })).toBe('broken');
  });

  test('any bytes give a packet, wait for more, or are broken; no PUBLISH reads past its end', () => {
    fc.assert(
      fc.property(bytes(300), (held) => {
        const reader = { held };
        for (const packet of takeAll(reader)) {
          const publish = readPublish({ ...packet, type: 3 });
          if (publish === undefined) continue;
          expect(publish.topic.length + publish.payload.length).toBeLessThanOrEqual(packet.body.length);
        }
        expect(reader.held.length).toBeLessThanOrEqual(held.length);
      }),
    );
  });

  test.each([
    ['QoS 2', 4, '\x00\x01t\x00\x01x'],
    ['a topic longer than the packet', 0, '\x00\x09t'],
    ['no packet id', 2, '\x00\x01t'],
    ['packet id 0', 2, '\x00\x01t\x00\x00x'],
    ['nothing', 0, ''],
  ])('a PUBLISH with %s is malformed', (_name, flags, body) => {
    expect(readPublish({ type: 3, flags, body })).toBeUndefined();
  });
});
