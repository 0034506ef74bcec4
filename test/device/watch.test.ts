// The watchdog: fed by a board that works, with a hub or without; not fed when a handler died, nor when a hub that once answered is silent for long.

import { describe, expect, test } from 'vitest';
import { createBlinker } from '../../device/blink.ts';
import { interpreterFault } from '../../device/checks.ts';
import type { Firmware } from '../../device/firmware.ts';
import { createFirmware } from '../../device/firmware.ts';
import { checkIdentity, settingsOf } from '../../device/settings.ts';
import { createProfile } from '../../device/profiles/generic.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { createFlashModel, randomOf } from './flash-model.ts';
import { createJudgingHub } from './judging-hub.ts';
import { sha256 } from './node-board.ts';
import { exampleConfig } from './stand-in-hub.ts';
import type { World } from './virtual-world.ts';
import { after, createClock, createWorld, pass } from './virtual-world.ts';

const METER = { kind: 'pulse', pin: 'D4', unitsPerPulse: 1, debounceMs: 10 } as const;
const CONFIG = exampleConfig(1883, { meter: METER });
const HOUR_MS = 3600000;

interface Watched {
  readonly world: World;
  readonly firmware: Firmware;
  readonly codes: number[];
  /** The longest time without food so far, and the time of the last meal. */
  hungerMs(): number;
}

function start(before: (world: World) => void = () => undefined): Watched {
  const flash = createFlashModel(16, 4096);
  const world = createWorld({ config: CONFIG, hub: createJudgingHub(), random: randomOf(7), pageFlash: flash, files: new Map() });
  before(world);
  let fedAtMs = 0;
  const codes: number[] = [];
  const board = {
    ...world.board,
    feedWatchdog: () => void (fedAtMs = world.clock.nowMs),
    showCode: (code: number) => void codes.push(code),
  };
  const firmware = createFirmware(board, settingsOf(CONFIG), createProfile);
  firmware.start();
  return { world, firmware, codes, hungerMs: () => world.clock.nowMs - fedAtMs };
}

/** True if the board was never without food for a minute. */
function staysFed(watched: Watched, ms: number): boolean {
  const endMs = watched.world.clock.nowMs + ms;
  while (watched.world.clock.nowMs < endMs) {
    pass(watched.world.clock, 10000);
    if (watched.hungerMs() >= 60000) return false;
  }
  return true;
}

describe('the watchdog', () => {
  test('is fed while the board idles, pays, and is offline for days', () => {
    const watched = start();
    expect(staysFed(watched, HOUR_MS)).toBe(true);
    watched.world.pulse();
    expect(staysFed(watched, HOUR_MS)).toBe(true);
    watched.world.up = false;
    watched.world.cutLink(true);
    watched.world.pulse();
    expect(staysFed(watched, 72 * HOUR_MS)).toBe(true);
    expect(watched.firmware.snapshot().state).toBe('offline');
  });

  test('is fed by a board that never found its hub', () => {
    const watched = start((world) => (world.up = false));
    watched.world.pulse();
    expect(staysFed(watched, 24 * HOUR_MS)).toBe(true);
  });

  test('is not fed once a timer has been lost', () => {
    let lost = false;
    const watched = start((world) => {
      const set = world.board.after.bind(world.board);
      world.board.after = (ms, run) => (lost && ms === 0 ? 999999 : set(ms, run));
    });
    lost = true;
    watched.world.pulse();
    expect(staysFed(watched, HOUR_MS)).toBe(false);
    expect(watched.world.lines).toContain('restart: the board or its hub does not answer any more');
  });

  test('is not fed once the link has lost its timer, be it for a ping or for the pause before the next attempt', () => {
    for (const cut of [false, true]) {
      let lost = false;
      const watched = start((world) => {
        const set = world.board.after.bind(world.board);
        world.board.after = (ms, run) => (lost && ms > 100 && ms !== 10000 ? 999999 : set(ms, run));
      });
      expect(staysFed(watched, HOUR_MS)).toBe(true);
      lost = true;
      if (cut) watched.world.cutLink(false);
      expect(staysFed(watched, HOUR_MS)).toBe(false);
    }
  });

  test('is not fed when a connected hub that has answered before is silent for half an hour; what is metered is recorded before', () => {
    const watched = start();
    watched.world.pulse();
    expect(staysFed(watched, HOUR_MS)).toBe(true);
    watched.world.mute = true;
    watched.world.pulse();
    expect(staysFed(watched, HOUR_MS / 3)).toBe(true);
    expect(staysFed(watched, HOUR_MS)).toBe(false);
  });

  test('is fed while a hub is silent that has not answered since boot: one restart, no loop', () => {
    const watched = start((world) => (world.mute = true));
    watched.world.pulse();
    expect(staysFed(watched, 24 * HOUR_MS)).toBe(true);
  });

  test('is fed while flash refuses, because a restart would lose what is not recorded; the lamp tells', () => {
    let full = true;
    const watched = start((world) => {
      const flash = world.board.pageFlash as { write: (page: number, at: number, bytes: string) => void };
      const write = flash.write.bind(flash);
      flash.write = (page, at, bytes) => (full ? undefined : write(page, at, bytes));
    });
    watched.world.pulse();
    expect(staysFed(watched, HOUR_MS / 6)).toBe(true);
    expect(watched.firmware.snapshot().state).toBe('fault');
    expect(watched.codes).toEqual([4]);
    expect(watched.world.lines.filter((line) => line.startsWith('fault'))).toHaveLength(1);
    full = false;
    expect(staysFed(watched, 60000)).toBe(true);
    expect(watched.firmware.snapshot()).toMatchObject({ state: 'serving', uncoveredUnits: 0, registerUnits: 1 });
    expect(watched.codes).toEqual([4, 0]);
  });
});

describe('before the start', () => {
  test.each([
    ['2v29', ''],
    ['2v29.277', ''],
    ['2v30', ''],
    ['3v01', ''],
    ['2v28.99', 'got 2v28.99'],
    ['1v99', 'got 1v99'],
    ['', 'expected Espruino 2v29'],
  ])('an Espruino %s', (version, sentence) => {
    const fault = interpreterFault(version, true);
    if (sentence === '') expect(fault).toBe('');
    else expect(fault).toContain(sentence);
  });

  test('an Espruino without hashes', () => {
    expect(interpreterFault('2v29', false)).toContain('no crypto module');
  });

  test('a whole configuration, and each half of one', () => {
    const refusal =
      (config: unknown): (() => void) =>
      () =>
        checkIdentity(settingsOf(config as DeviceConfig), sha256);
    expect(refusal(CONFIG)).not.toThrow();
    for (const name of [
      'device',
      'seed',
      'publicKey',
      'macKey',
      'password',
      'hub',
      'host',
      'root',
      'payee',
      'tariff',
      'port',
      'limitUnits',
    ] as const) {
      const half = Object.fromEntries(Object.entries(CONFIG).filter(([field]) => field !== name));
      expect(refusal(half)).toThrow('expected ' + name + ' as ');
    }
    expect(refusal({ ...CONFIG, port: 1.5 })).toThrow('expected port as a whole number');
    expect(refusal({ ...CONFIG, meter: undefined })).toThrow('expected meter');
    expect(refusal({ ...CONFIG, publicKey: '00'.repeat(32) })).toThrow('has another public key');
  });

  test('a lamp says a number, then another, then goes out and stays out', () => {
    const clock = createClock();
    let flashes = 0;
    let lit = false;
    const say = createBlinker(
      (on) => {
        if (on && !lit) flashes++;
        lit = on;
      },
      (ms, run) => void after(clock, ms, run),
    );
    say(3);
    pass(clock, 1400);
    expect(flashes).toBe(3);
    pass(clock, 10 * (6 * 200 + 1500));
    expect(flashes).toBeGreaterThan(20);
    say(0);
    pass(clock, 5000);
    const before = flashes;
    pass(clock, 60000);
    expect([flashes, lit, clock.due.length]).toEqual([before, false, 0]);
  });
});
