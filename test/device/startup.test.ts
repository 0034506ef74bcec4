// What a board says that cannot start, on the real interpreter: one line, no loop, a console that still answers. And its raw pages, as Espruino's own Flash module has them.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { buildFile, buildFirmware } from '../../device/build/build.ts';
import type { Interpreter } from './interpreter.ts';
import { createInterpreter, interpreterPath } from './interpreter.ts';
import { exampleConfig } from './stand-in-hub.ts';
import { startable } from './standalone.ts';

if (interpreterPath === '')
  console.warn('SKIPPED: start-up on the real interpreter; set ESPRUINO to the path of an Espruino for Linux');

const CONFIG = exampleConfig(1, { meter: { kind: 'timer', everyMs: 300, units: 1 } });
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 12000, interval: 50 });

let board: Interpreter;

beforeEach(() => {
  board = createInterpreter();
});

afterEach(() => board.remove());

const codeFor = (): Promise<string> => startable(CONFIG);

/** Boots, waits for the sentence, and sees that it was said once and that the console still answers. */
async function refuses(code: string, sentence: string): Promise<void> {
  board.boot('setInterval(function(){},1000);' + code); // a board does not end when nothing is left to do; the Linux build does
  await until(() => expect(board.console()).toContain(sentence));
  board.type("print('STILL'+'HERE')");
  await until(() => expect(board.console()).toContain('STILLHERE'));
  expect(board.console().split(sentence)).toHaveLength(2);
  expect(board.console()).not.toMatch(/uncaught/i);
}

describe.skipIf(interpreterPath === '')('a board that cannot start', { timeout: 120000 }, () => {
  test('too old an interpreter', async () => {
    const code = await codeFor();
    await refuses(
      "process={env:{VERSION:'2v18'},on:function(){}};" + code,
      'cannot start: expected Espruino 2v29 or later, got 2v18',
    );
  });

  test('no crypto module', async () => {
    const code = await codeFor();
    await refuses(
      "Modules.addCached('crypto',function(){exports.AES=1});" + code,
      'cannot start: this Espruino has no crypto module',
    );
  });

  test('no settings, or damaged ones', async () => {
    const { text: code } = await buildFirmware('generic');
    await refuses(code, 'cannot start: no settings, or damaged ones, in ts.cfg; flash the board again');
    await board.kill();
    await refuses("require('Storage').write('ts.cfg','12345678{}');" + code, 'cannot start: no settings, or damaged ones');
  });

  test('a record that no firmware of this version wrote', async () => {
    const code = await codeFor();
    const record = `var d='\\0\\0\\0\\x09zzz';require('Storage').write('ts.a',E.toString(require('crypto').SHA256('${CONFIG.device}'+d)).substr(0,8)+d);`;
    await refuses(record + code, 'cannot start: the record in flash is not readable');
  });

  test('a corrupt record is told, and the board runs on', async () => {
    const code = await codeFor();
    board.boot("require('Storage').write('ts.a','no record');" + code);
    await until(() => expect(board.console()).toContain('a record in flash is damaged; the hub is asked'));
    board.type("print('AT'+tallystick.snapshot().reg+'END')");
    await until(() => expect(board.console()).toMatch(/AT\d+END/));
  });

  test('a full flash is told once, counted on, and nothing is promised', async () => {
    const code = await codeFor();
    const fill = "require('Storage').write('x','y',0,require('Storage').getFree()-64)";
    board.boot(code.replace('\n', '\n' + fill + ';')); // after the settings, before the program
    await until(() => expect(board.console()).toContain('fault: '));
    board.type("print('AT'+JSON.stringify(tallystick.snapshot())+'END')");
    await until(() => expect(board.console()).toMatch(/AT\{.*"st":"fault".*\}END/));
    expect(board.console().split('fault: the record could not be written')).toHaveLength(2);
  });
});

describe.skipIf(interpreterPath === '')('raw pages', { timeout: 60000 }, () => {
  test("are read, written and erased by Espruino's own functions", async () => {
    const { code } = await buildFile('test/device/pages-onboard.ts', {});
    board.boot(code);
    await until(() => expect(board.console()).toMatch(/PAGES \w+/));
    expect(board.console()).toContain('PAGES good');
  });
});
