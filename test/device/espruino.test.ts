// The proof: the very file that a board gets, on the real interpreter, pays the real hub over TCP: through a restart of the hub and a
// kill of the board, and in the end the hub has what the meter counted, to the unit.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { standalone } from './standalone.ts';
import { withReadableNames } from '../../device/build/names.ts';
import type { Snapshot } from '../../device/firmware.ts';
import type { EnrolRequest } from '../../hub/enrol-request.ts';
import type { Hub } from '../../hub/hub.ts';
import { openHub } from '../../hub/hub.ts';
import type { Micros } from '../../shared/units.ts';
import type { Interpreter } from './interpreter.ts';
import { createInterpreter, interpreterPath } from './interpreter.ts';

if (interpreterPath === '')
  console.warn('SKIPPED: the firmware on the real interpreter; set ESPRUINO to the path of an Espruino for Linux');

const until = <T>(check: () => T): Promise<T> => vi.waitFor(check, { timeout: 100000, interval: 50 });

let dataDir = '';
let hub: Hub | undefined;
let board: Interpreter;

const open = (port: number): Promise<Hub> =>
  openHub({ dataDir, host: '127.0.0.1', port, root: 't', log: pino({ level: 'silent' }) });

/** Four units every 200 ms: as fast as the interpreter keeps up with on one core. */
function request(port: number, changes: Partial<EnrolRequest> = {}): EnrolRequest {
  return {
    profile: 'sensor',
    label: 'interpreter',
    payer: 'owner',
    payee: 'utility',
    tariff: {
      currency: 'EUR',
      unit: 'message',
      priceMicros: 100 as Micros,
      perUnits: 1,
      validFromSeconds: 0,
      validUntilSeconds: 4_000_000_000,
    },
    limitUnits: 1000,
    chainUnits: 1000,
    meter: { kind: 'timer', everyMs: 200, units: 4 },
    host: '127.0.0.1',
    port,
    issueEveryMs: 0,
    keepaliveSeconds: 30,
    ...changes,
  };
}

/** Asks the firmware on its own console, as an installer would. */
async function snapshotOf(interpreter: Interpreter): Promise<Snapshot> {
  const before = interpreter.console().length;
  interpreter.type("print('SNAP'+JSON.stringify(tallystick.snapshot())+'END')");
  return until(() => {
    const said = /SNAP(\{.*?\})END/.exec(
      interpreter
        .console()
        .slice(before)
        .replace(/SNAP'.*?END'/g, ''),
    );
    expect(said).not.toBeNull();
    return withReadableNames(JSON.parse(said?.[1] ?? '')) as Snapshot;
  });
}

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tallystick-hub-'));
  board = createInterpreter();
});

afterEach(async () => {
  await board.remove();
  await hub?.close();
  hub = undefined;
  rmSync(dataDir, { recursive: true, force: true });
});

describe.skipIf(interpreterPath === '')('on the interpreter', { timeout: 240000 }, () => {
  test('200 units are paid, through a restart of the hub and a kill of the board; then the channel is closed, and the sums agree', async () => {
    hub = await open(0);
    const { port } = hub;
    const code = await standalone(hub.enrol(request(port)));
    const accepted = (): number => hub?.status().units.accepted ?? 0;
    board.boot(code);
    await until(() => expect(accepted()).toBeGreaterThanOrEqual(60));

    await hub.close();
    hub = await open(port);
    const afterRestart = accepted();
    expect(afterRestart).toBeGreaterThanOrEqual(60);
    await until(() => expect(accepted()).toBeGreaterThanOrEqual(afterRestart + 60));

    await board.kill();
    const afterKill = accepted();
    board.boot(code);
    await until(() => expect(accepted()).toBeGreaterThanOrEqual(Math.max(200, afterKill + 20)));

    board.type('tallystick.close()');
    await until(() => expect(board.console()).toContain('tallystick: closed'));
    const snapshot = await snapshotOf(board);
    expect(snapshot).toMatchObject({ state: 'stopped', closed: true, uncoveredUnits: 0, rejects: 0 });
    expect(accepted()).toBe(snapshot.registerUnits);
    expect(hub.status()).toMatchObject({ balanced: true, devices: [{ state: 'stopped', totalUnits: snapshot.registerUnits }] });
  });

  test('the next channel is opened and paid on', async () => {
    hub = await open(0);
    const opened = hub;
    const meter = { kind: 'timer', everyMs: 400, units: 2 } as const;
    const code = await standalone(hub.enrol(request(hub.port, { chainUnits: 100, meter })));
    board.boot(code);
    await until(() => expect(opened.status().units.accepted).toBeGreaterThanOrEqual(110));
    await until(() => expect(opened.status().devices[0]?.channel).toBeGreaterThanOrEqual(2));
    const snapshot = await snapshotOf(board);
    expect(snapshot).toMatchObject({ state: 'serving', rejects: 0 });
    expect(board.console()).not.toMatch(/rror|fault|uncaught/);
  });
});
