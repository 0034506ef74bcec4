// `tallystick simulate SCENARIO`: a whole world in virtual time, from one seed, and an answer at the end. In: a scenario and options. Out: the answer as a table, as
// JSON, as a page; exit code 5 when a promise was broken, with the command that shows it again; and, if asked, a smaller scenario that breaks it, too.

import { htmlOf } from '../simulator/html.ts';
import type { Outcome } from '../simulator/outcome.ts';
import { isClean } from '../simulator/outcome.ts';
import { scenarioText } from '../simulator/scenario-text.ts';
import type { Scenario } from '../simulator/scenario.ts';
import { durationText } from '../simulator/duration.ts';
import type { SeedLimits, SeedLine } from '../simulator/seeds.ts';
import { outcomeOfSeed, runSeeds } from '../simulator/seeds.ts';
import { shrink } from '../simulator/shrink.ts';
import { runWorld } from '../simulator/world/run.ts';
import { createWorld } from '../simulator/world/world.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { printJson } from './options.ts';
import { expectWritable, writeOut } from './out-file.ts';
import { scenarioNamed } from './scenario-named.ts';
import { stopAfter } from './stop.ts';
import { progressView } from './world-progress.ts';
import { worldSummary } from './world-summary.ts';

export interface WorldOptions {
  readonly seed: number | undefined;
  readonly seeds: number | undefined;
  readonly twice: boolean;
  /** How many share the seeds. */
  readonly processes: number;
  readonly resume: string | undefined;
  readonly forMs: number | undefined;
  readonly messages: number | undefined;
  readonly json: boolean;
  readonly html: string | undefined;
  readonly shrink: boolean;
}

export async function simulateWorld(name: string, options: WorldOptions): Promise<void> {
  const scenario = scenarioNamed(name);
  if (options.html !== undefined) expectWritable({ option: '--html', path: options.html });
  if (options.resume !== undefined) expectWritable({ option: '--resume', path: options.resume });
  const stopAsked = listenForStop();
  if (options.seeds !== undefined) return manySeeds(name, scenario, options.seeds, options, stopAsked);
  const seed = options.seed ?? scenario.seed;
  const outcome = await runOne(scenario, seed, options, stopAsked);
  const replay = replayCommand(name, seed, options);
  if (options.json) printJson({ ...outcome, replay });
  else process.stdout.write(worldSummary(outcome, replay));
  if (options.html !== undefined) writeOut({ option: '--html', path: options.html }, htmlOf(outcome, replay));
  if (isClean(outcome)) return;
  if (options.shrink) await shrinkIt(name, scenario, outcome, stopAsked);
  throw new CommandFailed(EXIT.mismatch, `${countOf(outcome)} broken with seed ${seed}; replay with: ${replay}`);
}

function countOf({ violations, failedAssertions }: Outcome): string {
  const broken = violations.length + failedAssertions.length;
  return broken === 1 ? 'one promise was' : `${broken} promises were`;
}

/** The first Ctrl-C ends the scenario early; the world is still drained, settled and judged. */
function listenForStop(): () => boolean {
  let asked = false;
  void stopAfter(undefined).then(() => {
    asked = true;
  });
  return () => asked;
}

async function runOne(scenario: Scenario, seed: number, options: WorldOptions, stopAsked: () => boolean): Promise<Outcome> {
  const view = progressView(process.stderr);
  const world = createWorld(scenario, seed);
  try {
    return await runWorld(world, { ...limitsOf(options), stopAsked, onProgress: (progress) => view.show(progress) });
  } finally {
    view.end();
    world.close();
  }
}

function limitsOf({ forMs, messages }: WorldOptions): SeedLimits {
  return { ...(forMs === undefined ? {} : { forMs }), ...(messages === undefined ? {} : { messages }) };
}

function replayCommand(name: string, seed: number, { forMs, messages }: WorldOptions): string {
  const limits = `${forMs === undefined ? '' : ` --for ${forMs}ms`}${messages === undefined ? '' : ` --messages ${messages}`}`;
  return `tallystick simulate ${name} --seed ${seed}${limits}`;
}

async function manySeeds(
  name: string,
  scenario: Scenario,
  count: number,
  options: WorldOptions,
  stopAsked: () => boolean,
): Promise<void> {
  const startedMs = performance.now();
  const first = options.seed ?? 1;
  let run = 0;
  const show = (line: SeedLine, done: number, isKnown: boolean): void => {
    if (!isKnown) run++;
    const seedMs = (performance.now() - startedMs) / Math.max(1, run);
    const left = durationText(Math.round((seedMs * (count - done)) / 1000) * 1000);
    if (!line.clean) process.stderr.write(`seed ${line.seed}: ${line.why}\n`);
    if (isKnown || (done % 10 !== 0 && done !== count)) return;
    process.stderr.write(`${done}/${count} seeds, ${(seedMs / 1000).toFixed(1)} s each, ${left} left\n`);
  };
  const { twice, processes, resume: file } = options;
  const limits = limitsOf(options);
  const lines = await runSeeds({ source: name, first, count, twice, processes, file, limits, stopAsked, onSeed: show });
  const failed = lines.filter((line) => !line.clean);
  if (options.json) {
    const accepted = lines.reduce((sum, line) => sum + line.accepted, 0);
    const counts = { run: lines.length, clean: lines.length - failed.length, accepted, faults: sumOfFaults(lines) };
    printJson({ scenario: scenario.name, ...counts, failed });
  } else
    process.stdout.write(
      `${scenario.name}: ${lines.length - failed.length} of ${lines.length} seeds clean, ${count - lines.length} not run\n`,
    );
  const [worst] = failed;
  if (worst === undefined) return;
  const replay = replayCommand(name, worst.seed, options);
  throw new CommandFailed(EXIT.mismatch, `${failed.length} seeds broke a promise; replay the first with: ${replay}`);
}

function sumOfFaults(lines: readonly SeedLine[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { faults } of lines) for (const [kind, n] of Object.entries(faults)) sums[kind] = (sums[kind] ?? 0) + n;
  return sums;
}

/** Halves and leaves out what it can, and writes down what is left. */
async function shrinkIt(name: string, scenario: Scenario, outcome: Outcome, stopAsked: () => boolean): Promise<void> {
  const { seed } = outcome;
  process.stderr.write('making the scenario smaller; Ctrl-C keeps what is reached\n');
  const brokenBy = async (smaller: Scenario): Promise<string | undefined> => {
    const { violations, failedAssertions } = await outcomeOfSeed(smaller, seed, () => false);
    return violations[0]?.rule ?? (failedAssertions.length > 0 ? 'assertion' : undefined);
  };
  const onSmaller = (what: string): void => void process.stderr.write(`  ${what}\n`);
  const smallest = await shrink({ scenario, brokenBy, onSmaller, stopAsked });
  const path = `${name.replace(/^.*[\\/]/, '').replace(/\.(ya?ml|json)$/, '')}-seed-${seed}.yaml`;
  writeOut({ option: '--shrink', path }, scenarioText({ ...smallest, seed }));
  process.stderr.write(`smallest failing scenario: ${path}; replay with: tallystick simulate ${path}\n`);
}
