// Thirty days of a vending machine in virtual time: about a sale a minute, the link lost every ten minutes on average, half of the time in silence. In the end the
// hub's own judge has accepted every unit, and nothing on the board has grown.

import { expect, test } from 'vitest';
import { readBook } from '../../device/book.ts';
import { createFirmware } from '../../device/firmware.ts';
import { settingsOf } from '../../device/settings.ts';
import { createProfile } from '../../device/profiles/generic.ts';
import { createStorage, loadNewest } from '../../device/storage.ts';
import { createFlashModel, randomOf } from './flash-model.ts';
import { acceptedUnits, createJudgingHub } from './judging-hub.ts';
import { exampleConfig } from './stand-in-hub.ts';
import { after, createWorld, pass } from './virtual-world.ts';

const MINUTE_MS = 60000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const DAYS = 30;
const SEED = Number(process.env.TALLYSTICK_SEED ?? 1);

test(
  `${DAYS} days with a link that is lost every ten minutes: every unit is paid, nothing grows (seed ${SEED})`,
  { timeout: 300000 },
  () => {
    const random = randomOf(SEED);
    const waitMs = (meanMs: number): number => Math.ceil(-Math.log(1 - random()) * meanMs);
    const meter = { kind: 'pulse', pin: 'D4', unitsPerPulse: 1, debounceMs: 10 } as const;
    const config = exampleConfig(1883, { limitUnits: 1000, chainUnits: 1000, keepaliveSeconds: 60, meter });
    const flash = createFlashModel(16, 4096);
    const world = createWorld({ config, hub: createJudgingHub(), random, pageFlash: flash, files: new Map() });
    const { clock } = world;
    const firmware = createFirmware(world.board, settingsOf(config), createProfile);

    let sold = 0;
    let losses = 0;
    let timers = 0;
    let longestMs = 0;
    let paidAtMs = 0;
    const sell = (): void => {
      world.pulse();
      sold++;
      timers = Math.max(timers, world.boardTimers());
      if (firmware.snapshot().uncoveredUnits <= 1) paidAtMs = clock.nowMs;
      longestMs = Math.max(longestMs, clock.nowMs - paidAtMs);
      after(clock, waitMs(MINUTE_MS), sell);
    };
    const lose = (): void => {
      losses++;
      world.up = false;
      world.cutLink(random() < 0.5);
      after(clock, waitMs(MINUTE_MS), () => {
        world.up = true;
        after(clock, waitMs(9 * MINUTE_MS), lose);
      });
    };
    firmware.start();
    after(clock, 1000, sell);
    after(clock, waitMs(9 * MINUTE_MS), lose);

    let recordBytes = 0;
    for (let day = 1; day <= DAYS; day++) {
      pass(clock, DAY_MS);
      const record = loadNewest(
        createStorage({ ...world.board, pageFlash: createFlashModel(16, 4096, flash.cells) }, config.device),
      );
      const book = readBook(record ?? '');
      if (typeof book === 'string') expect.fail(book);
      expect(book.channels.length).toBeLessThanOrEqual(2);
      recordBytes = Math.max(recordBytes, record?.length ?? 0);
    }
    clock.due.splice(0, clock.due.length, ...clock.due.filter((one) => one.run !== sell && one.run !== lose));
    world.up = true;
    pass(clock, 10 * MINUTE_MS, () => firmware.snapshot().uncoveredUnits === 0);

    expect(firmware.snapshot()).toMatchObject({ state: 'serving', registerUnits: sold, uncoveredUnits: 0, rejects: 0 });
    expect(acceptedUnits(world.hub)).toBe(sold);
    expect(world.hub.refusals).toEqual([]);
    expect(sold).toBeGreaterThan(DAYS * 24 * 60 * 0.95);
    expect(losses).toBeGreaterThan(DAYS * 24 * 6 * 0.9);
    expect(timers).toBeLessThanOrEqual(8);
    expect(recordBytes).toBeLessThan(400);
    console.log(
      `${sold} units in ${world.hub.messages} messages over ${losses} losses; longest without all paid ${Math.round(longestMs / 1000)} s; at most ` +
        `${timers} timers, ${recordBytes} bytes of record; a page was erased ${Math.max(...flash.erasures)} times at most`,
    );
  },
);
