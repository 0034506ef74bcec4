// An Espruino for Linux as a workplace, each program in a folder of its own, which holds its flash. In: the path of the interpreter. Out: a workplace. Its input stays
// open and idle, for at the end of it the interpreter would flood the console; it is ended by force, for it answers no signal.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bytes } from '../../shared/bytes.ts';
import type { StoredFile } from '../upload/upload.ts';
import type { Program, Workplace } from './workplace.ts';
import { MeasuringFailed } from './workplace.ts';

/** A file is written in pieces, one statement each, as a board is flashed: the interpreter has too few variables for the whole. */
const PIECE_BYTES = 1536;
const INSTALL_MS = 30_000;
const LAST_WORDS = 400;

function installer(files: readonly StoredFile[]): Bytes {
  const pieces = files.flatMap(({ name, bytes }) => {
    const starts = Array.from({ length: Math.ceil(bytes.length / PIECE_BYTES) }, (_, index) => index * PIECE_BYTES);
    return starts.map((at) => {
      const piece = Buffer.from(bytes.slice(at, at + PIECE_BYTES), 'latin1').toString('base64');
      return `require("Storage").write(${JSON.stringify(name)},atob("${piece}"),${at},${bytes.length});`;
    });
  });
  return `${pieces.join('\n')}\nprint("#bench 0");\n`;
}

interface Hearing {
  readonly withinMs: number;
  readonly onProgress: (done: number) => void;
}

/** What a line of the console means: an answer, or nothing yet. */
function hear(line: string, hearing: Hearing): { value: unknown } | undefined {
  const match = /#(bench|progress) (.*?)\r?$/.exec(line);
  if (match === null) return undefined;
  const value = JSON.parse(match[2] as string) as unknown;
  if (match[1] === 'bench') return { value };
  hearing.onProgress(value as number);
  return undefined;
}

function answerOf(child: ChildProcess, hearing: Hearing): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let text = '';
    let said = '';
    let answer: { value: unknown } | undefined;
    const timer = setTimeout(() => child.kill('SIGKILL'), hearing.withinMs);
    child.stdout?.setEncoding('latin1').on('data', (part: string) => {
      const lines = (text + part).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        answer ??= hear(line, hearing);
        said = `${said}\n${line}`.slice(-LAST_WORDS);
      }
      if (answer !== undefined || /uncaught|cannot start/i.test(said)) child.kill('SIGKILL');
    });
    child.on('error', (error) => reject(new MeasuringFailed(`the interpreter cannot be started: ${error.message}`)));
    child.on('close', () => {
      clearTimeout(timer);
      if (answer !== undefined) return resolve(answer.value);
      reject(
        new MeasuringFailed(`the interpreter gave no answer within ${hearing.withinMs / 1000} s; its last words: ${said.trim()}`),
      );
    });
  });
}

export function interpreterAt(path: string): Workplace {
  const spawnIn = (folder: string, ...words: string[]): ChildProcess =>
    spawn(path, words, { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
  return {
    name: path,
    kind: 'interpreter',
    async run(program: Program) {
      const folder = mkdtempSync(join(tmpdir(), 'tallystick-bench-'));
      try {
        writeFileSync(join(folder, 'install.js'), installer(program.files), 'latin1');
        await answerOf(spawnIn(folder, 'install.js'), { withinMs: INSTALL_MS, onProgress: () => undefined });
        if (program.code === undefined) return await answerOf(spawnIn(folder), program);
        writeFileSync(join(folder, 'run.js'), program.code, 'latin1');
        return await answerOf(spawnIn(folder, 'run.js'), program);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}
