// The command as a user runs it: the compiled program in a process of its own. In: words. Out: exit code and what it printed.

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
}

/** Removed when the test that asked for it is over. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function launch(words: readonly string[]): RunningCommand {
  if (!existsSync(MAIN)) throw new Error('expected the compiled command in dist/; run: npm run build');
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const outcome = new Promise<Outcome>((resolve) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, outcome };
}

export function tallystick(...words: string[]): Promise<Outcome> {
  return launch(words).outcome;
}

/** The last line of standard output as JSON: what `--json` promises. */
export function lastJson<T>(outcome: Outcome): T {
  return JSON.parse(outcome.stdout.trimEnd().split('\n').at(-1) as string) as T;
}
