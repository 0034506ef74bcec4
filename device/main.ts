// What the board runs: configuration, board, profile, firmware, start. In: DEVICE_CONFIG, which the build puts in, and the profile that it names, which
// the build puts in the place of the generic one. Out: a running device; on the console,
// `tallystick.snapshot()` shows where it stands and `tallystick.close()` closes its channels.

/* eslint-disable @typescript-eslint/no-base-to-string, @typescript-eslint/only-throw-error -- the board's types are not the linter's */

import { CODE_CONFIG, CODE_INTERPRETER, CODE_RECORD, configFault, interpreterFault, showCode } from './checks.ts';
import { espruinoBoard, hasHashes } from './espruino.ts';
import { lampCodes } from './espruino-signs.ts';
import { createFirmware } from './firmware.ts';
import { createProfile } from './profiles/generic.ts';
import { settingsOf } from './settings.ts';

process.on('uncaughtException', function (error) {
  print('tallystick: uncaught: ' + error.message);
});

function begin(): void {
  const interpreter = interpreterFault(process.env.VERSION, hasHashes());
  if (interpreter !== '') {
    const show = lampCodes(DEVICE_CONFIG);
    if (show !== undefined) show(CODE_INTERPRETER);
    print('tallystick: cannot start: ' + interpreter);
    return;
  }
  const board = espruinoBoard(DEVICE_CONFIG);
  const config = configFault(DEVICE_CONFIG, board.sha256);
  let code = CODE_CONFIG;
  try {
    if (config !== '') throw new Error(config);
    settingsOf(DEVICE_CONFIG);
    code = CODE_RECORD;
    const firmware = createFirmware(board, DEVICE_CONFIG, createProfile);
    global.tallystick = firmware;
    firmware.start();
  } catch (error) {
    print('tallystick: cannot start: ' + (error as Error).message);
    showCode(board, code);
  }
}

begin();
