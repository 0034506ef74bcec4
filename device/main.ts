// What the board runs: configuration, board, firmware, start. In: DEVICE_CONFIG, which the build puts in. Out: a running device; on the console,
// `tallystick.snapshot()` shows where it stands and `tallystick.close()` closes its channels.

/* eslint-disable @typescript-eslint/no-base-to-string -- the board's types are not the linter's */

import { espruinoBoard } from './espruino.ts';
import { createFirmware } from './firmware.ts';

process.on('uncaughtException', function (error) {
  print('tallystick: uncaught: ' + error.message);
});

const firmware = createFirmware(espruinoBoard(), DEVICE_CONFIG);
global.tallystick = firmware;
firmware.start();
