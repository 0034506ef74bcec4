// The profiles, each at its pins: what is counted, what is switched, and when neither happens. Time, pins and permission are in the test's hands.

import { describe, expect, test } from 'vitest';
import type { MakeProfile, Profile } from '../../device/profile.ts';
import { createProfile as charging } from '../../device/profiles/charging.ts';
import { createProfile as generic } from '../../device/profiles/generic.ts';
import { createProfile as sensor } from '../../device/profiles/sensor.ts';
import { createProfile as vending } from '../../device/profiles/vending.ts';
import type { DeviceConfig, VendMeter } from '../../shared/config.ts';
import type { FakeBoard } from './fake-board.ts';
import { createFakeBoard } from './fake-board.ts';
import { exampleConfig } from './stand-in-hub.ts';

const OUTPUT = { pin: 'D5', activeLow: false } as const;
const VENDS: VendMeter = {
  kind: 'vend',
  requestPin: 'D4',
  successPin: 'D18',
  failurePin: 'D19',
  debounceMs: 20,
  timeoutMs: 30_000,
  unitsPerVend: 1,
};

interface Rig {
  readonly board: FakeBoard;
  readonly profile: Profile;
  leftUnits: number;
  counted: number;
  pulse(pin: string): void;
  isOn(): boolean;
}

/** A firmware that grants as many units as the test says, and refreshes the profile after each count as the real one does. */
function rig(make: MakeProfile, changes: Partial<DeviceConfig> = {}): Rig {
  const board = createFakeBoard();
  const config = exampleConfig(1, { output: OUTPUT, ...changes });
  const made: Rig = {
    board,
    profile: make({
      board,
      config,
      whyNot: (units) => (made.leftUnits < units ? 'empty' : ''),
      count(units) {
        made.counted += units;
        made.leftUnits -= units;
        made.profile.refresh();
      },
    }),
    leftUnits: 1000,
    counted: 0,
    pulse: (pin) => (board.watches.get(pin) ?? expect.fail(`nobody watches ${pin}`))(),
    isOn: () => board.levels.get('D5') === true,
  };
  made.profile.start();
  expect(board.levels.get('D5')).toBe(config.output?.activeLow);
  made.profile.refresh();
  return made;
}

describe('vending, with an MDB interface', () => {
  const machine = (changes: Partial<DeviceConfig> = {}): Rig => rig(vending, { meter: VENDS, ...changes });

  test('a request is approved; a unit is owed at success, and not before', () => {
    const one = machine();
    expect(one.isOn()).toBe(false);
    one.pulse('D4');
    expect([one.isOn(), one.counted]).toEqual([true, 0]);
    one.pulse('D18');
    expect([one.isOn(), one.counted]).toEqual([false, 1]);
  });

  test('a failed vend costs nothing', () => {
    const one = machine();
    one.pulse('D4');
    one.pulse('D19');
    expect([one.isOn(), one.counted]).toEqual([false, 0]);
    one.pulse('D18');
    expect(one.counted).toBe(0);
    expect(one.board.lines).toEqual(['vend failed: nothing is owed']);
  });

  test('a vend without an end fails at the time-out; a product that falls all the same is paid, once', () => {
    const one = machine();
    one.pulse('D4');
    one.board.pass(30_000);
    expect([one.isOn(), one.counted, one.board.timers()]).toEqual([false, 0, 0]);
    one.pulse('D18');
    one.pulse('D18');
    expect(one.counted).toBe(1);
  });

  test('a second request is denied while the first is under way, and does not disturb it', () => {
    const one = machine();
    expect(one.profile.use('request')).toBe(true);
    expect(one.profile.use('request')).toBe(false);
    expect(one.isOn()).toBe(true);
    expect(one.profile.use('success')).toBe(true);
    expect(one.profile.use('success')).toBe(false);
    expect(one.counted).toBe(1);
  });

  test('what may not be served is denied; an approval that was given stands', () => {
    const one = machine();
    one.leftUnits = 1;
    one.pulse('D4');
    one.leftUnits = 0;
    one.profile.refresh();
    expect(one.isOn()).toBe(true);
    one.pulse('D18');
    expect(one.profile.use('request')).toBe(false);
    expect([one.isOn(), one.counted]).toEqual([false, 1]);
    expect(one.board.lines).toEqual(['vend denied: empty']);
  });

  test('a vend of several units needs all of them', () => {
    const one = machine({ meter: { ...VENDS, unitsPerVend: 3 } });
    one.leftUnits = 5;
    one.pulse('D4');
    one.pulse('D18');
    expect(one.counted).toBe(3);
    one.pulse('D4');
    expect(one.isOn()).toBe(false);
  });

  test('events that nobody asked for change nothing', () => {
    const one = machine();
    one.pulse('D18');
    one.pulse('D19');
    expect(one.profile.use('stop')).toBe(false);
    expect([one.isOn(), one.counted]).toEqual([false, 0]);
  });
});

describe.each([
  ['vending, with pulses', vending],
  ['generic', generic],
  ['sensor, with pulses', sensor],
  ['charging', charging],
])('%s', (_name, make) => {
  test.each([false, true])('the output is on while another unit may be served; active low: %s', (activeLow) => {
    const meter = { kind: 'pulse', pin: 'D4', unitsPerPulse: 1, debounceMs: 20 } as const;
    const one = rig(make, { meter, output: { pin: 'D5', activeLow } });
    const isOn = (): boolean => one.board.levels.get('D5') === !activeLow;
    one.leftUnits = 3;
    one.profile.refresh();
    const levels: boolean[] = [];
    for (let i = 0; i < 3; i++) {
      levels.push(isOn());
      one.profile.reading(1);
    }
    expect(levels).toEqual([true, true, true]);
    expect([isOn(), one.counted]).toEqual([false, 3]);
    one.profile.reading(1); // what has flowed is owed, whatever the output said
    expect(one.counted).toBe(4);
    one.leftUnits = 1;
    one.profile.refresh();
    expect(isOn()).toBe(true);
  });
});

describe('sensor', () => {
  test('a message is paid when it is allowed', () => {
    const one = rig(sensor);
    one.leftUnits = 2;
    expect([one.profile.use('request'), one.profile.use('request'), one.profile.use('request')]).toEqual([true, true, false]);
    expect(one.counted).toBe(2);
    expect(one.profile.use('success')).toBe(false);
  });
});

describe('charging, with a button', () => {
  const point = (): Rig => rig(charging, { button: { pin: 'D21', debounceMs: 20 } });

  test('the user starts and stops; the console says why and how much', () => {
    const one = point();
    expect(one.isOn()).toBe(false);
    one.pulse('D21');
    expect(one.isOn()).toBe(true);
    one.profile.reading(40);
    one.pulse('D21');
    expect(one.isOn()).toBe(false);
    one.profile.refresh();
    expect(one.isOn()).toBe(false);
    expect(one.board.lines).toEqual(['charging', 'charging stopped (user) after 40 Wh']);
  });

  test('a charge stopped by an empty balance goes on after a top-up; one stopped by the user does not', () => {
    const one = point();
    one.leftUnits = 5;
    expect(one.profile.use('request')).toBe(true);
    for (let i = 0; i < 5; i++) one.profile.reading(1);
    expect(one.isOn()).toBe(false);
    expect(one.board.lines.at(-1)).toBe('charging stopped (empty) after 5 Wh');
    expect(one.profile.use('request')).toBe(false);
    one.leftUnits = 5;
    one.profile.refresh();
    expect(one.isOn()).toBe(true);
    expect(one.profile.use('stop')).toBe(true);
    one.leftUnits = 50;
    one.profile.refresh();
    expect(one.isOn()).toBe(false);
  });
});

test('generic knows no requests', () => {
  const one = rig(generic);
  expect(one.profile.use('request')).toBe(false);
  expect(one.counted).toBe(0);
});
