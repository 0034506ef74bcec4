// Whole worlds: the same seed is the same world, planted defects are found, and a failing scenario is made smaller.

import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { htmlOf } from '../../simulator/html.ts';
import { DEFECTS } from '../../simulator/planted/catalogue.ts';
import { firstBroken } from '../../simulator/planted/hunt.ts';
import { loadScenario } from '../../simulator/scenario-file.ts';
import type { Scenario } from '../../simulator/scenario.ts';
import { outcomeOfSeed } from '../../simulator/seeds.ts';
import { shrink } from '../../simulator/shrink.ts';

const BAD_DAY = loadScenario('bad-day');
const HOUR_MS = 3_600_000;
/** Enough for every fault that comes by the hour; whole days are run in files of their own. */
const BAD_HOURS: Scenario = { ...BAD_DAY, duration: 4 * HOUR_MS };
/** Its hub is asked to restart every three minutes, and every six the disk is full for one. */
const NO_ROOM_TO_START: Scenario = {
  ...BAD_DAY,
  duration: HOUR_MS / 2,
  faults: { ...BAD_DAY.faults, hubRestart: { perDay: 480, lasts: 10_000 }, diskFull: { perDay: 240, lasts: 60_000 } },
};
const never = (): boolean => false;

const OPEN_FILES = '/proc/self/fd';

/** Of worlds, in this process. */
function openDatabases(): string[] {
  const targets = readdirSync(OPEN_FILES).flatMap((name) => {
    try {
      return [readlinkSync(join(OPEN_FILES, name))];
    } catch {
      return []; // what listed them
    }
  });
  return targets.filter((path) => path.includes('tallystick-world-'));
}

/** Each is found by the first seed. They stand for the rooms; `npm run simulate:planted` hunts all of them. */
const QUICKLY_FOUND = [
  'receipt-unsigned',
  'puback-before-commit',
  'signature-not-checked',
  'receipt-before-commit',
  'entry-posted-twice',
  'reserved-twice',
  'step-forgotten',
  'timeout-is-a-reject',
  'refund-to-another',
  'withheld-and-sent',
  'answer-before-journal',
  'record-dropped',
  'row-not-carried',
  'lane-believes',
];

describe('a world', () => {
  it('is the same for the same seed, and another one for another', { timeout: 180_000 }, async () => {
    const first = await outcomeOfSeed(BAD_HOURS, 7, never);
    const other = await outcomeOfSeed(BAD_HOURS, 8, never);
    const again = await outcomeOfSeed(BAD_HOURS, 7, never);
    expect(again.hash).toBe(first.hash);
    expect(again.units).toEqual(first.units);
    expect(other.hash).not.toBe(first.hash);
  });

  it(
    'takes vouchers the fast way in some lives of its hub, and past the judge alone in others',
    { timeout: 180_000 },
    async () => {
      const { vouchers } = await outcomeOfSeed(BAD_DAY, 1, never);
      expect(vouchers.onFastWay).toBeGreaterThan(100);
      expect(vouchers.onFastWay).toBeLessThan(vouchers.accepted - 100);
    },
  );

  it.skipIf(!existsSync(OPEN_FILES))('leaves no database open, though its hub finds no room when it starts', async () => {
    const { faults } = await outcomeOfSeed(NO_ROOM_TO_START, 2, never);
    expect(faults).toMatchObject({ 'hub restarted': expect.any(Number) as number, 'disk full': expect.any(Number) as number });
    expect(openDatabases()).toEqual([]);
  });
});

describe('planted defects', () => {
  it('have names of their own, thirty at least', () => {
    expect(new Set(DEFECTS.map((defect) => defect.id)).size).toBe(DEFECTS.length);
    expect(DEFECTS.length).toBeGreaterThanOrEqual(30);
  });

  it.each(QUICKLY_FOUND)('%s is found', async (id) => {
    const defect = DEFECTS.find((one) => one.id === id);
    expect(await firstBroken(BAD_DAY, 1, defect?.parts())).toBeDefined();
  });
});

describe('a failing scenario', () => {
  it('is made smaller, and what does not matter goes', async () => {
    const brokenBy = (scenario: Scenario): Promise<string | undefined> =>
      Promise.resolve(
        scenario.faults.hubKill !== undefined && scenario.groups.some((group) => group.name === 'sensor') ? 'rule' : undefined,
      );
    const smallest = await shrink({ scenario: BAD_DAY, brokenBy, onSmaller: () => undefined, stopAsked: never });
    expect(Object.keys(smallest.faults)).toEqual(['hubKill']);
    expect(smallest.groups.map(({ name, count }) => [name, count])).toEqual([['sensor', 1]]);
    expect(smallest.duration).toBeLessThan(HOUR_MS);
  });

  it('that holds cannot be made smaller', async () => {
    const brokenBy = (): Promise<undefined> => Promise.resolve(undefined);
    await expect(shrink({ scenario: BAD_DAY, brokenBy, onSmaller: () => undefined, stopAsked: never })).rejects.toThrow(
      /expected a scenario/,
    );
  });
});

it('the page needs nothing from the network, and takes names for text', async () => {
  const name = '<script>alert(1)</script>';
  const outcome = await outcomeOfSeed({ ...BAD_DAY, name, duration: HOUR_MS / 4 }, 1, never);
  const page = htmlOf(outcome, 'tallystick simulate x');
  expect(page).not.toContain('<script');
  expect(page).not.toMatch(/(src|href)=/);
  expect(page).toContain(outcome.hash);
  expect(page.match(/<polyline/g)?.length).toBe(6);
});
