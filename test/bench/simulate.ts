// `npm run bench:simulate`: how fast virtual time passes. In: how much of the steady month is run. Out: CPU time per voucher with everything in it -- firmware, hashes,
// network, judge, database, the auditor's second look -- and what the whole month comes to; as a table and, with --json, as one object at the end.
// Twice: nodes that report on the full minute, whose vouchers share a record of the journal, and nodes that report whenever they do, one record each. Beside it stands the limit: what the parts alone take
// that no run can do without. It never judges.

import Table from 'cli-table3';
import { Command } from 'commander';
import { durationMs, durationText } from '../../simulator/duration.ts';
import { isClean } from '../../simulator/outcome.ts';
import { loadScenario } from '../../simulator/scenario-file.ts';
import type { Scenario } from '../../simulator/scenario.ts';
import { runWorld } from '../../simulator/world/run.ts';
import { createWorld } from '../../simulator/world/world.ts';
import { partsOfVoucherUs } from './voucher-parts.ts';

const MONTH_MS = 30 * 86_400_000;

interface Measured {
  readonly vouchers: number;
  readonly cpuSeconds: number;
  readonly elapsedSeconds: number;
  readonly hash: string;
}

interface Figures {
  readonly usPerVoucher: number;
  /** Hashes and the share of a row, and nothing else. */
  readonly limitUs: number;
  readonly ratioToLimit: number;
  readonly timesRealTime: number;
  readonly monthSeconds: number;
  readonly monthSecondsElapsed: number;
}

/** The same nodes, none of them with a clock: each voucher comes alone. */
function spread(scenario: Scenario): Scenario {
  const groups = scenario.groups.map((group) =>
    group.behaviour.kind === 'interval' ? { ...group, behaviour: { ...group.behaviour, jitterShare: 0.1 } } : group,
  );
  return { ...scenario, groups, hub: { ...scenario.hub, turn: 2 } };
}

async function measure(scenario: Scenario, forMs: number): Promise<Measured> {
  const before = process.cpuUsage();
  const beganMs = performance.now();
  const world = createWorld({ ...scenario, duration: forMs }, 1);
  try {
    const outcome = await runWorld(world);
    if (!isClean(outcome))
      throw new Error(`a promise was broken: ${outcome.violations[0]?.detail ?? outcome.failedAssertions[0] ?? ''}`);
    const { user, system } = process.cpuUsage(before);
    const { vouchers, hash } = outcome;
    return {
      vouchers: vouchers.accepted,
      cpuSeconds: (user + system) / 1e6,
      elapsedSeconds: (performance.now() - beganMs) / 1000,
      hash,
    };
  } finally {
    world.close();
  }
}

/**
 * A short run and a long one: their difference is what more of the month costs, without enrolment and settling. What the compiler learns it learns before them, in a run that does not count: else the short one pays
 * for it, and the difference is too small.
 */
async function figuresOf(scenario: Scenario, forMs: number): Promise<Figures & { readonly hash: string }> {
  await measure(scenario, forMs / 4);
  const short = await measure(scenario, forMs / 4);
  const long = await measure(scenario, forMs);
  const spanMs = forMs * 0.75;
  const cpuSeconds = long.cpuSeconds - short.cpuSeconds;
  const elapsedSeconds = long.elapsedSeconds - short.elapsedSeconds;
  const months = (MONTH_MS - forMs) / spanMs;
  const usPerVoucher = (cpuSeconds * 1e6) / (long.vouchers - short.vouchers);
  const limitUs = partsOfVoucherUs();
  return {
    usPerVoucher,
    limitUs,
    ratioToLimit: usPerVoucher / limitUs,
    timesRealTime: spanMs / 1000 / cpuSeconds,
    monthSeconds: long.cpuSeconds + cpuSeconds * months,
    monthSecondsElapsed: long.elapsedSeconds + elapsedSeconds * months,
    hash: long.hash,
  };
}

const command = new Command('bench:simulate')
  .description('CPU time per voucher in virtual time, and what a month of 100 boards at one voucher a minute comes to')
  .option('--for <duration>', 'how much of the month is run; 30d runs all of it', '3d')
  .option('--json', 'end with one JSON object on a line of its own')
  .parse();
const options = command.opts<{ for: string; json?: boolean }>();
const forMs = durationMs(options.for);
if (forMs === undefined || forMs < 600_000 || forMs > MONTH_MS) {
  command.error(`error: --for: expected 10m to 30d, got "${options.for}"`, { exitCode: 2 });
}
const month = loadScenario('steady-month');
const onTheMinute = await figuresOf(month, forMs as number);
const oneByOne = await figuresOf(spread(month), forMs as number);

const table = new Table({ head: ['', 'on the minute', 'one by one'], style: { head: [], border: [], compact: true } });
const row = (what: string, pick: (figures: Figures) => string): void =>
  void table.push([what, pick(onTheMinute), pick(oneByOne)]);
row('CPU time per voucher', ({ usPerVoucher }) => `${usPerVoucher.toFixed(1)} us`);
row('its parts alone', ({ limitUs, ratioToLimit }) => `${limitUs.toFixed(1)} us (1/${ratioToLimit.toFixed(1)})`);
row('times real time', ({ timesRealTime }) => Math.round(timesRealTime).toLocaleString('en'));
row('the month, CPU time', ({ monthSeconds }) => durationText(monthSeconds * 1000));
row('the month, on the clock', ({ monthSecondsElapsed }) => durationText(monthSecondsElapsed * 1000));
process.stdout.write(`${table.toString()}\n${options.for} of 30d were run; the rest is extrapolated\n`);
if (options.json === true) {
  process.stdout.write(`${JSON.stringify({ ...onTheMinute, forMs, oneByOne })}\n`);
}
