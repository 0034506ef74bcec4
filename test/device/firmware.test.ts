// The firmware over real MQTT and TCP, on a Board made of Node, against a stand-in hub that verifies everything and answers as it is told.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { readBook } from '../../device/book.ts';
import type { Firmware } from '../../device/firmware.ts';
import { createFirmware } from '../../device/firmware.ts';
import { settingsOf } from '../../device/settings.ts';
import { createProfile } from '../../device/profiles/generic.ts';
import { createStorage, loadNewest } from '../../device/storage.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import type { Reason } from '../../shared/reject.ts';
import type { Flash, NodeBoard } from './node-board.ts';
import { createNodeBoard } from './node-board.ts';
import type { StandIn } from './stand-in-hub.ts';
import { exampleConfig, openStandIn } from './stand-in-hub.ts';

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 15000, interval: 5 });

interface Booted {
  readonly firmware: Firmware;
  readonly board: NodeBoard;
}

let running: Firmware[] = [];
let hubs: StandIn[] = [];

afterEach(async () => {
  for (const firmware of running) firmware.halt();
  for (const hub of hubs) await hub.close();
  running = [];
  hubs = [];
});

async function open(changes: Partial<DeviceConfig> = {}, before?: StandIn): Promise<StandIn> {
  const hub = await openStandIn(exampleConfig(0, changes), before);
  hubs.push(hub);
  return hub;
}

function boot(config: DeviceConfig, flash: Flash = new Map(), native = true): Booted {
  const board = createNodeBoard(flash, { native });
  const firmware = createFirmware(board, settingsOf(config), createProfile);
  running.push(firmware);
  firmware.start();
  return { firmware, board };
}

const paid = (firmware: Firmware, units: number): Promise<void> =>
  until(() => expect(firmware.snapshot()).toMatchObject({ registerUnits: units, uncoveredUnits: 0 }));

/** A port on which nobody listens. */
async function deadPort(): Promise<number> {
  const hub = await openStandIn(exampleConfig(0));
  await hub.close();
  return hub.port;
}

describe('paying', () => {
  test('units become accepted units; close is said once and leaves nothing open', async () => {
    const hub = await open();
    const { firmware } = boot(exampleConfig(hub.port));
    firmware.count(3);
    await until(() => expect(hub.acceptedUnits()).toBe(3));
    firmware.count(4);
    await paid(firmware, 7);
    expect(firmware.snapshot()).toMatchObject({ state: 'serving', channel: 1, acceptedUnits: 7, rejects: 0, closed: false });
    firmware.close();
    firmware.close();
    await until(() => expect(firmware.snapshot()).toMatchObject({ closed: true, state: 'stopped', reason: 'closed' }));
    expect(hub.channels.get(1)).toMatchObject({ acceptedUnits: 7, closed: true });
    await until(() => expect(hub.states.at(-1)).toBe('stopped'));
    expect(hub.messages.filter((one) => one.kind === 'signed')).toHaveLength(1);
  });

  test("with the firmware's own signature", async () => {
    const hub = await open();
    const { firmware } = boot(exampleConfig(hub.port), new Map(), false);
    firmware.count(5);
    await paid(firmware, 5);
    firmware.close();
    await until(() => expect(firmware.snapshot().closed).toBe(true));
    expect(hub.channels.get(1)).toMatchObject({ acceptedUnits: 5, closed: true });
  });

  test('pulses of a pin and ticks of a timer', async () => {
    const hub = await open();
    const pulse = { kind: 'pulse', pin: 'D4', unitsPerPulse: 3, debounceMs: 10 } as const;
    const { firmware, board } = boot(exampleConfig(hub.port, { meter: pulse }));
    board.pulse?.();
    board.pulse?.();
    await paid(firmware, 6);
    firmware.halt();
    const second = boot(exampleConfig(hub.port, { meter: { kind: 'timer', everyMs: 5, units: 2 } }), board.flash);
    await until(() => expect(hub.acceptedUnits()).toBeGreaterThanOrEqual(16));
    second.firmware.close();
    await until(() => expect(second.firmware.snapshot().closed).toBe(true));
    expect(hub.acceptedUnits()).toBe(second.firmware.snapshot().registerUnits);
  });

  test('channel after channel, the next one signed ahead; each begins where the last ended', async () => {
    const hub = await open();
    const { firmware } = boot(exampleConfig(hub.port, { chainUnits: 10 }));
    for (let units = 1; units <= 35; units++) {
      firmware.count(1);
      await paid(firmware, units);
    }
    expect([...hub.channels.values()].map((one) => one.terms.openedRegisterUnits)).toEqual([0, 10, 20, 30]);
    expect([...hub.channels.values()].map((one) => one.acceptedUnits)).toEqual([10, 10, 10, 5]);
    expect(firmware.snapshot()).toMatchObject({ channel: 4, acceptedUnits: 5, rejects: 0 });
  });

  test('more than a gap at once goes in steps that the hub accepts', async () => {
    const hub = await open();
    const { firmware } = boot(exampleConfig(hub.port, { limitUnits: 5000, chainUnits: 5000 }));
    firmware.count(4321);
    await paid(firmware, 4321);
    expect(firmware.snapshot().rejects).toBe(0);
    expect(hub.acceptedUnits()).toBe(4321);
  });

  test('units of one beat travel in one voucher', async () => {
    const hub = await open();
    const { firmware } = boot(exampleConfig(hub.port, { issueEveryMs: 50 }));
    for (let turn = 0; turn < 20; turn++) firmware.count(1);
    await paid(firmware, 20);
    expect(hub.messages.filter((one) => one.kind === 'payword')).toMatchObject([{ units: 20 }]);
  });

  test('the status is retained: serving, and offline when the line is cut', async () => {
    const hub = await open();
    const { firmware } = boot(exampleConfig(hub.port));
    await until(() => expect(hub.states.at(-1)).toBe('serving'));
    firmware.halt();
    await until(() => expect(hub.states.at(-1)).toBe('offline'));
  });
});

describe('losing power or the hub', () => {
  test('what is sold offline survives a power cut and is paid when the hub is there', async () => {
    const flash: Flash = new Map();
    const first = boot(exampleConfig(await deadPort()), flash);
    first.firmware.count(9);
    await until(() => expect(first.firmware.snapshot().issuedUnits).toBe(9));
    expect(first.firmware.snapshot()).toMatchObject({ state: 'offline', uncoveredUnits: 9 });
    first.firmware.halt();
    const hub = await open();
    const { firmware } = boot(exampleConfig(hub.port), flash);
    firmware.count(2);
    await paid(firmware, 11);
    expect(hub.acceptedUnits()).toBe(11);
  });

  test('no voucher is seen before the record that covers it', async () => {
    const hub = await open();
    const { firmware, board } = boot(exampleConfig(hub.port));
    let seen = 0;
    hub.refuse = (message) => {
      if (message.kind === 'commitment') return undefined;
      const book = readBook(loadNewest(createStorage(board, exampleConfig(0).device)) ?? '');
      const recorded = typeof book === 'string' ? -1 : (book.channels[0]?.issuedUnits ?? -1);
      expect(recorded).toBeGreaterThanOrEqual(message.units);
      seen++;
      return undefined;
    };
    for (let units = 1; units <= 10; units++) {
      firmware.count(1);
      await paid(firmware, units);
    }
    expect(seen).toBe(10);
  });

  test('while flash refuses to be written nothing new is promised to the hub', async () => {
    const hub = await open();
    const { firmware, board } = boot(exampleConfig(hub.port));
    firmware.count(1);
    await paid(firmware, 1);
    board.flashWorks = false;
    firmware.count(1);
    await until(() => expect(firmware.snapshot().state).toBe('fault'));
    expect(firmware.snapshot().reason).toContain('flash');
    await until(() => expect(hub.states.at(-1)).toBe('fault'));
    expect(hub.acceptedUnits()).toBe(1);
    board.flashWorks = true;
    await paid(firmware, 2);
    expect(firmware.snapshot().state).toBe('serving');
  });

  test('a restart asks where the channel stands before it promises more, and signs nothing again', async () => {
    const hub = await open();
    const first = boot(exampleConfig(hub.port));
    first.firmware.count(5);
    await paid(first.firmware, 5);
    first.firmware.halt();
    const { firmware, board } = boot(exampleConfig(hub.port), first.board.flash, false);
    const signed = vi.spyOn(board, 'sha512' as never);
    firmware.count(3);
    await paid(firmware, 8);
    expect(signed).not.toHaveBeenCalled();
    expect(hub.messages.map((one) => (one.kind === 'payword' ? one.units : one.kind))).toEqual([
      'commitment',
      5,
      'commitment',
      8,
    ]);
  });

  test('with records lost, what the hub has comes back, and new units go on top: none is given away', async () => {
    const hub = await open();
    const first = boot(exampleConfig(hub.port));
    first.firmware.count(10);
    await paid(first.firmware, 10);
    const old = new Map(first.board.flash);
    first.firmware.count(2);
    await paid(first.firmware, 12);
    first.firmware.halt();
    const { firmware } = boot(exampleConfig(hub.port), old);
    firmware.count(5);
    await paid(firmware, 17);
    expect(hub.acceptedUnits()).toBe(17);
  });

  test('with all flash lost, too', async () => {
    const hub = await open();
    const first = boot(exampleConfig(hub.port, { chainUnits: 10 }));
    first.firmware.count(14);
    await paid(first.firmware, 14);
    first.firmware.halt();
    const { firmware } = boot(exampleConfig(hub.port, { chainUnits: 10 }));
    firmware.count(3);
    await until(() => expect(hub.acceptedUnits()).toBe(17));
    await until(() => expect(firmware.snapshot().uncoveredUnits).toBe(0));
  });

  test('through a restart of the hub', async () => {
    const hub = await open();
    const { firmware } = boot(exampleConfig(hub.port));
    firmware.count(4);
    await paid(firmware, 4);
    await hub.close();
    firmware.count(3);
    await until(() => expect(firmware.snapshot()).toMatchObject({ state: 'offline', uncoveredUnits: 3 }));
    await open({}, hub);
    await paid(firmware, 7);
  });

  test('offline for too long the board stops, counts on, and pays all of it later', async () => {
    const port = await deadPort();
    const { firmware } = boot(exampleConfig(port, { chainUnits: 5 }));
    firmware.count(23);
    await until(() => expect(firmware.snapshot().state).toBe('stopped'));
    expect(firmware.snapshot()).toMatchObject({ registerUnits: 23, uncoveredUnits: 23, channel: 4 });
    expect(firmware.snapshot().reason).toBe('limit');
    const hub = await open({ port });
    await paid(firmware, 23);
    expect(hub.acceptedUnits()).toBe(23);
    expect(firmware.snapshot().state).toBe('serving');
  });

  test('a channel whose receipt does not come keeps no other channel waiting', async () => {
    const port = await deadPort();
    const { firmware } = boot(exampleConfig(port, { chainUnits: 200 }));
    firmware.count(405);
    await until(() => expect(firmware.snapshot()).toMatchObject({ channel: 3, issuedUnits: 5 }));
    const hub = await open({ port });
    hub.silent = (channel) => channel === 1 && (hub.channels.get(1)?.acceptedUnits ?? 0) > 0;
    await until(() => expect([...hub.channels.values()].map((one) => one.acceptedUnits)).toEqual([200, 200, 5]));
    await until(() => expect(firmware.snapshot().uncoveredUnits).toBe(200));
    hub.silent = () => false;
    await paid(firmware, 405);
  });

  test('another tariff: the old channel is paid out under its own terms, the next has the new ones', async () => {
    const flash: Flash = new Map();
    const first = boot(exampleConfig(await deadPort()), flash);
    first.firmware.count(6);
    await until(() => expect(first.board.flash.has('ts.c1')).toBe(true));
    first.firmware.halt();
    const hub = await open();
    const tariff = '00'.repeat(16);
    const { firmware } = boot(exampleConfig(hub.port, { tariff }), flash);
    firmware.count(2);
    await paid(firmware, 8);
    expect([...hub.channels.values()].map((one) => [one.acceptedUnits, one.terms.tariff === '\0'.repeat(16)])).toEqual([
      [6, false],
      [2, true],
    ]);
  });
});

/** The hub refuses the next voucher (or commitment) once. */
function refuseTimes(hub: StandIn, kind: 'commitment' | 'payword', reason: Reason, times = 1): void {
  let left = times;
  hub.refuse = (message) => (message.kind === kind && left-- > 0 ? reason : undefined);
}

describe('what the hub says', () => {
  test('a reject to wait is obeyed, and the voucher travels again', async () => {
    const hub = await open();
    const { firmware } = boot(exampleConfig(hub.port));
    refuseTimes(hub, 'payword', 'rate-limited');
    firmware.count(2);
    await until(() => expect(firmware.snapshot().rejects).toBe(1));
    expect(firmware.snapshot()).toMatchObject({ state: 'serving', uncoveredUnits: 2, acceptedUnits: 0 });
    await paid(firmware, 2);
  });

  test('a hub that has forgotten the channel is told again', async () => {
    const hub = await open();
    const { firmware } = boot(exampleConfig(hub.port));
    firmware.count(2);
    await paid(firmware, 2);
    hub.channels.clear();
    hub.nextChannel = 1;
    firmware.count(1);
    await paid(firmware, 3);
    expect(hub.acceptedUnits()).toBe(3);
  });

  test('a gap is asked about and then bridged', async () => {
    const hub = await open();
    const { firmware } = boot(exampleConfig(hub.port));
    refuseTimes(hub, 'payword', 'gap-exceeded');
    firmware.count(7);
    await paid(firmware, 7);
    expect(firmware.snapshot().rejects).toBe(1);
  });

  test('a channel closed by the hub: only what it has not taken moves on, though the last receipt was lost', async () => {
    const hub = await open();
    const { firmware } = boot(exampleConfig(hub.port));
    firmware.count(5);
    await paid(firmware, 5);
    hub.silent = () => true;
    firmware.count(5);
    await until(() => expect(hub.acceptedUnits()).toBe(10));
    (hub.channels.get(1) ?? expect.fail()).closed = true;
    hub.silent = () => false;
    firmware.count(4);
    await paid(firmware, 14);
    expect([...hub.channels.values()].map((one) => one.acceptedUnits)).toEqual([10, 4]);
  });

  test.each(['stale-channel', 'conflicting-channel'] as const)(
    '%s: another number, at or above the one the hub names',
    async (reason) => {
      const hub = await open();
      hub.nextChannel = 40;
      refuseTimes(hub, 'commitment', reason, 2);
      const { firmware } = boot(exampleConfig(hub.port));
      firmware.count(6);
      await paid(firmware, 6);
      expect([...hub.channels.keys()]).toEqual([40]);
      expect(hub.channels.get(40)).toMatchObject({ acceptedUnits: 6, terms: { openedRegisterUnits: 0 } });
    },
  );

  test.each(['stale-channel', 'conflicting-channel'] as const)(
    "%s, once, was meant for another's commitment: the channel lives on, and nothing is paid twice",
    async (reason) => {
      const hub = await open();
      refuseTimes(hub, 'commitment', reason);
      const { firmware } = boot(exampleConfig(hub.port));
      firmware.count(6);
      await paid(firmware, 6);
      expect([...hub.channels.values()].map((one) => one.acceptedUnits)).toEqual([6]);
      expect(firmware.snapshot().rejects).toBe(1);
    },
  );

  test.each(['limit-exceeded', 'chain-exceeded'] as const)('%s: the rest moves to the next channel', async (reason) => {
    const hub = await open();
    const { firmware } = boot(exampleConfig(hub.port));
    firmware.count(3);
    await paid(firmware, 3);
    refuseTimes(hub, 'payword', reason);
    firmware.count(4);
    await paid(firmware, 7);
    expect([...hub.channels.values()].map((one) => one.acceptedUnits)).toEqual([3, 4]);
  });

  test('a stop is obeyed with one line for people; what is metered stays owed', async () => {
    const hub = await open();
    const { firmware, board } = boot(exampleConfig(hub.port));
    hub.refuse = () => 'expired-tariff';
    firmware.count(2);
    await until(() => expect(firmware.snapshot().state).toBe('stopped'));
    await until(() => expect(hub.states.at(-1)).toBe('stopped'));
    firmware.count(3);
    await until(() => expect(firmware.snapshot()).toMatchObject({ registerUnits: 5, uncoveredUnits: 5 }));
    expect(firmware.snapshot().reason).toContain('expired-tariff');
    expect(board.lines.filter((line) => line.startsWith('stopped'))).toHaveLength(1);
    expect(hub.messages).toHaveLength(1);
  });

  test('a refused connection is told, and tried again', async () => {
    const hub = await open();
    const { firmware, board } = boot(exampleConfig(hub.port, { password: 'wrong' }));
    await until(() => expect(board.lines.join()).toMatch(/refused the connection: (user name or password|not authorised)/));
    expect(firmware.snapshot().state).toBe('offline');
    expect(hub.messages).toEqual([]);
  });
});

describe('a configuration that cannot be', () => {
  test.each([
    [{ seed: 'abc' }, 'expected seed as 64 lower-case hex digits'],
    [{ hub: 'FF00000000000000' }, 'expected hub as 16'],
    [{ chainUnits: 0 }, 'expected chainUnits as a number in 1..1000, not 0'],
    [{ chainUnits: 1001 }, 'not 1001'],
    [{ device: 'short' as DeviceConfig['device'] }, 'not short'],
  ])('%o is refused in a sentence', (changes, sentence) => {
    expect(() => createFirmware(createNodeBoard(new Map()), settingsOf(exampleConfig(1, changes)), createProfile)).toThrow(
      sentence,
    );
  });

  test('a record of another firmware stops the boot', () => {
    const board = createNodeBoard(new Map());
    const config = exampleConfig(1);
    const storage = createStorage(board, config.device);
    board.flash.set('ts.a', board.sha256(config.device + '\0\0\0\x09zzz').slice(0, 8) + '\0\0\0\x09zzz');
    expect(loadNewest(storage)).toBe('zzz');
    expect(() => createFirmware(board, settingsOf(config), createProfile)).toThrow('record in flash is not readable');
  });
});
