// A board that cannot sign: without the table, with a damaged one, with another key's seed. It says so once, stops with that reason, and goes on metering; and it never signs.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { baseTable } from '../../device/build/table.ts';
import { TABLE_FILE } from '../../device/ed25519table.ts';
import type { Firmware } from '../../device/firmware.ts';
import { createFirmware } from '../../device/firmware.ts';
import { createProfile } from '../../device/profiles/generic.ts';
import { settingsOf } from '../../device/settings.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { beginVerification } from '../../device/verify.ts';
import type { NodeBoard } from './node-board.ts';
import { createNodeBoard } from './node-board.ts';
import type { StandIn } from './stand-in-hub.ts';
import { exampleConfig, openStandIn } from './stand-in-hub.ts';

let firmware: Firmware | undefined;
let hub: StandIn | undefined;

afterEach(async () => {
  firmware?.halt();
  await hub?.close();
});

function boot(config: DeviceConfig, table: string): { firmware: Firmware; board: NodeBoard } {
  const board = createNodeBoard(new Map([[TABLE_FILE, table]]), { native: false });
  const running = createFirmware(board, settingsOf(config), createProfile);
  firmware = running;
  running.start();
  return { firmware: running, board };
}

const whole = baseTable().toString('latin1');

/** One bit of one entry, as worn flash has it. */
function withFlippedBit(table: string, at: number): string {
  return table.slice(0, at) + String.fromCharCode(table.charCodeAt(at) ^ 4) + table.slice(at + 1);
}

describe('a board that cannot sign', () => {
  test.each([
    ['without a table', '', {}, 'ts.table is missing or damaged: flash the board again'],
    ['with half a table', whole.slice(0, 14616), {}, 'ts.table is missing or damaged: flash the board again'],
    ['with a flipped bit at the start', withFlippedBit(whole, 0), {}, 'ts.table is missing or damaged: flash the board again'],
    [
      'with a flipped bit at the end',
      withFlippedBit(whole, whole.length - 1),
      {},
      'ts.table is missing or damaged: flash the board again',
    ],
    [
      "with another key's seed",
      whole,
      { seed: '11'.repeat(32) },
      'the secret key does not belong to the public key: provision the board again',
    ],
  ])('%s', async (_name, table, changes, reason) => {
    hub = await openStandIn(exampleConfig(0));
    const { firmware, board } = boot({ ...exampleConfig(hub.port), ...changes }, table);
    firmware.count(3);
    await vi.waitFor(() => expect(firmware.snapshot()).toMatchObject({ state: 'stopped' }), { timeout: 15_000, interval: 5 });
    firmware.count(4);
    await vi.waitFor(() => expect(firmware.snapshot()).toMatchObject({ registerUnits: 7, uncoveredUnits: 7 }), {
      timeout: 15_000,
      interval: 5,
    });
    await new Promise((done) => setTimeout(done, 1500)); // longer than a failed slice would wait for its next try
    expect(board.lines.filter((line) => line === 'cannot sign: ' + reason)).toHaveLength(1);
    expect(board.lines.filter((line) => line.startsWith('fault'))).toEqual([]);
    expect(hub.messages).toEqual([]);
  });
});

describe('a board that verifies', () => {
  test("says no without the hub's key", () => {
    const board = createNodeBoard(new Map(), { native: false });
    expect(beginVerification(board, 'message', 'x'.repeat(64))()).toBe(false);
    expect(board.lines).toEqual(['cannot verify: ts.table or ts.hub is missing: flash the board again']);
  });
});
