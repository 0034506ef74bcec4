// The hunt: each planted defect must be found, by a run of an ordinary scenario, and none where nothing is planted. In: a scenario, seeds, defects. Out: for each
// defect the seed that found it and the promise that was broken. A defect that nobody finds means that the auditor is blind there.

import type { Scenario } from '../scenario.ts';
import type { WorldParts } from '../world/parts.ts';
import { runWorld } from '../world/run.ts';
import { createWorld } from '../world/world.ts';
import { isClean } from '../outcome.ts';
import type { Defect } from './defect.ts';

export interface Finding {
  readonly defect: Defect;
  /** `undefined` when no seed has found it. */
  readonly seed: number | undefined;
  readonly rule: string;
  readonly detail: string;
  readonly elapsedMs: number;
}

export interface HuntOptions {
  readonly scenario: Scenario;
  readonly defects: readonly Defect[];
  readonly seeds: readonly number[];
  readonly onFinding: (finding: Finding) => void;
}

export async function hunt({ scenario, defects, seeds, onFinding }: HuntOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const defect of defects) {
    const finding = await huntOne(scenario, defect, seeds);
    findings.push(finding);
    onFinding(finding);
  }
  return findings;
}

async function huntOne(scenario: Scenario, defect: Defect, seeds: readonly number[]): Promise<Finding> {
  const startedMs = performance.now();
  for (const seed of seeds) {
    const broken = await firstBroken(scenario, seed, defect.parts());
    if (broken !== undefined) return { defect, seed, ...broken, elapsedMs: performance.now() - startedMs };
  }
  return { defect, seed: undefined, rule: '', detail: '', elapsedMs: performance.now() - startedMs };
}

/** Stops at the first broken promise; `undefined` for a clean run. */
export async function firstBroken(
  scenario: Scenario,
  seed: number,
  parts?: WorldParts,
): Promise<{ readonly rule: string; readonly detail: string } | undefined> {
  const world = createWorld(scenario, seed, parts);
  try {
    const outcome = await runWorld(world, { stopAsked: () => world.auditor.violations.length > 0, briefly: true });
    const [violation] = outcome.violations;
    if (violation !== undefined) return violation;
    return isClean(outcome) ? undefined : { rule: 'assertion', detail: outcome.failedAssertions.join('; ') };
  } finally {
    world.close();
  }
}
