// A board that is the real interpreter: the file that a board gets, in a process of its own, spoken to at its console. In: the file, and lines to type. Out: what the
// console says. The interpreter is found through the environment variable ESPRUINO and nowhere else.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Interpreted {
  boot(): void;
  type(line: string): void;
  /** What the console has said and nobody has taken yet. */
  takeOutput(): string;
  /** As a power cut, and its flash is thrown away. */
  remove(): void;
}

export function interpreterPath(): string | undefined {
  const path = process.env.ESPRUINO ?? '';
  return path === '' ? undefined : path;
}

export function interpretedBoard(path: string, code: string): Interpreted {
  // Its flash is a file in the folder that it runs in.
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-interpreter-'));
  let child: ChildProcess | undefined;
  let output = '';
  return {
    boot() {
      writeFileSync(join(folder, 'firmware.js'), code, 'latin1');
      // Its input stays open: at the end of it the interpreter would flood the console.
      const started = spawn(path, ['firmware.js'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
      started.stdout.on('data', (data: Buffer) => (output += data.toString('latin1')));
      started.stdin.on('error', () => undefined); // it has gone; the fleet sees that by its silence
      child = started;
    },
    type: (line) => void child?.stdin?.write(`${line}\n`),
    takeOutput() {
      const taken = output;
      output = '';
      return taken;
    },
    remove() {
      child?.kill('SIGKILL');
      child = undefined;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
