// Makes a failing scenario small: leaves out one thing after the other, and keeps what still fails in the same way. In: a scenario and the seed that breaks it.
// Out: a smaller scenario that breaks the same promise with the same seed, for a person to look at. It changes nothing but the scenario.

import type { Faults, Scenario } from './scenario.ts';

export interface ShrinkOptions {
  readonly scenario: Scenario;
  /** The promise that a scenario breaks; `undefined` when it holds. */
  readonly brokenBy: (scenario: Scenario) => Promise<string | undefined>;
  readonly onSmaller: (what: string) => void;
  readonly stopAsked: () => boolean;
}

interface Step {
  readonly what: string;
  readonly scenario: Scenario;
}

const LEAST_MS = 60_000;

export async function shrink(options: ShrinkOptions): Promise<Scenario> {
  const { brokenBy, onSmaller, stopAsked } = options;
  const rule = await brokenBy(options.scenario);
  if (rule === undefined) throw new Error('expected a scenario that breaks a promise, got one that holds');
  let smallest = options.scenario;
  for (let again = true; again && !stopAsked();) {
    again = false;
    for (const { what, scenario } of stepsOf(smallest)) {
      if (stopAsked()) break;
      if ((await brokenBy(scenario)) !== rule) continue;
      onSmaller(what);
      smallest = scenario;
      again = true;
      break; // the steps of the smaller one are others
    }
  }
  return smallest;
}

/** The largest cuts first. */
function* stepsOf(scenario: Scenario): Generator<Step> {
  const { duration, groups, faults, network } = scenario;
  if (duration > LEAST_MS) yield { what: 'half the time', scenario: { ...scenario, duration: Math.floor(duration / 2) } };
  for (const group of groups) {
    if (groups.length === 1) break;
    yield { what: `without group ${group.name}`, scenario: { ...scenario, groups: groups.filter((one) => one !== group) } };
  }
  for (const name of Object.keys(faults) as Array<keyof Faults>) {
    if (faults[name] === undefined) continue;
    const left = { ...faults };
    delete left[name];
    yield { what: `without ${name}`, scenario: { ...scenario, faults: left } };
  }
  for (const name of ['loss', 'duplicate', 'reorder', 'flip'] as const) {
    if (network[name] > 0) yield { what: `without ${name}`, scenario: { ...scenario, network: { ...network, [name]: 0 } } };
  }
  for (const group of groups) {
    if (group.count === 1) continue;
    const fewer = groups.map((one) => (one === group ? { ...one, count: Math.floor(one.count / 2) } : one));
    yield { what: `half of ${group.name}`, scenario: { ...scenario, groups: fewer } };
  }
  if (duration > LEAST_MS)
    yield { what: 'nine tenths of the time', scenario: { ...scenario, duration: Math.floor(duration * 0.9) } };
}
