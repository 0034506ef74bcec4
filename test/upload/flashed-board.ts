// The real interpreter as a board that starts from its flash, as one that was flashed by cable: loader, firmware, settings. In: files for its Storage. Out: power to
// switch on and cut, and its console. Its flash lies in a folder of its own and outlives a power cut. Found only through ESPRUINO.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredFile } from '../../device/upload/upload.ts';

export const interpreterPath = process.env.ESPRUINO ?? '';

const PIECE_BYTES = 1536;

export interface FlashedBoard {
  powerOn(): void;
  /** As a power cut: no signal that could be answered. */
  powerOff(): Promise<void>;
  /** What the console has said since the power came. */
  console(): string;
  type(line: string): void;
  remove(): Promise<void>;
}

function installer(files: readonly StoredFile[]): string {
  const pieces = files.flatMap(({ name, bytes }) =>
    Array.from({ length: Math.ceil(bytes.length / PIECE_BYTES) }, (_, i) => {
      const piece = Buffer.from(bytes.slice(i * PIECE_BYTES, (i + 1) * PIECE_BYTES), 'latin1').toString('base64');
      return `require("Storage").write("${name}",atob("${piece}"),${i * PIECE_BYTES},${bytes.length});`;
    }),
  );
  return `${pieces.join('\n')}\nquit();\n`;
}

/** Its input stays open: at the end of it the interpreter would flood the console. */
function launch(folder: string, ...words: string[]): ChildProcess {
  return spawn(interpreterPath, words, { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
}

export async function createFlashedBoard(files: readonly StoredFile[]): Promise<FlashedBoard> {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-board-'));
  writeFileSync(join(folder, 'install.js'), installer(files));
  const installing = launch(folder, 'install.js');
  installing.stdout?.resume();
  await new Promise((resolve) => installing.once('exit', resolve));
  let child: ChildProcess | undefined;
  let said = '';

  const powerOff = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => running.once('exit', () => resolve()));
    running.kill('SIGKILL');
    await gone;
  };
  return {
    powerOn() {
      said = '';
      child = launch(folder, '-e', '');
      child.stdout?.on('data', (data: Buffer) => (said += data.toString('latin1')));
    },
    powerOff,
    console: () => said,
    type: (line) => void child?.stdin?.write(`${line}\n`),
    async remove() {
      await powerOff();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
