// Prepaid on the board: it serves to the unit what it was granted, offline too and after a reboot, and believes only grants of its hub that raise.

import { afterEach, describe, expect, test, vi } from 'vitest';
import fc from 'fast-check';
import { readBook, writeBook, blankBook } from '../../device/book.ts';
import type { Firmware } from '../../device/firmware.ts';
import { createFirmware } from '../../device/firmware.ts';
import { settingsOf } from '../../device/settings.ts';
import { macOf } from '../../device/mac.ts';
import { createProfile as generic } from '../../device/profiles/generic.ts';
import { createProfile as sensor } from '../../device/profiles/sensor.ts';
import { createStorage, loadNewest } from '../../device/storage.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { fromHex } from '../../shared/bytes.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import type { Context } from '../../shared/cose.ts';
import { writeGrant } from '../../shared/downlink.ts';
import type { DeviceId, HubId } from '../../shared/identity.ts';
import type { Flash, NodeBoard } from './node-board.ts';
import { createNodeBoard, sha256 } from './node-board.ts';
import type { StandIn } from './stand-in-hub.ts';
import { exampleConfig, openStandIn } from './stand-in-hub.ts';

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 15000, interval: 5 });

const PREPAID: Partial<DeviceConfig> = {
  prepaid: true,
  lowBalanceUnits: 2,
  meter: { kind: 'pulse', pin: 'D4', unitsPerPulse: 1, debounceMs: 0 },
  output: { pin: 'D5', activeLow: false },
};

let running: Firmware[] = [];
let hubs: StandIn[] = [];

afterEach(async () => {
  for (const firmware of running) firmware.halt();
  for (const hub of hubs) await hub.close();
  running = [];
  hubs = [];
});

async function open(config: DeviceConfig, before?: StandIn): Promise<StandIn> {
  const hub = await openStandIn(config, before);
  hubs.push(hub);
  return hub;
}

async function shut(hub: StandIn): Promise<void> {
  hubs = hubs.filter((one) => one !== hub);
  await hub.close();
}

function boot(config: DeviceConfig, flash: Flash = new Map(), make = generic): { firmware: Firmware; board: NodeBoard } {
  const board = createNodeBoard(flash);
  const firmware = createFirmware(board, settingsOf(config), make);
  running.push(firmware);
  firmware.start();
  return { firmware, board };
}

/** A grant as the hub of this configuration makes it, but for what is changed. */
function grant(config: DeviceConfig, ceilingUnits: number, changes: { context?: Partial<Context>; key?: Bytes } = {}): Bytes {
  const context = { hub: fromHex(config.hub) as HubId, device: config.device, ...changes.context };
  return writeGrant({ kind: 'grant', ceilingUnits }, context, macOf(changes.key ?? (fromHex(config.macKey) as Bytes), sha256));
}

function recordedCeiling(board: NodeBoard, config: DeviceConfig): number {
  const book = readBook(loadNewest(createStorage(board, config.device)) ?? expect.fail('no record'));
  return typeof book === 'string' ? expect.fail(book) : book.ceilingUnits;
}

interface Granted {
  readonly hub: StandIn;
  readonly config: DeviceConfig;
  readonly firmware: Firmware;
  readonly board: NodeBoard;
}

async function grantedBoard(ceilingUnits: number): Promise<Granted> {
  const hub = await open(exampleConfig(0, PREPAID));
  const config = exampleConfig(hub.port, PREPAID);
  const { firmware, board } = boot(config);
  await until(() => expect(board.lines).toContain('connected to 127.0.0.1'));
  hub.tell(grant(config, ceilingUnits));
  await until(() => expect(board.lines).toContain(`granted up to ${ceilingUnits} units in all`));
  return { hub, config, firmware, board };
}

describe('a prepaid board', () => {
  test('does not serve before its first grant', async () => {
    const hub = await open(exampleConfig(0, PREPAID));
    const { firmware, board } = boot(exampleConfig(hub.port, PREPAID), new Map(), sensor);
    await until(() => expect(hub.states).toContain('stopped'));
    expect(firmware.use('request')).toBe(false);
    expect(board.levels.get('D5')).toBe(false);
    expect(firmware.snapshot()).toMatchObject({ state: 'stopped', whyNot: 'no-grant', balanceUnits: 0, registerUnits: 0 });
  });

  test('stops offline with the pulse that uses up the balance; what is metered all the same stays owed', async () => {
    const { hub, firmware, board } = await grantedBoard(5);
    expect(board.levels.get('D5')).toBe(true);
    await shut(hub);
    await until(() => expect(firmware.snapshot().state).toBe('offline'));
    const levels: (boolean | undefined)[] = [];
    for (let i = 0; i < 5; i++) {
      board.pulse?.();
      levels.push(board.levels.get('D5'));
    }
    expect(levels).toEqual([true, true, true, true, false]);
    expect(firmware.snapshot()).toMatchObject({ state: 'stopped', whyNot: 'empty', balanceUnits: 0, registerUnits: 5 });
    board.pulse?.();
    expect(firmware.snapshot()).toMatchObject({ registerUnits: 6, balanceUnits: 0, uncoveredUnits: 6 });
  });

  test('warns once when little is left, and goes on serving after a top-up while running', async () => {
    const { hub, config, firmware, board } = await grantedBoard(4);
    for (let i = 0; i < 4; i++) board.pulse?.();
    expect(board.lines.filter((line) => line.startsWith('low balance'))).toEqual(['low balance: 2 units left']);
    await until(() => expect(firmware.snapshot()).toMatchObject({ uncoveredUnits: 0, lowBalance: true }));
    await until(() => expect(hub.states.at(-1)).toBe('stopped'));
    hub.tell(grant(config, 10));
    await until(() => expect(board.levels.get('D5')).toBe(true));
    expect(firmware.snapshot()).toMatchObject({ state: 'serving', whyNot: '', balanceUnits: 6, lowBalance: false });
    await until(() => expect(hub.states.at(-1)).toBe('serving'));
    expect(hub.acceptedUnits()).toBe(4);
  });

  test('remembers ceiling and register across a reboot without a hub', async () => {
    const { hub, config, firmware, board } = await grantedBoard(3);
    board.pulse?.();
    await until(() => expect(hub.acceptedUnits()).toBe(1));
    firmware.halt();
    await shut(hub);
    const second = boot(config, board.flash);
    expect(second.firmware.snapshot()).toMatchObject({ balanceUnits: 2, registerUnits: 1 });
    expect(second.board.levels.get('D5')).toBe(true);
    second.board.pulse?.();
    second.board.pulse?.();
    await until(() => expect(second.firmware.snapshot()).toMatchObject({ issuedUnits: 3 }));
    second.firmware.halt();
    const third = boot(config, board.flash);
    expect(third.firmware.snapshot()).toMatchObject({ whyNot: 'empty', balanceUnits: 0, registerUnits: 3 });
    expect(third.board.levels.get('D5')).toBe(false);
  });

  test('believes no grant that is older, forged, for another device or from another hub', async () => {
    const { hub, config, firmware, board } = await grantedBoard(5);
    const untrue = [
      grant(config, 5),
      grant(config, 4),
      grant(config, 0),
      grant(config, 100, { key: '\x01'.repeat(32) }),
      grant(config, 100, { context: { device: 'AAAAAAAAAAA' as DeviceId } }),
      grant(config, 100, { context: { hub: '\x01'.repeat(8) as HubId } }),
      grant(config, 100).slice(0, -1) + '\0',
    ];
    for (const message of untrue) hub.tell(message);
    board.pulse?.(); // its receipt comes after all of them
    await until(() => expect(firmware.snapshot()).toMatchObject({ acceptedUnits: 1 }));
    expect(firmware.snapshot().balanceUnits).toBe(4);
    expect(recordedCeiling(board, config)).toBe(5);
  });

  test('serves nothing under a grant that flash would not take', async () => {
    const hub = await open(exampleConfig(0, PREPAID));
    const config = exampleConfig(hub.port, PREPAID);
    const { firmware, board } = boot(config);
    await until(() => expect(board.lines).toContain('connected to 127.0.0.1'));
    board.flashWorks = false;
    hub.tell(grant(config, 5));
    await until(() => expect(firmware.snapshot().state).toBe('fault'));
    expect(board.levels.get('D5')).toBe(false);
    board.flashWorks = true;
    await until(() => expect(board.levels.get('D5')).toBe(true));
    expect(recordedCeiling(board, config)).toBe(5);
  });

  test('a timer that stands in for the machine stops at the ceiling, also in the middle of its units', async () => {
    const meter = { kind: 'timer', everyMs: 2, units: 4 } as const;
    const hub = await open(exampleConfig(0, { ...PREPAID, meter }));
    const config = exampleConfig(hub.port, { ...PREPAID, meter });
    const { firmware, board } = boot(config);
    await until(() => expect(board.lines).toContain('connected to 127.0.0.1'));
    hub.tell(grant(config, 10));
    await until(() => expect(hub.acceptedUnits()).toBe(10));
    expect(firmware.snapshot()).toMatchObject({ registerUnits: 10, whyNot: 'empty' });
  });
});

test('a board that is not prepaid has no ceiling, until it hears one', async () => {
  const hub = await open(exampleConfig(0));
  const config = exampleConfig(hub.port);
  const { firmware, board } = boot(config);
  firmware.count(3);
  await until(() => expect(hub.acceptedUnits()).toBe(3));
  expect(firmware.snapshot()).toMatchObject({ whyNot: '', balanceUnits: -1, lowBalance: false });
  hub.tell(grant(config, 3));
  await until(() => expect(firmware.snapshot()).toMatchObject({ whyNot: 'empty', balanceUnits: 0 }));
  expect(recordedCeiling(board, config)).toBe(3);
});

test('the record: without a ceiling as it was before there were grants, with one read back the same', () => {
  expect(writeBook(blankBook()).charCodeAt(0)).toBe(0x84);
  fc.assert(
    fc.property(fc.maxSafeNat(), (ceilingUnits) => {
      const bytes = writeBook({ ...blankBook(), ceilingUnits });
      expect(readBook(bytes)).toEqual({ ...blankBook(), ceilingUnits });
      for (let at = 0; at < bytes.length; at++) expect(typeof readBook(bytes.substring(0, at))).toBe('string');
    }),
  );
});
