// A serial port, as far as a PC without a board has one: the two ends of a pseudo-terminal, with the real interpreter behind one and the command, which
// drives its end through the `espruino` package, on the other. Python makes the pair, because Node cannot. Behind it the interpreter is a board in the network:
// on its standard input a thread of its own fills the queue that the main loop empties, with no lock between them, which a UART's task on a board
// never does, and four uploads of five ended in a console that hears the same piece for ever.

import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tallystick } from '../cli/run.ts';
import type { NetworkedBoard } from './networked-board.ts';
import { createNetworkedBoard, interpreterPath, TURN_MS } from './networked-board.ts';
import { openSite } from './site.ts';

/**
 * Prints the name of the free end, then carries bytes between the other and the board until its own input ends. A restart of the board ends its
 * connection, which a wire would not: what is said meanwhile waits, or is lost as on a wire.
 */
const PAIR = `
import os, pty, select, socket, sys, time, tty
near, far = pty.openpty()
tty.setraw(far)
print(os.ttyname(far), flush=True)
def plug():
    while True:
        try: return socket.create_connection(('127.0.0.1', int(sys.argv[1])))
        except ConnectionRefusedError: time.sleep(0.05)
board = plug()
while True:
    ready = select.select([board, near, 0], [], [])[0]
    if 0 in ready: break
    try:
        if board in ready:
            printed = board.recv(4096)
            if not printed: raise ConnectionResetError
            os.write(near, printed)
        elif near in ready: board.sendall(os.read(near, 4096))
    except ConnectionError: board = plug()
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
  let board: NetworkedBoard;
  let pair: ChildProcess;
  let port: string;

  beforeEach(async () => {
    board = await createNetworkedBoard();
    pair = spawn('python3', ['-c', PAIR, new URL(board.port).port], { stdio: ['pipe', 'pipe', 'inherit'] });
    port = await new Promise((resolve) => pair.stdout?.once('data', (name: Buffer) => resolve(name.toString().trim())));
  }, TURN_MS);

  afterEach(async () => {
    const gone = new Promise((resolve) => pair.once('exit', resolve));
    pair.stdin?.end();
    await gone;
    await board.remove();
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
