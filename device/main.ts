// What the board runs: configuration, board, profile, firmware, start. In: DEVICE_CONFIG, which the build puts in, and the profile that it names, which
// the build puts in the place of the generic one. Out: a running device; on the console,
// `tallystick.snapshot()` shows where it stands and `tallystick.close()` closes its channels.

/* eslint-disable @typescript-eslint/no-base-to-string -- the board's types are not the linter's */

import { espruinoBoard } from './espruino.ts';
import { createFirmware } from './firmware.ts';
import { createProfile } from './profiles/generic.ts';

process.on('uncaughtException', function (error) {
  print('tallystick: uncaught: ' + error.message);
});

const firmware = createFirmware(espruinoBoard(), DEVICE_CONFIG, createProfile);
global.tallystick = firmware;
firmware.start();
