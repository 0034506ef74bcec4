// This command once more, in a process with more room for what is young: simulated worlds leave everything behind, and six days of the steady month take 20 s with it and 29 without. In: the words of the command
// line. Out: the exit code of the process that has done the work. It must never leave that process behind.

import { spawn } from 'node:child_process';
import { YOUNG } from '../simulator/crew.ts';
import { EXIT } from './exit.ts';

export const isRoomy = (): boolean => process.execArgv.includes(YOUNG);

/** When the process that has started this one is gone, nobody waits any more. */
export function endWithStarter(): void {
  if (process.channel === undefined) return;
  process.channel.unref();
  process.once('disconnect', () => process.exit(EXIT.interrupted));
}

/** Only the beginning of a process can give it room. It has said all that there is to say; what it was told to end, it was told by the terminal or is by this. */
export function runRoomily(): Promise<number> {
  const words = [...process.execArgv, YOUNG, ...process.argv.slice(1)];
  const child = spawn(process.execPath, words, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const wasAsked = signal === 'SIGINT' || signal === 'SIGTERM';
      resolve(code ?? (wasAsked ? EXIT.interrupted : EXIT.unexpected));
    });
  });
}
