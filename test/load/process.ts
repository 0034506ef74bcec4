// A server in a process of its own, for benchmarks and for killing. In: a compiled script and its words. Out: the first line of JSON that it prints,
// and its end. It must never outlive the process that started it.

import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ServerProcess<Ready> {
  readonly child: ChildProcess;
  readonly ready: Ready;
  /** SIGKILL: what a power cut does to a process. */
  kill(): Promise<void>;
  /** SIGTERM, and its exit code. */
  stop(): Promise<number>;
}

export interface ProcessOptions {
  /** Beside this process's own. */
  readonly env?: NodeJS.ProcessEnv;
  readonly onError?: (text: string) => void;
}

export function startServer<Ready>(
  script: string,
  words: readonly string[],
  options?: ProcessOptions,
): Promise<ServerProcess<Ready>> {
  return startProcess([process.execPath, script, ...words], options);
}

export async function startProcess<Ready>(
  [command, ...words]: readonly string[],
  { env = {}, onError }: ProcessOptions = {},
): Promise<ServerProcess<Ready>> {
  if (command === undefined) throw new Error('expected a command, got no words');
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  child.stderr.on('data', (chunk: Buffer) => onError?.(chunk.toString()));
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
  const onExit = (): void => void child.kill('SIGKILL');
  process.once('exit', onExit);
  void ended.then(() => process.removeListener('exit', onExit));
  const ready = await firstLine(child, ended);
  return {
    child,
    ready: JSON.parse(ready) as Ready,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** The first line on standard output; fails with what the process said on its error stream if it ends before. */
async function firstLine(child: ChildProcess, ended: Promise<number>): Promise<string> {
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-4000)));
  const line = new Promise<string>((resolve) => createInterface({ input: child.stdout! }).once('line', resolve));
  const failed = ended.then((code) =>
    Promise.reject(new Error(`the server ended with code ${code} before it was ready: ${complaint}`)),
  );
  return Promise.race([line, failed]);
}
