// A world in virtual time runs in a process of its own, and nobody may notice: it ends when it is told, with its answer, and not after the process that was told.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Outcome } from '../../simulator/outcome.ts';
import { freshFolder, lastJson, launch } from './run.ts';

/** As they stand in the system's list, by a word of theirs that no other process has. */
function processesWith(word: string): string[] {
  const list = execFileSync('ps', ['-e', '-o', 'args='], { encoding: 'utf8' });
  return list.split('\n').filter((args) => args.includes(word));
}

const untilThereAre = (count: number, word: string): Promise<void> =>
  expect.poll(() => processesWith(word).length, { timeout: 20_000 }).toBe(count);

async function underWay(page: string): Promise<void> {
  await untilThereAre(2, page);
  await new Promise((resolve) => setTimeout(resolve, 2000)); // its first hours
}

it.each(['SIGINT', 'SIGTERM'] as const)(
  '%s: the month ends early, settled and judged, with 0',
  { timeout: 60_000 },
  async (signal) => {
    const page = join(freshFolder(), 'page.html');
    const running = launch(['simulate', 'steady-month', '--json', '--html', page]);
    await underWay(page);
    running.child.kill(signal);
    const outcome = await running.outcome;
    expect(outcome.code).toBe(0);
    expect(lastJson<Outcome>(outcome)).toMatchObject({ stopped: true, violations: [] });
  },
);

it('killed at once, it leaves no process behind', { timeout: 60_000 }, async () => {
  const page = join(freshFolder(), 'page.html');
  const running = launch(['simulate', 'steady-month', '--json', '--html', page]);
  await underWay(page);
  running.child.kill('SIGKILL');
  await untilThereAre(0, page);
});
