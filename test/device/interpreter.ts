// The real interpreter as a board: a fresh folder is its flash, which outlives a kill. In: the firmware file. Out: a process to kill, its
// console. Found only through the environment variable ESPRUINO.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const interpreterPath = process.env.ESPRUINO ?? '';

export interface Interpreter {
  readonly folder: string;
  console(): string;
  boot(code: string): void;
  /** As a power cut: no signal that could be answered. */
  kill(): Promise<void>;
  remove(): Promise<void>;
}

export function createInterpreter(): Interpreter {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-board-'));
  let child: ChildProcess | undefined;
  let output = '';
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const gone = new Promise<void>((resolve) => running.once('exit', () => resolve()));
    running.kill('SIGKILL');
    await gone;
  };
  return {
    folder,
    console: () => output,
    boot(code) {
      writeFileSync(join(folder, 'firmware.js'), code);
      // The pipe stays open and idle: at the end of its input the interpreter would flood the console.
      child = spawn(interpreterPath, ['firmware.js'], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
      child.stdout?.on('data', (data: Buffer) => (output += data.toString('latin1')));
      child.stderr?.on('data', (data: Buffer) => (output += data.toString('latin1')));
    },
    kill,
    async remove() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
