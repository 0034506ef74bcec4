// `npm run bench:latency`: from the moment a voucher is due to its receipt, on a hub that has little to do and on one that is busy. In: connections, seconds, the busy rate. Out: a table and, with --json,
// one object. The load is open: a late answer does not hold back the next voucher, and a message's clock starts when it was due. Beside it stands what one durable
// commit costs on the same disk at the same time, and what servers that store and prove nothing need for a PUBACK under the same load: aedes with an empty hook, and a bare TCP server.

import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import { parseDurationMs, wholeNumber } from '../../cli/duration.ts';
import type { Kind } from './contenders.ts';
import { start } from './contenders.ts';
import { benchFleet } from './fleet.ts';
import { inFolder, say } from './folder.ts';
import type { Generator, LoadFigures } from './generator.ts';
import { openGenerator } from './generator.ts';
import { median } from './median.ts';
import { writePlan } from './plan.ts';

interface Options {
  readonly connections: number;
  readonly for: number;
  readonly rate: number;
  readonly json?: boolean;
}

interface Row extends LoadFigures {
  readonly name: string;
  readonly perSecond: number;
}

const IDLE_RATE = 100;
/** Few, so that none of them pays for the first time while it is measured. */
const IDLE_CONNECTIONS = 50;
/** An idle hub is one that has run for a while: its code is compiled. */
const WARM_RATE = 10_000;
const WARM_SECONDS = 2;
const PROBES = 100;
const VOUCHERS_MAX = 4_000_000;
const REFERENCES: readonly Kind[] = ['sink', 'aedes'];

/** What a commit of one entry costs here: written over existing bytes and flushed, as the journal does it; a disk that rests between two of them takes longer for each. */
async function commitMs(folder: string, restMs: number): Promise<number> {
  const file = openSync(join(folder, 'probe'), 'w');
  const bytes = Buffer.alloc(48);
  writeSync(file, Buffer.alloc(PROBES * bytes.length));
  fdatasyncSync(file);
  const times: number[] = [];
  for (let i = 0; i < PROBES; i++) {
    if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
    const beganMs = performance.now();
    writeSync(file, bytes, 0, bytes.length, i * bytes.length);
    fdatasyncSync(file);
    times.push(performance.now() - beganMs);
  }
  closeSync(file);
  return median(times);
}

const options = new Command('bench:latency')
  .description('from voucher to receipt, idle and under load')
  .option('--connections <number>', 'devices that pay at once', wholeNumber(1, 50_000), 1000)
  .option('--for <duration>', 'length of one measurement', parseDurationMs, 5000)
  .option('--rate <number>', 'vouchers a second of the busy measurement', wholeNumber(1, 1_000_000), 20_000)
  .option('--json', 'one JSON object as the last line')
  .parse()
  .opts<Options>();

interface Measurement {
  readonly name: string;
  readonly perSecond: number;
  readonly kind?: Kind;
  readonly plan?: 'plan' | 'idle';
  /** Has worked before. */
  readonly warmed?: boolean;
}

async function measure(generator: Generator, folder: string, what: Measurement): Promise<Row> {
  const { name, perSecond, kind = 'hub', plan = 'plan', warmed = false } = what;
  const server = await start(kind, join(folder, 'seed'), join(folder, 'work'));
  const { port, pid } = server;
  const order = { port, pid, inFlight: 1, until: kind === 'hub' ? ('receipt' as const) : ('puback' as const) };
  if (warmed) await generator.run({ ...order, plan: join(folder, 'plan'), seconds: WARM_SECONDS, perSecond: WARM_RATE });
  const figures = await generator.run({ ...order, plan: join(folder, plan), seconds: options.for / 1000, perSecond });
  await server.stop(0);
  if (figures.ranDry) say(`${name}: vouchers were due faster than they were answered, or ran out`);
  return { ...figures, name, perSecond: figures.acknowledged / figures.seconds };
}

async function inTurn<From, To>(all: readonly From[], run: (one: From) => Promise<To>): Promise<To[]> {
  const results: To[] = [];
  for (const one of all) results.push(await run(one));
  return results;
}

const generator = openGenerator();
if (generator.kind === 'node') throw new Error('bench:latency needs a C compiler for its load: expected cc, found none');
const { rows, commit, restedCommit } = await inFolder(async (folder) => {
  const vouchers = Math.floor(Math.min(60_000, VOUCHERS_MAX / options.connections));
  say(`${options.connections} connections: enrolling devices, making ${vouchers} vouchers each`);
  const devices = benchFleet(join(folder, 'seed'), options.connections, vouchers);
  writePlan(join(folder, 'plan'), devices, { vouchers, proof: 'payword', subscribes: true });
  const few = devices.slice(0, IDLE_CONNECTIONS);
  writePlan(join(folder, 'idle'), few, { vouchers, proof: 'payword', subscribes: true, channel: 2 });
  const row = (what: Measurement): Promise<Row> => measure(generator, folder, what);
  const commit = await commitMs(folder, 0);
  const restBefore = await commitMs(folder, 1000 / IDLE_RATE);
  const idle = await row({ name: 'idle', perSecond: IDLE_RATE, plan: 'idle', warmed: true });
  const fresh = await row({ name: 'idle, just started', perSecond: IDLE_RATE, plan: 'idle' });
  const restedCommit = median([restBefore, await commitMs(folder, 1000 / IDLE_RATE)]);
  const { rate } = options;
  const busy = await row({ name: `${rate}/s`, perSecond: rate });
  const others = await inTurn(REFERENCES, (kind) => row({ name: `${rate}/s, ${kind}`, perSecond: rate, kind }));
  const most = await row({ name: 'as many as it takes', perSecond: 0 });
  const half = await row({ name: 'half of that', perSecond: Math.round(most.perSecond / 2) });
  return { rows: [idle, fresh, busy, most, half, ...others], commit, restedCommit };
});
generator.close();
const table = new Table({ head: ['', 'vouchers/s', 'p50 ms', 'p99 ms', 'server cores'], style: { head: [], border: [] } });
for (const row of rows)
  table.push([row.name, Math.round(row.perSecond), row.p50Ms.toFixed(2), row.p99Ms.toFixed(2), row.serverCores.toFixed(2)]);
say(table.toString());
say(
  `one durable write on this disk: ${commit.toFixed(2)} ms in a row, ${restedCommit.toFixed(2)} ms at the pace of the idle hub`,
);
const [idle, fresh, busy, most, half, sink, aedes] = rows as [Row, Row, Row, Row, Row, Row, Row];
if (options.json === true) {
  const figures = {
    commitMs: commit,
    idleP50Ms: idle.p50Ms,
    idleP99Ms: idle.p99Ms,
    freshP50Ms: fresh.p50Ms,
    restedCommitMs: restedCommit,
    idleInCommits: idle.p50Ms / restedCommit,
    idleInCommitsInARow: idle.p50Ms / commit,
    rate: options.rate,
    perSecond: Math.round(busy.perSecond),
    p50Ms: busy.p50Ms,
    p99Ms: busy.p99Ms,
    hubCores: busy.serverCores,
    sinkP50Ms: sink.p50Ms,
    sinkP99Ms: sink.p99Ms,
    coresToSink: busy.serverCores / sink.serverCores,
    coresToAedes: busy.serverCores / aedes.serverCores,
    mostPerSecond: Math.round(most.perSecond),
    halfP50Ms: half.p50Ms,
    halfP99Ms: half.p99Ms,
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
