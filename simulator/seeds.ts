// Many seeds of one scenario, resumable: each seed's answer is one line in a file, and what has a line is not run again. In: a scenario, seeds, a file. Out: how many
// were clean, and which were not. It may be stopped at any time; what was running then is run again.

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Outcome } from './outcome.ts';
import { isClean } from './outcome.ts';
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

export interface SeedsOptions {
  readonly scenario: Scenario;
  readonly first: number;
  readonly count: number;
  /** Run every seed twice and compare the hashes. */
  readonly twice: boolean;
  readonly file: string | undefined;
  readonly stopAsked: () => boolean;
  /** `isKnown`: it was in the file. */
  readonly onSeed: (line: SeedLine, done: number, isKnown: boolean) => void;
}

export async function runSeeds(options: SeedsOptions): Promise<SeedLine[]> {
  const { scenario, first, count, file, stopAsked, onSeed } = options;
  const known = file === undefined ? new Map<number, SeedLine>() : linesIn(file, scenario.name);
  const lines: SeedLine[] = [];
  for (let seed = first; seed < first + count && !stopAsked(); seed++) {
    const before = known.get(seed);
    const line = before ?? (await runSeed(options, seed));
    if (stopAsked() && before === undefined) break; // it was cut short
    lines.push(line);
    if (before === undefined && file !== undefined)
      appendFileSync(file, `${JSON.stringify({ scenario: scenario.name, ...line })}\n`);
    onSeed(line, lines.length, before !== undefined);
  }
  return lines;
}

async function runSeed({ scenario, twice, stopAsked }: SeedsOptions, seed: number): Promise<SeedLine> {
  const outcome = await outcomeOfSeed(scenario, seed, stopAsked);
  const { hash, faults, vouchers } = outcome;
  const line = { seed, hash, accepted: vouchers.accepted, faults };
  const why = firstFault(outcome);
  if (!twice || why !== '') return { ...line, clean: why === '', why };
  const again = await outcomeOfSeed(scenario, seed, stopAsked);
  const same = again.hash === hash;
  return { ...line, clean: same, why: same ? '' : `the second run gave ${again.hash}` };
}

export async function outcomeOfSeed(scenario: Scenario, seed: number, stopAsked: () => boolean): Promise<Outcome> {
  const world = createWorld(scenario, seed);
  try {
    return await runWorld(world, { stopAsked, briefly: true });
  } finally {
    world.close();
  }
}

export function firstFault(outcome: Outcome): string {
  if (isClean(outcome)) return '';
  const [violation] = outcome.violations;
  return violation === undefined ? (outcome.failedAssertions[0] as string) : `${violation.rule}: ${violation.detail}`;
}

function linesIn(file: string, scenario: string): Map<number, SeedLine> {
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}')) // a line that was cut short is run again
    .map((line) => JSON.parse(line) as SeedLine & { readonly scenario: string });
  return new Map(lines.filter((line) => line.scenario === scenario).map(({ scenario: _, ...line }) => [line.seed, line]));
}
