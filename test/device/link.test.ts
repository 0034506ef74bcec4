// The link by the clock: time-outs, pings, resends and pauses, with the test as the broker.

import { describe, expect, test } from 'vitest';
import type { Link } from '../../device/link.ts';
import { connectLater, createLink, haltLink, pauseMs, sessionOf, startLink } from '../../device/link.ts';
import { duplicateOf, PINGREQ, publishPacket, subscribePacket } from '../../device/mqtt.ts';
import { sendUp } from '../../device/session-sending.ts';
import type { DeviceId } from '../../shared/identity.ts';
import type { FakeBoard, FakeSocket } from './fake-board.ts';
import { createFakeBoard } from './fake-board.ts';
import { sha256 } from './node-board.ts';

const DEVICE = 'AAAAAAAAAAA' as DeviceId;
const CONNACK = '\x20\x02\x00\x00';
const SUBACK = '\x90\x03\xff\xff\x01';
const PINGRESP = '\xd0\x00';
const HEARTBEAT_MS = 15000;

interface Started {
  readonly board: FakeBoard;
  readonly link: Link;
  readonly told: string[];
}

function start(tls?: string): Started {
  const board = createFakeBoard();
  const told: string[] = [];
  const config = { password: 'p', host: 'hub', port: 1883, root: 't', keepaliveSeconds: 30, tls };
  const link = createLink(board, DEVICE, config, {
    willPayload: () => 'will',
    tell: (news, reason) => {
      if (news === 'over') connectLater(link, reason);
      told.push(news === 'over' ? reason : news === 'message' ? `message ${link.heard}` : news);
      link.heard = '';
    },
  });
  startLink(link, undefined);
  return { board, link, told };
}

function newest(board: FakeBoard): FakeSocket {
  return board.sockets.at(-1) ?? expect.fail('no connection');
}

function taken(socket: FakeSocket): string {
  const written = socket.written;
  socket.written = '';
  return written;
}

function greet(board: FakeBoard): FakeSocket {
  const socket = newest(board);
  socket.events.onOpen();
  socket.events.onData(CONNACK);
  socket.events.onData(SUBACK);
  taken(socket);
  return socket;
}

describe('a clock at 1970', () => {
  test.each([
    ['in the clear means nothing', undefined, 0, 'could not connect to hub:1883'],
    ['under TLS is told with what it may have done', '', 0, 'could not connect to hub:1883; wrong clock: configure --sntp'],
    ['that was put right is not', '', 1_800_000_000_000, 'could not connect to hub:1883'],
  ])('%s', (_name, tls, nowMs, reason) => {
    const { board, link, told } = start(tls);
    Object.assign(board, { nowMs: () => nowMs });
    newest(board).events.onClose();
    expect([told.at(-1), link.reason]).toEqual([reason, reason]);
    board.reachable = false;
    board.pass(1000);
    expect(link.reason).toBe(reason);
  });
});

describe('the greeting', () => {
  test('is over with the answer to the subscription, however it is cut', () => {
    const { board, link, told } = start();
    const socket = newest(board);
    expect(socket.written).toBe('');
    socket.events.onOpen();
    expect(taken(socket).charCodeAt(0)).toBe(0x10);
    for (const byte of CONNACK + SUBACK) {
      expect(sessionOf(link)).toBeUndefined();
      socket.events.onData(byte);
    }
    expect(told).toEqual(['up']);
    expect(taken(socket)).toBe(subscribePacket(65535, 't/AAAAAAAAAAA/down'));
  });

  test.each([
    ['no answer', (): void => undefined, 'no answer from hub:1883'],
    [
      'a refusal',
      (socket: FakeSocket): void => socket.events.onData('\x20\x02\x00\x05'),
      'the hub refused the connection: not authorised',
    ],
    [
      'an unknown refusal',
      (socket: FakeSocket): void => socket.events.onData('\x20\x02\x00\x63'),
      'the hub refused the connection: code 99',
    ],
    [
      'a refused subscription',
      (socket: FakeSocket): void => socket.events.onData(CONNACK + '\x90\x03\xff\xff\x80'),
      'the hub refused the subscription',
    ],
    ['nonsense', (socket: FakeSocket): void => socket.events.onData('\x20\xff\xff\xff\xff\xff'), 'the hub sent what is no MQTT'],
    ['a closed line', (socket: FakeSocket): void => socket.events.onClose(), 'could not connect to hub:1883'],
  ])('%s ends it with a reason, and a pause follows', (_name, answer, reason) => {
    const { board, told } = start();
    const socket = newest(board);
    socket.events.onOpen();
    answer(socket);
    board.pass(10000);
    expect(told[0]).toBe(reason);
    board.pass(1000);
    expect(board.sockets.length).toBeGreaterThanOrEqual(2);
  });

  test('where nothing can be begun the pauses grow to a minute and a half, and the host is not hammered', () => {
    const { board, told } = start();
    newest(board).events.onClose();
    board.reachable = false;
    board.pass(3600000);
    expect(told.length).toBeGreaterThan(3600000 / 90000);
    expect(told.length).toBeLessThan(3600000 / 60000 + 10);
    expect(board.timers()).toBe(1);
  });
});

describe('the session', () => {
  test('pings twice in a keepalive and lives while it is answered', () => {
    const { board, link } = start();
    const socket = greet(board);
    for (let beat = 0; beat < 10; beat++) {
      board.pass(HEARTBEAT_MS);
      expect(taken(socket)).toBe(PINGREQ);
      socket.events.onData(PINGRESP);
    }
    expect(sessionOf(link)).toBeDefined();
  });

  test('is given up when a ping is not answered', () => {
    const { board, told } = start();
    const socket = greet(board);
    board.pass(2 * HEARTBEAT_MS);
    expect(told).toEqual(['up', 'the hub stopped answering']);
    expect(socket.ended).toBe(true);
  });

  test('says a PUBLISH again as a duplicate, and gives up after the third silence', () => {
    const { board, link, told } = start();
    const socket = greet(board);
    sendUp(sessionOf(link) ?? expect.fail(), 'voucher');
    const publish = publishPacket('t/AAAAAAAAAAA/up', 1, 'voucher');
    expect(taken(socket)).toBe(publish);
    expect(() => sendUp(sessionOf(link) ?? expect.fail(), 'another')).toThrow('not free');
    board.pass(5000);
    expect(taken(socket)).toBe(duplicateOf(publish));
    board.pass(5000);
    expect(taken(socket)).toBe(duplicateOf(publish));
    board.pass(5000);
    expect(told).toEqual(['up', 'the hub stopped acknowledging']);
  });

  test('is free after its own PUBACK only', () => {
    const { board, link, told } = start();
    const socket = greet(board);
    sendUp(sessionOf(link) ?? expect.fail(), 'voucher');
    socket.events.onData('\x40\x02\x00\x09');
    expect(told).toEqual(['up']);
    socket.events.onData('\x40\x02\x00\x01');
    expect(told).toEqual(['up', 'free']);
  });

  test('hands on what comes on its own topic, and acknowledges QoS 1', () => {
    const { board, told } = start();
    const socket = greet(board);
    socket.events.onData('\x32\x18\x00\x12t/AAAAAAAAAAA/down\x00\x07ab');
    expect(told).toEqual(['up', 'message ab']);
    expect(taken(socket)).toBe('\x40\x02\x00\x07');
    socket.events.onData('\x30\x06\x00\x01xabc');
    expect(told).toHaveLength(2);
  });

  test('hands on what comes before the answer to the subscription, for a broker may send in that order', () => {
    const { board, link, told } = start();
    const socket = newest(board);
    socket.events.onOpen();
    socket.events.onData(CONNACK + '\x30\x16\x00\x12t/AAAAAAAAAAA/downab');
    expect([told, sessionOf(link)]).toEqual([['message ab'], undefined]);
    socket.events.onData(SUBACK);
    expect(told).toEqual(['message ab', 'up']);
  });

  test('an old connection has no voice', () => {
    const { board, told } = start();
    const socket = greet(board);
    socket.events.onClose();
    socket.events.onData('\x30\x06\x00\x01xabc' + PINGRESP);
    expect(told).toEqual(['up', 'the connection was closed']);
  });
});

describe('pauses', () => {
  test('double from half a second to a minute, stretched by at most half', () => {
    const jitter = sha256(DEVICE);
    for (let attempts = 0; attempts < 40; attempts++) {
      const least = Math.min(500 * 2 ** Math.min(attempts, 7), 60000);
      expect(pauseMs(jitter, attempts)).toBeGreaterThanOrEqual(least);
      expect(pauseMs(jitter, attempts)).toBeLessThan(1.5 * least);
    }
  });

  test('of a fleet are spread', () => {
    const pauses = Array.from({ length: 200 }, (_none, device) => pauseMs(sha256('device ' + device), 7));
    expect(new Set(pauses).size).toBeGreaterThan(80);
    expect(Math.max(...pauses) - Math.min(...pauses)).toBeGreaterThan(20000);
  });

  test('start afresh after a session that worked', () => {
    const { board, link } = start();
    for (let attempt = 0; attempt < 5; attempt++) {
      newest(board).events.onClose();
      while (board.sockets.length < attempt + 2) board.pass(100);
    }
    expect(link.attempts).toBe(5);
    const socket = greet(board);
    board.pass(HEARTBEAT_MS);
    socket.events.onData(PINGRESP);
    socket.events.onClose();
    expect(link.attempts).toBe(1);
  });

  test('a halted link is still', () => {
    const { board, link } = start();
    greet(board);
    haltLink(link);
    expect(board.timers()).toBe(0);
    const before = board.sockets.length;
    board.pass(600000);
    expect(board.sockets.length).toBe(before);
  });
});
