// The two commands as a user types them: firmware onto the real interpreter over TCP, its boot from Storage, the hub's first receipt, and the counters; and
// each reason why there is no receipt.

import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openBoard } from '../../device/upload/board-console.ts';
import type { Counters } from '../../device/upload/counters.ts';
import { parsePort } from '../../device/upload/port.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { freshFolder, lastJson, tallystick } from '../cli/run.ts';
import type { NetworkedBoard } from './networked-board.ts';
import { createNetworkedBoard, interpreterPath, TURN_MS } from './networked-board.ts';
import type { Site } from './site.ts';
import { openSite } from './site.ts';

if (interpreterPath === '')
  console.warn('SKIPPED: flashing the real interpreter; set ESPRUINO to the path of an Espruino for Linux');

interface Flashed {
  readonly device: string;
  readonly board: string;
  readonly bytes: number;
  readonly counters: Counters;
}

describe.skipIf(interpreterPath === '')('device flash, device monitor', { timeout: 300_000 }, () => {
  let site: Site;
  let board: NetworkedBoard;

  beforeEach(async () => {
    site = await openSite();
    board = await createNetworkedBoard();
  }, TURN_MS);

  afterEach(async () => {
    await board.remove();
    await site.close();
  });

  const flash = (config: DeviceConfig, ...words: string[]): ReturnType<typeof tallystick> =>
    tallystick('device', 'flash', config.device, '--port', board.port, '--data', site.dataDir, ...words);

  const look = async (): Promise<Counters> => {
    const seen = await tallystick('device', 'monitor', '--port', board.port, '--once', '--json');
    expect(seen).toMatchObject({ code: 0, stderr: '' });
    return lastJson<Counters>(seen);
  };

  test('a blank board pays, also after a power cut, and after it was flashed again', async () => {
    const config = site.enrol();
    const flashed = await flash(config, '--wait', '4m', '--json');
    expect(flashed).toMatchObject({ code: 0, stderr: expect.stringMatching(/\d+ bytes written and read back/) as string });
    const answer = lastJson<Flashed>(flashed);
    expect(answer).toMatchObject({ device: config.device, board: expect.stringMatching(/^LINUX/) as string });
    expect(answer.counters.receipts).toBeGreaterThan(0);
    expect(flashed.stdout + flashed.stderr).not.toContain(config.seed);

    const accepted = (): number => site.hub.status().units.accepted;
    await vi.waitFor(() => expect(accepted()).toBeGreaterThan(0), { timeout: 60_000, interval: 200 });
    const before = await look();
    expect(before).toMatchObject({ state: 'serving', channel: 1, rejects: 0 });
    expect(before.sentVouchers).toBeGreaterThan(0);
    expect(before.freeVariables).toBeLessThan(before.totalVariables);

    await board.powerCycle();
    const atCut = accepted();
    await vi.waitFor(() => expect(accepted()).toBeGreaterThan(atCut), { timeout: 60_000, interval: 200 });
    expect((await look()).registerUnits).toBeGreaterThanOrEqual(before.registerUnits);

    expect(site.hub.status().devices).toMatchObject([{ firmware: { build: 'sensor', version: 1 } }]);
    const again = await flash(config);
    expect(again).toMatchObject({ stderr: expect.not.stringContaining('tallystick: ') as string, code: 0 });
    expect(again.stderr).toContain('the board holds all of it already');
    expect(again.stdout).toMatch(/pays: first receipt on channel 1, /);
    expect((await look()).registerUnits).toBeGreaterThanOrEqual(before.registerUnits);
    expect(site.hub.status().balanced).toBe(true);
  });

  test('the monitor says so when no firmware runs', async () => {
    const nothing = await tallystick('device', 'monitor', '--port', board.port, '--once');
    expect(nothing).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/no Tallystick firmware runs .* device flash/) as string,
    });
  });

  test('hub not reachable', async () => {
    const config = site.enrol();
    await site.hub.close();
    const outcome = await flash(config, '--wait', '12s');
    expect(outcome.code).toBe(4);
    expect(outcome.stderr).toMatch(/tallystick: hub not reachable: .*127\.0\.0\.1:\d+.*\(waited 12 s/);
    expect(await look()).toMatchObject({ state: 'offline', receipts: 0 });
  });

  test('key not enrolled', async () => {
    const config = site.enrol();
    expect((await tallystick('device', 'revoke', config.device, '--data', site.dataDir)).code).toBe(0);
    const outcome = await flash(config, '--wait', '2m');
    expect(outcome.stderr).toMatch(/tallystick: key not enrolled: .*user name or password.*revoked\?/);
    expect(outcome.code).toBe(6);
  });

  test('no Wi-Fi', async () => {
    const config = site.enrol({ wifi: { ssid: 'cellar', password: 'secret' } });
    const port = parsePort(board.port);
    if (typeof port === 'string') throw new Error(port);
    const hands = await openBoard(port);
    await hands.greet(10_000, false);
    const radio = 'exports.on=function(){};exports.connect=function(n,o,done){setTimeout(done,500,"no such network")};';
    await hands.ask(
      `require("Storage").write(".boot0",${JSON.stringify(`Modules.addCached("Wifi",${JSON.stringify(radio)});`)})`,
      5000,
    );
    hands.close();
    const outcome = await flash(config, '--wait', '12s');
    expect(outcome.code).toBe(4);
    expect(outcome.stderr).toMatch(/tallystick: no Wi-Fi: .*"cellar"/);
    expect(outcome.stderr).not.toContain('secret');
  });
});

describe('device flash, without a board', () => {
  test.each([
    ['an unknown device', ['AAAAAAAAAAA', '--port', 'tcp://127.0.0.1:1'], 3, /no configuration of AAAAAAAAAAA/],
    ['no device id', ['lobby', '--port', 'tcp://127.0.0.1:1'], 2, /expected a device id/],
    ['a port that is none', ['AAAAAAAAAAA', '--port', 'udp://x:1'], 2, /--port: expected tcp:\/\/HOST:PORT/],
    ['no port', ['AAAAAAAAAAA'], 2, /--port/],
  ])('%s', async (_what, words, code, sentence) => {
    const data = freshFolder();
    const outcome = await tallystick('device', 'flash', ...words, '--data', data);
    rmSync(data, { recursive: true });
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toMatch(sentence);
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
  });

  test.each([
    ['tcp://127.0.0.1:1', /no board at tcp:\/\/127\.0\.0\.1:1: nothing listens there/],
    ['/dev/no-such-port', /no board at \/dev\/no-such-port: there is no such port/],
    ['/dev/null', /no board at \/dev\/null: /],
  ])('the monitor finds no board at %s', async (port, sentence) => {
    const outcome = await tallystick('device', 'monitor', '--port', port);
    expect(outcome).toMatchObject({ code: 4, stderr: expect.stringMatching(sentence) as string });
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
  });
});
