// The hub's memory under strangers: real processes of Node, which make the same garbage, with and without headroom. Counted is how often V8 goes through all memory, and how much of it there is.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const HEADROOM = join(import.meta.dirname, '..', '..', 'dist', 'hub', 'headroom.js');

/** A few megabytes are alive, and some 600 MB outlive two collections of the young before they are let go, as what comes and goes under load does. */
const PROGRAM = `
  import { PerformanceObserver } from 'node:perf_hooks';
  let majors = 0, mostBytes = 0;
  new PerformanceObserver((list) => { for (const { detail } of list.getEntries()) if (detail.kind === 4) majors++; }).observe({ type: 'gc' });
  const piece = (n) => Array.from({ length: n }, (_, i) => ({ i }));
  const alive = piece(100_000);
  gc();
  const window = [];
  for (let i = 0; i < 2000; i++) {
    window.push(piece(8_000));
    if (window.length > 20) window.shift();
    mostBytes = Math.max(mostBytes, process.memoryUsage().heapUsed);
    await new Promise((resolve) => setImmediate(resolve));
  }
  console.log(JSON.stringify({ majors, mostBytes, alive: alive.length }));
`;

interface Counted {
  readonly majors: number;
  readonly mostBytes: number;
}

function count(first: string): Counted {
  const words = ['--expose-gc', '--max-semi-space-size=1', '--input-type=module', '-e', first + PROGRAM];
  const run = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`expected exit code 0, got ${run.status}: ${run.stderr}`);
  return JSON.parse(run.stdout) as Counted;
}

test('a process with headroom goes through all of its memory less often, and does not grow without bound', () => {
  const without = count('');
  const withIt = count(`import { keepHeadroom } from ${JSON.stringify(HEADROOM)}; keepHeadroom();`);
  expect(withIt.majors).toBeLessThan(0.75 * without.majors); // 8 beside 14
  expect(withIt.majors).toBeGreaterThan(2);
  expect(withIt.mostBytes - without.mostBytes).toBeLessThan(128 * 1024 * 1024); // 74 MB
});
