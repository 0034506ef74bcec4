// `npm run fuzz`: packets and payloads made wrong, as many as you like. In: how many of each, a seed, and a file that remembers how far it came. Out: executions and finds, with
// --json as one object; exit code 1 when anything was found.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { wholeNumber } from '../../cli/duration.ts';
import { fuzzPackets } from './packets.ts';
import { fuzzPayloads } from './payloads.ts';
import type { Find, FuzzReport } from './report.ts';
import { MOST_STALL_MS } from './report.ts';
import type { WatchedHub } from './watched-hub.ts';
import { startWatched } from './watched-hub.ts';

interface Options {
  readonly packets: number;
  readonly payloads: number;
  readonly seed: number;
  readonly connections: number;
  readonly front: string;
  readonly state?: string;
  readonly json?: boolean;
}

/** How far runs of one seed have come, and all that they have found. */
interface State {
  readonly seed: number;
  readonly packets: number;
  readonly payloads: number;
  readonly finds: readonly Find[];
}

const MOST = Number.MAX_SAFE_INTEGER;
/** Progress is written down after so many. */
const STRETCH = 100_000;
/** What a shell gives a program that Ctrl-C ends. */
const STOPPED = 130;
const DIST = join(import.meta.dirname, '..', '..');

const options = new Command('fuzz')
  .description('malformed MQTT packets against a hub in its own process, and malformed payloads against its reader and judge')
  .option('--packets <number>', 'how many packets', wholeNumber(0, MOST), 20_000)
  .option('--payloads <number>', 'how many payloads', wholeNumber(0, MOST), 200_000)
  .option('--seed <number>', 'seed of what is wrong', wholeNumber(0, 2 ** 31), 1)
  .option('--connections <number>', 'connections at once', wholeNumber(1, 1000), 32)
  .addOption(new Option('--front <kind>', 'who reads vouchers in the hub').choices(['fast', 'aedes']).default('fast'))
  .option('--state <file>', 'remember how far it came, and go on from there')
  .option('--json', 'print one JSON value on standard output')
  .parse()
  .opts<Options>();

function readState(): State {
  const fresh: State = { seed: options.seed, packets: 0, payloads: 0, finds: [] };
  if (options.state === undefined || !existsSync(options.state)) return fresh;
  const state = JSON.parse(readFileSync(options.state, 'utf8')) as State;
  if (state.seed === options.seed) return state;
  process.stderr.write(`fuzz: ${options.state} is of seed ${state.seed}, expected ${options.seed}; give another file\n`);
  process.exit(2);
}

let state = readState();
let startMs = Date.now();

function progressOf(kind: string, before: number, whole: number): (done: number, finds: number) => void {
  startMs = Date.now();
  return (done, finds) => {
    const seconds = (Date.now() - startMs) / 1000;
    const rest = Math.round((seconds / done) * (whole - before - done));
    process.stderr.write(
      `\r${kind} ${before + done}/${whole}, ${Math.round(done / seconds)}/s, ${finds} finds, ${rest} s left   `,
    );
  };
}

function keep(change: Partial<State>, finds: readonly Find[]): void {
  state = { ...state, ...change, finds: [...state.finds, ...finds] };
  if (options.state !== undefined) writeFileSync(options.state, JSON.stringify(state));
}

/** In stretches, so that what was done is remembered. */
async function inStretches(
  kind: 'packets' | 'payloads',
  run: (from: number, executions: number, onProgress: (done: number, finds: number) => void) => Promise<FuzzReport>,
): Promise<FuzzReport[]> {
  const reports: FuzzReport[] = [];
  const whole = options[kind];
  while (state[kind] < whole) {
    const from = state[kind];
    const report = await run(from, Math.min(STRETCH, whole - from), progressOf(kind, from, whole));
    reports.push(report);
    keep({ [kind]: from + report.executions }, report.finds);
    if (report.executions < Math.min(STRETCH, whole - from)) break; // the hub has ended
  }
  return reports;
}

async function packets(): Promise<FuzzReport[]> {
  if (state.packets >= options.packets) return [];
  const hub = await startWatched(join(DIST, 'cli', 'main.js'), join(import.meta.dirname, 'monitor.js'), options.connections, [
    '--front',
    options.front,
  ]);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void leave(hub));
  const reports = await inStretches('packets', (from, executions, onProgress) =>
    fuzzPackets(hub, { seed: options.seed, from, executions, mostStallMs: MOST_STALL_MS, onProgress }),
  );
  keep({}, (await hub.stop()).map((what) => ({ execution: state.packets, what, hex: '' }))); // prettier-ignore
  return reports;
}

/** Asked to end: the hub is not left behind. What was done since the last stretch is done again by the next run. */
async function leave(hub: WatchedHub): Promise<void> {
  await hub.stop();
  process.exit(STOPPED);
}

function summed(reports: readonly FuzzReport[]): Omit<FuzzReport, 'finds'> | null {
  if (reports.length === 0) return null;
  const outcomes: Record<string, number> = {};
  for (const report of reports) {
    for (const [outcome, times] of Object.entries(report.outcomes)) outcomes[outcome] = (outcomes[outcome] ?? 0) + times;
  }
  const executions = reports.reduce((sum, report) => sum + report.executions, 0);
  const seconds = reports.reduce((sum, report) => sum + report.executions / report.perSecond, 0);
  return {
    executions,
    perSecond: Math.round(executions / seconds),
    outcomes,
    grownMiB: Math.max(...reports.map((report) => report.grownMiB)),
    longestStallMs: Math.max(...reports.map((report) => report.longestStallMs)),
  };
}

const payloadReports = await inStretches('payloads', (from, executions, onProgress) =>
  fuzzPayloads({ seed: options.seed, from, executions, mostStallMs: MOST_STALL_MS, onProgress }),
);
const packetReports = await packets();
process.stderr.write('\n');
const result = { seed: options.seed, payloads: summed(payloadReports), packets: summed(packetReports), finds: state.finds };
if (options.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
else {
  for (const [kind, report] of [
    ['payloads', result.payloads],
    ['packets', result.packets],
  ] as const) {
    // prettier-ignore
    if (report === null) continue;
    const figures = `${report.perSecond}/s, grown by ${report.grownMiB.toFixed(1)} MiB, longest stall ${report.longestStallMs.toFixed(1)} ms`;
    process.stdout.write(`${report.executions} ${kind}: ${figures}\n  ${JSON.stringify(report.outcomes)}\n`);
  }
  for (const find of state.finds) process.stdout.write(`FOUND at ${find.execution}: ${find.what}  ${find.hex}\n`);
  process.stdout.write(`${state.finds.length} finds\n`);
}
if (state.finds.length > 0) process.exitCode = 1;
