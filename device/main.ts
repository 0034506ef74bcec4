// What the board runs: settings, board, profile, firmware, start. In: the file of settings, and the profile that the build put in the place of the
// generic one. Out: a running device; on the console, `tallystick.snapshot()` shows where it stands and `tallystick.close()` closes its channels.

/* eslint-disable @typescript-eslint/no-base-to-string, @typescript-eslint/only-throw-error -- the board's types are not the linter's */

import { CODE_CONFIG, CODE_INTERPRETER, CODE_RECORD, interpreterFault } from './checks.ts';
import { espruinoBoard, hasHashes } from './espruino.ts';
import { lampCodes } from './espruino-signs.ts';
import { assemble, faceOf, serviceOf, start } from './firmware.ts';
import { createProfile } from './profiles/generic.ts';
import { readSettings, SETTINGS_FILE } from './settings.ts';

process.on('uncaughtException', function (error) {
  espruinoBoard.log('uncaught: ' + error.message);
});

function begin(): void {
  let code = CODE_INTERPRETER;
  try {
    const interpreter = interpreterFault(process.env.VERSION, hasHashes());
    if (interpreter !== '') throw new Error(interpreter);
    code = CODE_CONFIG;
    const board = espruinoBoard;
    const settings = readSettings(board, board.readFlash(SETTINGS_FILE));
    if (settings === undefined) throw new Error('no settings, or damaged ones, in ' + SETTINGS_FILE + '; flash the board again');
    code = CODE_RECORD;
    const running = assemble(board, settings);
    const service = serviceOf(running);
    running.profile = createProfile(service);
    global.tallystick = faceOf(running, service);
    start(running);
  } catch (error) {
    espruinoBoard.log('cannot start: ' + (error as Error).message);
    const show = lampCodes();
    if (show !== undefined) show(code);
  }
}

begin();
