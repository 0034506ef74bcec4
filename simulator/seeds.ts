// Many seeds of one scenario, resumable and shared among processes: each seed's answer is one line in a file, and what has a line is not run again. In: a scenario, seeds, a
// file. Out: how many were clean, and which were not. It may be stopped at any time; what was running then is run again.

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCrew } from './crew.ts';
import type { Outcome } from './outcome.ts';
import { isClean } from './outcome.ts';
import { loadScenario } from './scenario-file.ts';
import type { Scenario } from './scenario.ts';
import { runWorld } from './world/run.ts';
import { createWorld } from './world/world.ts';

export interface SeedLine {
  readonly seed: number;
  readonly hash: string;
  /** Vouchers accepted, and faults by kind. */
  readonly accepted: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly clean: boolean;
  /** The first broken promise, '' when none was. */
  readonly why: string;
}

/** When a seed ends before its scenario does. */
export interface SeedLimits {
  readonly forMs?: number;
  readonly messages?: number;
}

/** How each seed is run. */
export interface SeedsGround {
  /** The scenario's file, or its name. */
  readonly source: string;
  /** Run every seed twice and compare the hashes. */
  readonly twice: boolean;
  readonly limits: SeedLimits;
}

export interface SeedsOptions extends SeedsGround {
  readonly first: number;
  readonly count: number;
  readonly processes: number;
  readonly file: string | undefined;
  readonly stopAsked: () => boolean;
  /** `isKnown`: it was in the file. */
  readonly onSeed: (line: SeedLine, done: number, isKnown: boolean) => void;
}

/** In the order of the seeds. */
export async function runSeeds(options: SeedsOptions): Promise<SeedLine[]> {
  const { source, first, count, processes, file, limits, stopAsked, onSeed } = options;
  const scenario = loadScenario(source);
  const known = file === undefined ? new Map<number, SeedLine>() : linesIn(file, scenario.name, limits);
  const lines: SeedLine[] = [];
  const left: number[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const line = known.get(seed);
    if (line === undefined) left.push(seed);
    else onSeed(line, lines.push(line), true);
  }
  const onLine = (line: SeedLine): void => {
    if (file !== undefined) appendFileSync(file, `${JSON.stringify({ scenario: scenario.name, ...limits, ...line })}\n`);
    onSeed(line, lines.push(line), false);
  };
  if (processes > 1) await shareSeeds(left, options, onLine);
  else await runInTurn(left, scenario, options, stopAsked, onLine);
  return lines.sort((a, b) => a.seed - b.seed);
}

type OnLine = (line: SeedLine) => void;

async function runInTurn(
  seeds: readonly number[],
  scenario: Scenario,
  ground: SeedsGround,
  stopAsked: () => boolean,
  onLine: OnLine,
): Promise<void> {
  for (const seed of seeds) {
    if (stopAsked()) return;
    const line = await runSeed(scenario, ground, seed, stopAsked);
    if (stopAsked()) return; // it was cut short
    onLine(line);
  }
}

const LOOK_MS = 200;

async function shareSeeds(seeds: readonly number[], options: SeedsOptions, onLine: OnLine): Promise<void> {
  const { source, twice, limits, processes, stopAsked } = options;
  const ground: SeedsGround = { source, twice, limits };
  const crew = startCrew<number, SeedLine>(join(import.meta.dirname, 'seed-part.js'), ground, processes);
  const looking = setInterval(() => {
    if (stopAsked()) crew.end();
  }, LOOK_MS);
  try {
    await crew.run(seeds, onLine);
  } finally {
    clearInterval(looking);
    crew.end();
  }
}

export async function runSeed(
  scenario: Scenario,
  { twice, limits }: SeedsGround,
  seed: number,
  stopAsked: () => boolean,
): Promise<SeedLine> {
  const outcome = await outcomeOfSeed(scenario, seed, stopAsked, limits);
  const { hash, faults, vouchers } = outcome;
  const line = { seed, hash, accepted: vouchers.accepted, faults };
  const why = firstFault(outcome);
  if (!twice || why !== '') return { ...line, clean: why === '', why };
  const again = await outcomeOfSeed(scenario, seed, stopAsked, limits);
  const same = again.hash === hash;
  return { ...line, clean: same, why: same ? '' : `the second run gave ${again.hash}` };
}

export async function outcomeOfSeed(
  scenario: Scenario,
  seed: number,
  stopAsked: () => boolean,
  limits: SeedLimits = {},
): Promise<Outcome> {
  const world = createWorld(scenario, seed);
  try {
    return await runWorld(world, { ...limits, stopAsked, briefly: true });
  } finally {
    world.close();
  }
}

export function firstFault(outcome: Outcome): string {
  if (isClean(outcome)) return '';
  const [violation] = outcome.violations;
  return violation === undefined ? (outcome.failedAssertions[0] as string) : `${violation.rule}: ${violation.detail}`;
}

type WrittenLine = SeedLine & SeedLimits & { readonly scenario: string };

/** Of the same scenario under the same limits. */
function linesIn(file: string, scenario: string, limits: SeedLimits): Map<number, SeedLine> {
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}')) // a line that was cut short is run again
    .map((line) => JSON.parse(line) as WrittenLine)
    .filter((line) => line.scenario === scenario && line.forMs === limits.forMs && line.messages === limits.messages);
  return new Map(lines.map(({ scenario: _, forMs: __, messages: ___, ...line }) => [line.seed, line]));
}
