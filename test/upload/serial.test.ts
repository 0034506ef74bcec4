// A serial port, as far as a PC without a board has one: the two ends of a pseudo-terminal, with the real interpreter on one and the command, which
// drives its end through the `espruino` package, on the other. Python makes the pair, because Node cannot.

import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tallystick } from '../cli/run.ts';
import { interpreterPath } from './networked-board.ts';
import { openSite } from './site.ts';

/** Prints the name of the free end, then carries bytes between the other and the interpreter until the interpreter ends or its own input does. */
const PAIR = `
import os, pty, select, subprocess, sys, tty
near, far = pty.openpty()
tty.setraw(far)
print(os.ttyname(far), flush=True)
board = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
out = board.stdout.fileno()
while True:
    ready = select.select([near, out, 0], [], [])[0]
    if 0 in ready: break
    if near in ready: os.write(board.stdin.fileno(), os.read(near, 4096))
    if out in ready:
        printed = os.read(out, 4096)
        if not printed: break
        os.write(near, printed)
board.kill()
board.wait()
`;

function missing(): string {
  if (interpreterPath === '') return 'set ESPRUINO to the path of an Espruino for Linux';
  if (spawnSync('python3', ['-c', 'import pty']).status !== 0) return 'python3 makes the pair of ends, and is not here';
  try {
    createRequire(import.meta.url).resolve('espruino');
    return '';
  } catch {
    return 'the optional package espruino is not installed';
  }
}

const lack = missing();
if (lack !== '') console.warn(`SKIPPED: flashing through a serial port; ${lack}`);

describe.skipIf(lack !== '')('through a serial port', { timeout: 300_000 }, () => {
  let folder: string;
  let pair: ChildProcess;
  let port: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tallystick-serial-'));
    pair = spawn('python3', ['-c', PAIR, interpreterPath], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
    port = await new Promise((resolve) => pair.stdout?.once('data', (name: Buffer) => resolve(name.toString().trim())));
  });

  afterEach(async () => {
    const gone = new Promise((resolve) => pair.once('exit', resolve));
    pair.stdin?.end();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  });

  test('firmware is written and read back, boots, and pays; and says what is missing', async () => {
    const nothing = await tallystick('device', 'monitor', '--once', '--port', port);
    expect(nothing).toMatchObject({ code: 3, stderr: expect.stringMatching(/no Tallystick firmware runs/) as string });
    const site = await openSite();
    const { device } = site.enrol();
    const paid = await tallystick('device', 'flash', device, '--port', port, '--data', site.dataDir, '--wait', '4m');
    expect(paid.stderr).toMatch(/\d+ bytes written and read back/);
    expect(paid).toMatchObject({ code: 0, stdout: expect.stringMatching(/pays: first receipt on channel 1, /) as string });
    await site.hub.close();
    const flashed = await tallystick('device', 'flash', device, '--port', port, '--data', site.dataDir, '--wait', '15s');
    await site.close();
    expect(flashed.stderr).toContain('the board holds all of it already');
    expect(flashed.stderr).toMatch(/tallystick: hub not reachable: /);
    expect(flashed.code).toBe(4);
  });
});
