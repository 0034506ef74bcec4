// The hunt: each planted defect must be found, by a run of an ordinary scenario, and none where nothing is planted. In: a scenario, seeds, a defect. Out: the
// seed that found it and the promise that was broken. A defect that nobody finds means that the auditor is blind there.

import type { Scenario } from '../scenario.ts';
import type { WorldParts } from '../world/parts.ts';
import { runWorld } from '../world/run.ts';
import { createWorld } from '../world/world.ts';
import { isClean } from '../outcome.ts';
import type { Defect } from './defect.ts';
import { KNOWN_SEEDS } from './known-seeds.ts';

export interface Broken {
  readonly rule: string;
  readonly detail: string;
}

export interface Finding {
  /** The defect's. */
  readonly id: string;
  /** `undefined` when no seed has found it. */
  readonly seed: number | undefined;
  readonly broken: Broken;
  readonly elapsedMs: number;
}

/** The seed that is known to find it comes first. */
export async function hunt(scenario: Scenario, { id, parts }: Defect, seeds: readonly number[]): Promise<Finding> {
  const beganMs = performance.now();
  const known = KNOWN_SEEDS[id];
  const order = known === undefined ? seeds : [known, ...seeds.filter((seed) => seed !== known)];
  for (const seed of order) {
    const broken = await firstBroken(scenario, seed, parts());
    if (broken !== undefined) return { id, seed, broken, elapsedMs: performance.now() - beganMs };
  }
  return { id, seed: undefined, broken: { rule: '', detail: '' }, elapsedMs: performance.now() - beganMs };
}

/** Stops at the first broken promise; `undefined` for a clean run. */
export async function firstBroken(scenario: Scenario, seed: number, parts?: WorldParts): Promise<Broken | undefined> {
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
