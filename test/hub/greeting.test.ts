// The look at a visitor before the broker has it: whom it sends away, with which return code, and what it leaves to the broker; and a device that comes back over and over at a real hub, which is told to
// wait and is let in later.

import { once } from 'node:events';
import { connect } from 'node:net';
import { generate } from 'mqtt-packet';
import { describe, expect, test, vi } from 'vitest';
import type { Threshold } from '../../hub/greeting.ts';
import { refusalOf } from '../../hub/greeting.ts';
import { turnedAway } from '../../hub/turned-away.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { connectPacket } from '../load/connection.ts';
import { enrolAt, startHub } from './fixture.ts';

const DEVICE = 'AAECAwQFBgc';
const PASSWORD = 'right';

const OPEN: Threshold = {
  isReady: () => true,
  isDevice: (device, password) => device === DEVICE && password === PASSWORD,
  mayReturn: () => true,
};

function greeting(changes: { clientId?: string; username?: string; password?: string; version?: 3 | 4 | 5 } = {}): Buffer {
  const { clientId = DEVICE, username = clientId, password = PASSWORD, version = 4 } = changes;
  const protocol = version === 3 ? ({ protocolId: 'MQIsdp', protocolVersion: 3 } as const) : { protocolVersion: version };
  return generate({
    cmd: 'connect',
    ...protocol,
    clean: true,
    keepalive: 60,
    clientId,
    username,
    password: Buffer.from(password),
  });
}

describe('the look at a visitor', () => {
  test.each<[string, Buffer, Partial<Threshold>, number | undefined]>([
    ['a device', greeting(), {}, undefined],
    ['a wrong password', greeting({ password: 'guess' }), {}, 4],
    ['another user name', greeting({ username: 'root' }), {}, 4],
    ['a name that is no device’s', greeting({ clientId: 'mosquitto' }), {}, 4],
    ['a device that comes back too often', greeting(), { mayReturn: () => false }, 3],
    ['a device, while nothing can be stored', greeting(), { isReady: () => false }, 3],
    ['a stranger, while nothing can be stored', greeting({ password: 'guess' }), { isReady: () => false }, 3],
    ['no name, which is the broker’s to refuse', greeting({ clientId: '', username: 'root' }), {}, undefined],
    ['MQTT 3.1, which is the broker’s to refuse', greeting({ version: 3, password: 'guess' }), {}, undefined],
    ['MQTT 5, which is the broker’s to refuse', greeting({ version: 5, password: 'guess' }), {}, undefined],
    ['what cannot be read', Buffer.from('100e00044d5154540400003c0000ffff', 'hex'), {}, undefined],
    ['nothing', Buffer.alloc(0), {}, undefined],
  ])('%s', (_name, packet, changes, returnCode) => {
    expect(refusalOf(packet, { ...OPEN, ...changes })?.returnCode).toBe(returnCode);
  });

  test('a stranger is not counted as the device that it says it is', () => {
    const mayReturn = vi.fn(() => true);
    refusalOf(greeting({ password: 'guess' }), { ...OPEN, mayReturn });
    expect(mayReturn).not.toHaveBeenCalled();
    refusalOf(greeting(), { ...OPEN, mayReturn });
    expect(mayReturn).toHaveBeenCalledWith(DEVICE);
  });
});

test('the log has one line for each reason, however many knock', () => {
  const lines: unknown[] = [];
  const refused = turnedAway({ warn: (line: unknown) => void lines.push(line) });
  for (let i = 0; i < 1000; i++) refused.note(`stranger ${i}`, 'no device');
  refused.note('restless', 'too often');
  refused.tell();
  refused.tell();
  expect(lines).toEqual([
    { why: 'no device', visits: 1000, client: 'stranger 999' },
    { why: 'too often', visits: 1, client: 'restless' },
  ]);
});

/** The CONNACK's return code. */
async function comeBack(port: number, { device, password }: DeviceConfig): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.write(connectPacket({ clientId: device, password }));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer[3] as number;
}

test('a device that comes back over and over is told to wait, and is let in later; others are let in meanwhile', async () => {
  const hub = await startHub({ limits: { messagesPerSecond: 200 } });
  const restless = enrolAt(hub);
  const codes = await Promise.all(Array.from({ length: 200 }, () => comeBack(hub.port, restless)));
  const letIn = codes.filter((code) => code === 0).length; // two seconds' worth at once, and a tenth of a second's each
  expect(codes.filter((code) => code === 3).length).toBe(200 - letIn);
  expect(letIn).toBeGreaterThanOrEqual(20);
  expect(letIn).toBeLessThan(200);
  expect(await comeBack(hub.port, enrolAt(hub, { payer: 'carol' }))).toBe(0);
  await vi.waitFor(async () => expect(await comeBack(hub.port, restless)).toBe(0), { timeout: 5000, interval: 100 });
});

test('a visitor that leaves before its CONNECT is whole, or says something else, ends nothing but its own line', async () => {
  const hub = await startHub();
  const config = enrolAt(hub);
  const whole = connectPacket({ clientId: config.device, password: config.password });
  for (const beginning of [Buffer.alloc(0), whole.subarray(0, 1), whole.subarray(0, 20), Buffer.from('GET / HTTP/1.1\r\n\r\n')]) {
    const socket = connect({ port: hub.port, host: '127.0.0.1' });
    socket.on('error', () => {});
    socket.resume();
    socket.end(beginning);
    await once(socket, 'close');
  }
  expect(await comeBack(hub.port, config)).toBe(0);
});
