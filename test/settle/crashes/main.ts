// `npm run settle:crashes`: as many lives of a settlement as wanted, from a seed on; resumable. In: how many. Out: one JSON value, and 1 if anything was found. With
// --controls, the planted variants instead: then 1 if one was not found.

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { wholeNumber } from '../../../cli/duration.ts';
import type { CrashReport } from './many.ts';
import { crashRuns, emptyReport } from './many.ts';
import { PLANTED } from './planted.ts';

interface Options {
  readonly runs: number;
  readonly seed: number;
  readonly state?: string;
  readonly controls?: boolean;
}

const options = new Command('settle:crashes')
  .description(
    'settlement under crashes at every step, with lost, late and repeated answers: every amount must move exactly once',
  )
  .option('--runs <number>', 'so many seeded lives', wholeNumber(1, 10_000_000), 10_000)
  .option('--seed <number>', 'the first seed; each life has its own', wholeNumber(0, 4_000_000_000), 1)
  .option('--state <file>', 'write down how far it is, and go on from there when it exists')
  .option('--controls', 'plant wrong variants instead: each must be found')
  .parse()
  .opts<Options>();

/** Lives between two looks at the state file. */
const PART = 1000;

async function lives(): Promise<void> {
  const total = readState();
  const startMs = Date.now();
  const before = total.runs;
  while (total.runs < options.runs) {
    const done = total.runs;
    const onRun = (runs: number, { findings }: CrashReport): void => {
      const all = done + runs;
      if (all % 20 !== 0) return;
      const restSeconds = Math.round((((Date.now() - startMs) / (all - before)) * (options.runs - all)) / 1000);
      process.stderr.write(
        `\r${all}/${options.runs} lives, ${total.findings.length + findings.length} findings, ${restSeconds} s left   `,
      );
    };
    const part = await crashRuns({ runs: Math.min(PART, options.runs - done), seed: options.seed + done, onRun });
    add(total, part);
    writeState(total);
  }
  process.stderr.write('\n');
  const { runs, crashes, payouts, findings, steps } = total;
  process.stdout.write(
    `${JSON.stringify({ runs, seed: options.seed, crashes, payouts, stepsDiedAt: Object.keys(steps).length, findings })}\n`,
  );
  if (findings.length > 0) process.exitCode = 1;
}

function add(total: CrashReport, part: CrashReport): void {
  total.runs += part.runs;
  total.crashes += part.crashes;
  total.payouts += part.payouts;
  total.findings.push(...part.findings);
  for (const [step, times] of Object.entries(part.steps)) total.steps[step] = (total.steps[step] ?? 0) + times;
}

function readState(): CrashReport {
  const { state } = options;
  return state === undefined || !existsSync(state) ? emptyReport() : (JSON.parse(readFileSync(state, 'utf8')) as CrashReport);
}

function writeState(total: CrashReport): void {
  if (options.state === undefined) return;
  writeFileSync(`${options.state}.tmp`, JSON.stringify(total));
  renameSync(`${options.state}.tmp`, options.state);
}

async function controls(): Promise<void> {
  for (const [what, planted] of PLANTED) {
    const { runs, findings } = await crashRuns({ runs: options.runs, seed: options.seed, planted, untilFound: true });
    process.stdout.write(
      `${JSON.stringify({ planted: what, found: findings.length > 0, afterRuns: runs, finding: findings[0] ?? null })}\n`,
    );
    if (findings.length === 0) process.exitCode = 1;
  }
}

await (options.controls === true ? controls() : lives());
