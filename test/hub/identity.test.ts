// Who may connect and who may say what, over real MQTT: a device speaks for itself, on its own topics, and nobody takes its place.

import type { IClientOptions, MqttClient } from 'mqtt';
import mqtt from 'mqtt';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { DeviceConfig } from '../../shared/config.ts';
import { writeStatus } from '../../shared/status.ts';
import { revoke } from '../../hub/enrol.ts';
import { openStore } from '../../hub/store.ts';
import { enrolAt, payAt, startHub } from './fixture.ts';
import { closeOf } from './payer.ts';

function optionsOf(config: DeviceConfig): IClientOptions {
  const { device, password } = config;
  return { clientId: device, username: device, password, protocolVersion: 4, reconnectPeriod: 0, keepalive: 60 };
}

async function connectAs(config: DeviceConfig, changes: IClientOptions = {}): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://${config.host}:${config.port}`, { ...optionsOf(config), ...changes }, false);
  client.on('error', () => {}); // being cut is what some tests are about
  onTestFinished(() => void client.end(true));
  return client;
}

/** The CONNACK's return code when the hub refuses. */
async function refusalCode(config: DeviceConfig, changes: IClientOptions): Promise<unknown> {
  try {
    await connectAs(config, changes);
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return 'accepted';
}

describe('CONNECT', () => {
  test.each([
    ['a wrong password', { password: 'wrong' }, 4],
    ['no password', { password: '' }, 4],
    ['another user name', { username: 'AAAAAAAAAAA' }, 4],
    ['another client id', { clientId: 'AAAAAAAAAAA' }, 4],
    ['a client id that every object has', { clientId: '__proto__', username: '__proto__' }, 4],
    ['a session that is not clean', { clean: false }, 5],
    ['a keepalive of none', { keepalive: 0 }, 6],
    ['a keepalive above the limit', { keepalive: 3601 }, 6],
    ['MQTT 5', { protocolVersion: 5 as const }, 1],
    [
      'a will for another device',
      { will: { topic: 't/AAAAAAAAAAA/status', payload: Buffer.alloc(0), qos: 0 as const, retain: true } },
      5,
    ],
    ['a will on $SYS', { will: { topic: '$SYS/a/b', payload: Buffer.alloc(0), qos: 0 as const, retain: false } }, 5],
  ])('%s is refused', async (_name, changes, code) => {
    const hub = await startHub();
    expect(await refusalCode(enrolAt(hub), changes)).toBe(code);
  });

  test('a will that is no status, or a voucher, is refused', async () => {
    const hub = await startHub();
    const config = enrolAt(hub);
    const will = { qos: 0 as const, retain: true };
    expect(await refusalCode(config, { will: { ...will, topic: `t/${config.device}/status`, payload: Buffer.from('no') } })).toBe(
      5,
    );
    expect(
      await refusalCode(config, { will: { ...will, retain: false, topic: `t/${config.device}/up`, payload: Buffer.from('no') } }),
    ).toBe(5);
  });

  test('a revoked device is refused, also when another process revoked it', async () => {
    const hub = await startHub();
    const config = enrolAt(hub);
    const beside = openStore(hub.store.dataDir);
    onTestFinished(() => beside.close());
    expect(revoke(beside, config.device)).toBe(true);
    expect(await refusalCode(config, {})).toBe(4);
  });

  test('a device enrolled by another hub is a stranger', async () => {
    const hub = await startHub();
    const elsewhere = await startHub();
    expect(await refusalCode({ ...enrolAt(elsewhere), port: hub.port }, {})).toBe(4);
  });

  test('a stranger with the board’s id and a wrong password never disconnects the board', async () => {
    const hub = await startHub();
    const payer = await payAt(hub);
    let cut = false;
    payer.client.on('close', () => (cut = true));
    for (let i = 0; i < 5; i++) expect(await refusalCode(payer.config, { password: `guess ${i}` })).toBe(4);
    await payer.send(payer.commitment(1));
    await payer.hears((answer) => answer.kind === 'receipt');
    expect(cut).toBe(false);
  });

  test('the board itself takes its place from a connection that hangs', async () => {
    const hub = await startHub();
    const config = enrolAt(hub);
    const old = await connectAs(config);
    const closed = closeOf(old);
    const fresh = await connectAs(config);
    await closed;
    expect(fresh.connected).toBe(true);
  });
});

describe('PUBLISH', () => {
  test.each([
    ['another device’s up', 't/AAAAAAAAAAA/up', {}],
    ['another device’s status', 't/AAAAAAAAAAA/status', {}],
    ['its own down', 'OWN/down', {}],
    ['another root', 'x/AAAAAAAAAAA/up', {}],
    ['$SYS', '$SYS/broker/heartbeat', {}],
    ['a deeper topic', 'OWN/up/more', {}],
    ['up, retained', 'OWN/up', { retain: true }],
    ['up at QoS 2', 'OWN/up', { qos: 2 as const }],
  ])('on %s cuts the connection and nothing is taken in', async (_name, topic, options) => {
    const hub = await startHub();
    const payer = await payAt(hub);
    const closed = closeOf(payer.client);
    payer.client.publish(topic.replace('OWN', `t/${payer.config.device}`), 'x', { qos: 1, ...options });
    await closed;
    expect(hub.counters()).toMatchObject({ accepted: 0, rejected: 0 });
    expect(hub.status().devices[0]?.channel).toBeNull();
  });

  test('one device’s message under another’s name is refused by its signature as well', async () => {
    const hub = await startHub();
    const [alice, mallory] = [await payAt(hub), await payAt(hub, { label: 'other' })];
    await mallory.send(alice.commitment(1));
    expect(await mallory.hears(() => true)).toMatchObject({ kind: 'reject', reason: 'bad-signature' });
  });
});

describe('SUBSCRIBE', () => {
  test.each(['#', '+/+/down', 't/#', 't/AAAAAAAAAAA/down', '$SYS/#', 'OWN/up', 'OWN/status', 'OWN/#', 'OWN/+'])(
    'to %s is refused',
    async (filter) => {
      const hub = await startHub();
      const payer = await payAt(hub);
      const [, packet] = await new Promise<unknown[]>((resolve) => {
        payer.client.subscribe(filter.replace('OWN', `t/${payer.config.device}`), (...answer) => resolve([answer[0], answer[2]]));
      });
      expect((packet as { granted?: number[] } | undefined)?.granted).toEqual([128]);
    },
  );
});

describe('status', () => {
  const statusOf = (config: DeviceConfig): string => `t/${config.device}/status`;

  test('what a device says of itself is shown, and its going too', async () => {
    const hub = await startHub();
    const config = enrolAt(hub);
    const shown = (): unknown => hub.status().devices[0]?.state;
    expect(shown()).toBe('never seen');
    const will = {
      topic: statusOf(config),
      payload: Buffer.from(writeStatus('offline', 0, 9), 'latin1'),
      qos: 1 as const,
      retain: true,
    };
    const client = await connectAs(config, { will });
    const status = Buffer.from(writeStatus('serving', 3, 9), 'latin1');
    await client.publishAsync(statusOf(config), status, { qos: 1, retain: true });
    await expect.poll(shown).toBe('serving');
    client.stream.destroy();
    await expect.poll(shown).toBe('offline');
  });

  test('a status that cannot be read is ignored', async () => {
    const hub = await startHub();
    const payer = await payAt(hub);
    await payer.client.publishAsync(statusOf(payer.config), 'no status', { qos: 1 });
    await payer.send(payer.commitment(1));
    expect(hub.status().devices[0]).toMatchObject({ state: 'offline', channel: 1 });
  });
});
