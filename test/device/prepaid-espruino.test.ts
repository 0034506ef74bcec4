// The very file that a board gets, with a prepaid profile, on the real interpreter against the real hub: it stops at the unit that was granted, goes on
// after a top-up, and remembers both across a kill with no hub in reach. And the vending profile at its pins.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { withReadableNames } from '../../device/build/names.ts';
import type { EnrolRequest } from '../../hub/enrol-request.ts';
import type { Hub } from '../../hub/hub.ts';
import { openHub } from '../../hub/hub.ts';
import type { VendMeter } from '../../shared/config.ts';
import { requestOf } from '../hub/fixture.ts';
import type { Interpreter } from './interpreter.ts';
import { standalone } from './standalone.ts';
import { createInterpreter, interpreterPath } from './interpreter.ts';

if (interpreterPath === '')
  console.warn('SKIPPED: prepaid on the real interpreter; set ESPRUINO to the path of an Espruino for Linux');

const until = <T>(check: () => T): Promise<T> => vi.waitFor(check, { timeout: 100_000, interval: 50 });
const VENDS: VendMeter = {
  kind: 'vend',
  requestPin: 'D4',
  successPin: 'D18',
  failurePin: 'D19',
  debounceMs: 20,
  timeoutMs: 60_000,
  unitsPerVend: 1,
};

let dataDir = '';
let hub: Hub | undefined;
let board: Interpreter;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tallystick-hub-'));
  board = createInterpreter();
  hub = await openHub({ dataDir, host: '127.0.0.1', port: 0, root: 't', log: pino({ level: 'silent' }) });
});

afterEach(async () => {
  await board.remove();
  await hub?.close();
  hub = undefined;
  rmSync(dataDir, { recursive: true, force: true });
});

/** Asks at the board's console; the answer is what the expression gives, as JSON. */
async function ask(expression: string): Promise<unknown> {
  const before = board.console().length;
  board.type(`print('SAY'+JSON.stringify(${expression})+'END')`);
  return until(() => {
    const said = /SAY([^'].*?)END/.exec(
      board
        .console()
        .slice(before)
        .replace(/SAY'.*?END'/g, ''),
    );
    expect(said).not.toBeNull();
    return withReadableNames(JSON.parse(said?.[1] ?? ''));
  });
}

describe.skipIf(interpreterPath === '')('on the interpreter', { timeout: 240_000 }, () => {
  const enrolled = async (changes: Partial<EnrolRequest>): Promise<{ device: string; code: string }> => {
    const config = hub?.enrol(requestOf(hub.port, changes)) ?? expect.fail('no hub');
    return { device: config.device, code: await standalone(config) };
  };
  const row = (): unknown => hub?.status().devices[0];

  test('a prepaid sensor stops at the unit, goes on after a top-up, and stays stopped after a kill without a hub', async () => {
    const meter = { kind: 'timer', everyMs: 200, units: 4 } as const;
    const { code } = await enrolled({ profile: 'sensor', meter, prepaidUnits: 10, output: { pin: 'D5', activeLow: true } });
    board.boot(code);
    await until(() => expect(row()).toMatchObject({ state: 'stopped', totalUnits: 10, balanceUnits: 0 }));
    expect(await ask('tallystick.snapshot()')).toMatchObject({ whyNot: 'empty', registerUnits: 10, uncoveredUnits: 0 });
    const opened = hub ?? expect.fail('no hub');
    expect(opened.topUp(opened.status().devices[0]?.device as never, 7)).toEqual({ kind: 'raised', ceilingUnits: 17 });
    await until(() => expect(row()).toMatchObject({ state: 'stopped', totalUnits: 17, balanceUnits: 0 }));
    await board.kill();
    await hub?.close();
    hub = undefined;
    board.boot(code);
    await until(() => expect(board.console()).toContain('offline'));
    expect(await ask('tallystick.snapshot()')).toMatchObject({ whyNot: 'empty', registerUnits: 17, balanceUnits: 0 });
    expect(await ask("tallystick.use('request')")).toBe(false);
    expect(board.console()).not.toMatch(/uncaught/);
  });

  test('a vending machine: approved, failed, approved, sold; only the sale is owed', async () => {
    const { code } = await enrolled({
      profile: 'vending',
      meter: VENDS,
      output: { pin: 'D5', activeLow: false },
      prepaidUnits: 1,
    });
    board.boot(code);
    await until(() => expect(board.console()).toContain('granted up to 1 units in all'));
    const answers: unknown[] = [];
    for (const event of ['request', 'failure', 'request', 'success', 'request'])
      answers.push(await ask(`tallystick.use('${event}')`));
    expect(answers).toEqual([true, true, true, true, false]);
    expect(board.console()).toContain('vend denied: empty');
    await until(() => expect(row()).toMatchObject({ totalUnits: 1, balanceUnits: 0 }));
    expect(board.console()).not.toMatch(/rror|uncaught/);
  });
});
