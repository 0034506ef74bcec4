// The firmware over real MQTT and TCP, on a Board made of Node, against a stand-in hub that verifies everything.

import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Firmware } from '../../device/firmware.ts';
import { createFirmware } from '../../device/firmware.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import type { Flash, NodeBoard } from './node-board.ts';
import { createNodeBoard } from './node-board.ts';
import type { StandIn } from './stand-in-hub.ts';
import { exampleConfig, openStandIn } from './stand-in-hub.ts';

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20000, interval: 10 });

let firmware: Firmware | undefined;
let hub: StandIn | undefined;

afterEach(async () => {
  firmware?.halt();
  await hub?.close();
  firmware = undefined;
  hub = undefined;
});

function boot(config: DeviceConfig, flash: Flash = new Map()): { firmware: Firmware; board: NodeBoard } {
  const board = createNodeBoard(flash);
  firmware = createFirmware(board, config);
  firmware.start();
  return { firmware, board };
}

describe('paying', () => {
  test('units become accepted units, and close leaves nothing open', async () => {
    hub = await openStandIn(exampleConfig(0));
    const opened = hub;
    const { firmware } = boot(exampleConfig(hub.port));
    firmware.count(3);
    await until(() => expect(opened.acceptedUnits()).toBe(3));
    firmware.count(4);
    await until(() => expect(firmware.snapshot().acceptedUnits).toBe(7));
    expect(firmware.snapshot()).toMatchObject({
      state: 'serving',
      registerUnits: 7,
      uncoveredUnits: 0,
      rejects: 0,
      closed: false,
    });
    firmware.close();
    firmware.close();
    await until(() => expect(firmware.snapshot().closed).toBe(true));
    expect(hub.channels.get(1)).toMatchObject({ acceptedUnits: 7, closed: true });
    await until(() => expect(opened.states.at(-1)).toBe('stopped'));
  });
});
