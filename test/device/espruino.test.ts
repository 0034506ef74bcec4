// The proof: the very file that a board gets, on the real interpreter, pays a hub over TCP.

import { afterEach, expect, test, vi } from 'vitest';
import { buildFirmware } from '../../device/build/build.ts';
import type { Interpreter } from './interpreter.ts';
import { createInterpreter, interpreterPath } from './interpreter.ts';
import type { StandIn } from './stand-in-hub.ts';
import { exampleConfig, openStandIn } from './stand-in-hub.ts';

let board: Interpreter | undefined;
let hub: StandIn | undefined;

afterEach(async () => {
  await board?.remove();
  await hub?.close();
});

test.skipIf(interpreterPath === '')('200 units arrive', { timeout: 120000 }, async () => {
  hub = await openStandIn(exampleConfig(0));
  const opened = hub;
  const file = await buildFirmware(exampleConfig(hub.port, { meter: { kind: 'timer', everyMs: 200, units: 4 } }));
  console.log('bytes', file.bytes);
  board = createInterpreter();
  board.boot(file.code);
  try {
    await vi.waitFor(() => expect(opened.acceptedUnits()).toBeGreaterThanOrEqual(200), { timeout: 60000, interval: 50 });
  } finally {
    console.log(board.console());
  }
});
