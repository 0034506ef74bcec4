// Firmware over the air, as it goes in the field: the real hub, the command, and the real interpreter that starts from its flash. A new build replaces the old one
// while the board pays, also through a power cut; one that is no good is rolled back; and the board pays on through all of it.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { boardFiles, slotFile, updatable } from '../../device/build/board-files.ts';
import { buildFirmware } from '../../device/build/build.ts';
import { onDemand } from '../../device/build/on-demand.ts';
import { readHubKey } from '../../hub/key.ts';
import { orderUpdate, versionOf } from '../../hub/order.ts';
import type { FirmwareReport } from '../../hub/store-firmware.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { fileDigest, PIECE_BYTES } from '../../shared/offer.ts';
import { sha256 } from '../device/node-board.ts';
import type { FlashedBoard } from './flashed-board.ts';
import { createFlashedBoard, interpreterPath } from './flashed-board.ts';
import type { Site } from './site.ts';
import { openSite } from './site.ts';

if (interpreterPath === '')
  console.warn('SKIPPED: updates of the real interpreter; set ESPRUINO to the path of an Espruino for Linux');

const BUILD = 'sensor';
const until = <T>(check: () => T, timeout = 240_000): Promise<T> => vi.waitFor(check, { timeout, interval: 200 });

describe.skipIf(interpreterPath === '')('an update over the air', { timeout: 600_000 }, () => {
  let site: Site;
  let config: DeviceConfig;
  let board: FlashedBoard;
  let code: string;

  const accepted = (): number => site.hub.status().units.accepted;
  const status = (): { firmware: unknown; update: unknown } => site.hub.status().devices[0] ?? expect.fail();
  const report = (): FirmwareReport => site.hub.store.firmware.reportOf(config.device) ?? expect.fail();
  const publish = (text: string): number => versionOf(site.hub.store, BUILD, updatable(text));
  const order = (version: number): void => orderUpdate(site.hub.store, [config.device], { build: BUILD, version });

  beforeEach(async () => {
    site = await openSite({ pieceEveryMs: 60 });
    config = site.enrol();
    code = (await buildFirmware(BUILD)).code;
    const hubKey = readHubKey(site.dataDir) ?? expect.fail();
    const files = (await boardFiles(config, 0, { hubKey })).filter(({ name }) => !name.startsWith('ts.fw'));
    board = await createFlashedBoard([...files, slotFile(code, BUILD, publish(code))]);
    board.powerOn();
    await until(() => expect(accepted()).toBeGreaterThan(0));
    expect(status().firmware).toEqual({ build: BUILD, version: 1 });
  }, 240_000);

  afterEach(async () => {
    await board.remove();
    await site.close();
  });

  test('a new build is loaded while the board pays, through a power cut, and proves itself', async () => {
    const { text } = await buildFirmware(BUILD);
    const version = publish(onDemand(`global.second=1;${text}`));
    order(version);
    await until(() => expect(status().update).toMatch(/^loading, [2-9]\d %/));
    const whileLoading = accepted();
    const loadedBytes = report().at;
    await board.powerOff();
    board.powerOn();
    await until(() => expect(report().state).toBe('running'));
    await until(() => expect(report().state).toBe('loading'));
    expect(report().at).toBeGreaterThanOrEqual(loadedBytes - PIECE_BYTES); // not from its beginning
    await until(() => expect(accepted()).toBeGreaterThan(whileLoading));
    await until(() => expect(status().firmware).toEqual({ build: BUILD, version }));
    await until(() => expect(status().update).toBe(`running version ${version}`));
    board.type('print("SECOND",second,TS)');
    await until(() => expect(board.console()).toContain('SECOND 1 1'));
    const afterwards = accepted();
    await until(() => expect(accepted()).toBeGreaterThan(afterwards));
    expect(site.hub.status().balanced).toBe(true);
  });

  test('what the hub has not signed is refused before a byte of it is loaded', async () => {
    const file = updatable(`global.second=1;${code}`);
    const signature = '\x01'.repeat(64);
    const terms = { build: BUILD, version: 2, fileBytes: file.length, digest: fileDigest(file, sha256), signature };
    site.hub.store.atomically(() => site.hub.store.firmware.add(terms, file, 0));
    order(2);
    await until(() => expect(status().update).toContain("the signature is not this hub's"));
    expect(report()).toMatchObject({ state: 'not-signed', version: 1, offered: 2, at: 0 });
    board.type('print("FILES",require("Storage").list(/^ts.fw/).join())');
    await until(() => expect(board.console()).toContain('FILES ts.fw0\r'));
  });

  test('a build that is no good is rolled back, and the board says so and pays on', async () => {
    const version = publish(`throw new Error("no good");${code}`);
    order(version);
    await until(() => expect(status().update).toContain('rolled back'));
    expect(status().firmware).toEqual({ build: BUILD, version: 1 });
    expect(board.console().split('no good').length).toBeGreaterThan(3);
    const afterwards = accepted();
    await until(() => expect(accepted()).toBeGreaterThan(afterwards));
    expect(site.hub.status().balanced).toBe(true);
  });
});
