// A folder for one benchmark. In: what to do in it. Out: what that answers; the folder is gone afterwards, whatever happened.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-bench-'));
  mkdirSync(join(folder, 'work'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** For people; standard output belongs to the answer. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
