// Many lives, one after the other, on databases in memory where the system has a place for files there. In: how many and from which seed. Out: what was found, with
// the seed of each finding.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../../hub/store.ts';
import { openStore } from '../../../hub/store.ts';
import type { Planted } from './run.ts';
import { liveOnce } from './run.ts';

export interface ManyOptions {
  readonly runs: number;
  readonly seed: number;
  readonly planted?: Planted | undefined;
  /** Ends at the first finding. */
  readonly untilFound?: boolean;
  readonly onRun?: ((done: number, report: CrashReport) => void) | undefined;
}

export interface CrashReport {
  runs: number;
  crashes: number;
  payouts: number;
  readonly findings: string[];
  /** At how many different steps a process has died, and how often at each. */
  readonly steps: Record<string, number>;
}

/** On one database; books that grow make each run slower. */
const RUNS_PER_STORE = 20;

export function emptyReport(): CrashReport {
  return { runs: 0, crashes: 0, payouts: 0, findings: [], steps: {} };
}

export async function crashRuns({ runs, seed, planted, untilFound = false, onRun }: ManyOptions): Promise<CrashReport> {
  const report = emptyReport();
  while (report.runs < runs) {
    const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tallystick-crashes-'));
    const store = openStore(folder);
    try {
      const count = Math.min(RUNS_PER_STORE, runs - report.runs);
      if (await onOneStore(store, { count, seed: seed + report.runs, report, planted, untilFound, onRun })) return report;
    } finally {
      store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return report;
}

interface OnStore extends Pick<ManyOptions, 'planted' | 'onRun'> {
  readonly count: number;
  readonly seed: number;
  readonly report: CrashReport;
  readonly untilFound: boolean;
}

/** True when there is no more to look for. A run that found something leaves books that the next one must not stand on. */
async function onOneStore(store: Store, { count, seed, report, planted, untilFound, onRun }: OnStore): Promise<boolean> {
  for (let at = 0; at < count; at++) {
    const result = await liveOnce(store, seed + at, at, planted);
    report.runs++;
    report.crashes += result.crashes;
    report.payouts += result.payouts;
    for (const step of result.steps) report.steps[step] = (report.steps[step] ?? 0) + 1;
    for (const finding of result.findings) report.findings.push(`seed ${seed + at}: ${finding}`);
    onRun?.(report.runs, report);
    if (result.findings.length > 0) return untilFound;
  }
  return false;
}
