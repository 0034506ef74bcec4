// `device update` beside a running hub, with a stand-in for the board that speaks MQTT and loads the file as a board does: what the operator sees until it runs,
// when it fails, and when nobody is there.

import { connect } from 'mqtt';
import type { MqttClient } from 'mqtt';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { enrol } from '../../hub/enrol.ts';
import type { Hub } from '../../hub/hub.ts';
import { openHub } from '../../hub/hub.ts';
import { macOf } from '../../hub/proofs.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { fromHex } from '../../shared/bytes.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { decodeDownlink } from '../../shared/downlink.ts';
import type { HubId } from '../../shared/identity.ts';
import type { Offer } from '../../shared/offer.ts';
import { fileDigest } from '../../shared/offer.ts';
import type { ReportState } from '../../shared/report.ts';
import { REPORT_STATES, writeReport } from '../../shared/report.ts';
import { sha256 } from '../device/node-board.ts';
import { requestOf } from '../hub/fixture.ts';
import { freshFolder, lastJson, tallystick } from './run.ts';

interface Answer {
  readonly updates: readonly { device: string; build: string; version: number; kind: string; sentence: string }[];
}

const QUICK = { grantEveryMs: 100, pieceEveryMs: 20 };

describe('device update', { timeout: 120_000 }, () => {
  let dataDir: string;
  let hub: Hub;
  let config: DeviceConfig;
  let client: MqttClient | undefined;

  beforeEach(async () => {
    dataDir = freshFolder();
    hub = await openHub({ dataDir, host: '127.0.0.1', port: 0, root: 't', log: pino({ level: 'silent' }), ...QUICK });
    config = enrol(hub.store, requestOf(hub.port));
  });

  afterEach(async () => {
    await client?.endAsync(true);
    client = undefined;
    await hub.close();
  });

  /** Runs version 1; `end` says how the new one ends on it. Gives what it has loaded. */
  async function standIn(end: ReportState): Promise<{ file: Bytes; offer: Offer | undefined }> {
    const loaded: { file: Bytes; offer: Offer | undefined } = { file: '', offer: undefined };
    const context = { hub: fromHex(config.hub) as HubId, device: config.device };
    const mac = macOf(fromHex(config.macKey) ?? '');
    const topic = (leaf: string): string => `t/${config.device}/${leaf}`;
    const { device, password } = config;
    const board = connect(`mqtt://127.0.0.1:${hub.port}`, { clientId: device, username: device, password, reconnectPeriod: 0 });
    client = board;
    let version = 1;
    const say = (state: ReportState, offered: number, at: number): void => {
      const items = { version, build: 'vending', code: REPORT_STATES.indexOf(state), offered, at };
      board.publish(topic('up'), Buffer.from(writeReport(items), 'latin1'), { qos: 1 });
    };
    const settle = (offer: Offer): void => {
      say('ready', offer.version, offer.fileBytes);
      if (end !== 'running') return say(end, offer.version, 0);
      version = offer.version;
      say('trial', 0, 0);
    };
    board.on('message', (_topic, payload) => {
      const said = decodeDownlink(payload.toString('latin1'), context, mac);
      if (typeof said === 'string') throw new Error(said);
      if (said.kind === 'offer' && said.version === version) return say('running', 0, 0);
      if (said.kind === 'offer') loaded.offer = said;
      if (said.kind === 'piece' && said.at === loaded.file.length) loaded.file += said.bytes;
      const { offer, file } = loaded;
      if (offer === undefined) return;
      if (file.length < offer.fileBytes) say('loading', offer.version, file.length);
      else settle(offer);
    });
    await new Promise((resolve) => board.once('connect', resolve));
    await board.subscribeAsync(topic('down'));
    say('running', 0, 0);
    return loaded;
  }

  /** Version 1 is a file that no build makes. */
  const publishFirst = (): void => {
    const terms = { build: 'vending', version: 1, fileBytes: 4, digest: '\0'.repeat(32), signature: '\0'.repeat(64) };
    hub.store.atomically(() => hub.store.firmware.add(terms, 'code', 0));
  };

  test('builds, signs, brings and follows it until it runs', async () => {
    publishFirst();
    const loaded = await standIn('running');
    const outcome = await tallystick('device', 'update', config.device, '--data', dataDir, '--json');
    expect(outcome.stderr).toMatch(/version 2: offered\n[^]*running version 2\n1 of 1 run it/);
    expect(outcome.code).toBe(0);
    expect(lastJson<Answer>(outcome).updates).toMatchObject([
      { device: config.device, build: 'vending', version: 2, kind: 'running', sentence: 'running version 2' },
    ]);
    expect(fileDigest(loaded.file, sha256)).toBe(loaded.offer?.digest);
    expect(loaded.file).not.toContain(config.password);

    const list = await tallystick('device', 'list', '--data', dataDir);
    expect(list.stdout).toContain('firmware 2 (update: running version 2)');
    const again = await tallystick('device', 'update', '--all', '--profile', 'vending', '--data', dataDir, '--json');
    expect(lastJson<Answer>(again).updates).toMatchObject([{ version: 2, kind: 'running' }]);
  });

  test('ends with 6 when it is rolled back', async () => {
    publishFirst();
    await standIn('rolled-back');
    const outcome = await tallystick('device', 'update', config.device, '--data', dataDir);
    expect(outcome.stderr).toContain('version 2: rolled back: it gave no sign of life');
    expect(outcome.stderr).toContain('the update has failed on 1 of 1 devices');
    expect(outcome.code).toBe(6);
  });

  test('ends with 4 when nobody is there in time, and the order stands', async () => {
    const outcome = await tallystick('device', 'update', '--all', '--wait', '1s', '--data', dataDir);
    expect(outcome.stderr).toContain('waits for the device to report');
    expect(outcome.code).toBe(4);
    expect(hub.store.firmware.orders()).toMatchObject([{ device: config.device, version: 1 }]);
    expect((await tallystick('device', 'update', '--all', '--wait', '0s', '--data', dataDir)).code).toBe(0);
  });

  test.each([
    [[], 2, /expected either a device or --all/],
    [['AAAAAAAAAAA', '--all'], 2, /expected either a device or --all/],
    [['AAAAAAAAAAA'], 3, /no such device/],
    [['lobby'], 2, /expected a device id/],
    [['--all', '--profile', 'charging'], 3, /no such device/],
    [['--all', '--profile', 'nothing'], 2, /nothing/],
  ])('refuses %j', async (words, code, sentence) => {
    const outcome = await tallystick('device', 'update', ...words, '--data', dataDir);
    expect(outcome.stderr).toMatch(sentence);
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
  });

  test('refuses a revoked device', async () => {
    expect((await tallystick('device', 'revoke', config.device, '--data', dataDir)).code).toBe(0);
    const outcome = await tallystick('device', 'update', config.device, '--data', dataDir);
    expect(outcome).toMatchObject({ code: 6, stderr: expect.stringContaining('is revoked') as string });
  });
});
