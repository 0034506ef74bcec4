// The real interpreter as a board: a folder of its own holds its flash, which outlives a kill. In: the firmware file, which it runs from memory, because
// the Linux build reads flash through a file, byte by byte. Out: a process to kill, and its console. Found only through ESPRUINO.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const interpreterPath = process.env.ESPRUINO ?? '';

export interface Interpreter {
  boot(code: string): void;
  /** What the console has said since the last boot. */
  console(): string;
  /** Types a line at the console. */
  type(line: string): void;
  /** As a power cut: no signal that could be answered. */
  kill(): Promise<void>;
  remove(): Promise<void>;
}

export function createInterpreter(): Interpreter {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-board-'));
  let child: ChildProcess | undefined;
  let output = '';

  /** Its input stays open and idle: at the end of it the interpreter would flood the console. */
  const run = (args: readonly string[]): ChildProcess => {
    output = '';
    const started = spawn(interpreterPath, args, { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
    started.stdout.on('data', (data: Buffer) => (output += data.toString('latin1')));
    child = started;
    return started;
  };

  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => running.once('exit', () => resolve()));
    running.kill('SIGKILL');
    await gone;
  };

  return {
    boot(code) {
      writeFileSync(join(folder, 'firmware.js'), code, 'latin1');
      run(['firmware.js']);
    },
    console: () => output,
    type: (line) => void child?.stdin?.write(line + '\n'),
    kill,
    async remove() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
