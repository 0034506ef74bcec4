// `npm run bench:ingest`: payword vouchers accepted, verified and durable per second over MQTT, beside servers that do less with the very same packets: aedes with an empty hook, a bare TCP server that
// only acknowledges, and Mosquitto where it is installed. In: connections, seconds, rounds. Out: a table and, with --json, one object. All take turns in each round, so that a machine that
// drifts drifts for all; ratios are taken within a round, and their median is given. It never judges.

import { join } from 'node:path';
import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';
import { parseDurationMs, wholeNumber } from '../../cli/duration.ts';
import type { Kind } from './contenders.ts';
import { isInstalled, start } from './contenders.ts';
import { benchFleet } from './fleet.ts';
import { inFolder, say } from './folder.ts';
import type { Generator, LoadFigures } from './generator.ts';
import { openGenerator } from './generator.ts';
import { median } from './median.ts';
import { writePlan } from './plan.ts';

interface Options {
  readonly connections: readonly number[];
  readonly for: number;
  readonly rounds: number;
  readonly receipts?: boolean;
  readonly json?: boolean;
}

interface Cell extends LoadFigures {
  readonly kind: Kind;
  readonly inFlight: number;
  readonly perSecond: number;
}

/** More than a second takes; what is left over is not sent. */
const VOUCHERS_PER_SECOND = 2_000_000;
const PER_DEVICE_MAX = 60_000;
const WARM_SECONDS = 1;
const IN_FLIGHT = [1, 20];
const KINDS: readonly Kind[] = ['hub', 'aedes', 'sink', 'mosquitto'];

function readOptions(): Options {
  return new Command('bench:ingest')
    .description('verified and durable vouchers per second, beside servers that do less with the same packets')
    .option('--connections <list>', 'devices that pay at once, e.g. 100,1000,5000', connectionList, [1000])
    .option('--for <duration>', 'length of one measurement', parseDurationMs, 2000)
    .option('--rounds <number>', 'how often all take their turn', wholeNumber(1, 100), 3)
    .option('--receipts', 'devices listen for receipts, as boards do; the other servers send none')
    .option('--json', 'one JSON object as the last line')
    .parse()
    .opts<Options>();
}

function connectionList(text: string): number[] {
  return text.split(',').map((word) => {
    const value = Number(word);
    if (!Number.isInteger(value) || value < 1 || value > 50_000)
      throw new InvalidArgumentError(`expected whole numbers in 1..50000, got "${word}"`);
    return value;
  });
}

async function measure(generator: Generator, kind: Kind, inFlight: number, folder: string, options: Options): Promise<Cell> {
  const server = await start(kind, join(folder, 'seed'), join(folder, 'work'));
  const { port, pid } = server;
  const order = { port, pid, plan: join(folder, 'plan'), seconds: options.for / 1000, inFlight };
  const figures = await generator.run(order);
  await server.stop(figures.acknowledged);
  const cell = { ...figures, kind, inFlight, perSecond: figures.acknowledged / figures.seconds };
  say(`  ${wordsOf(cell).join('  ')}${faultsOf(cell)}`);
  return cell;
}

function wordsOf(cell: Cell): string[] {
  const each = (cell.serverCores / cell.perSecond) * 1e6;
  return [
    `${cell.kind}, ${cell.inFlight} in flight`.padEnd(26),
    `${Math.round(cell.perSecond).toLocaleString('en')}/s`.padStart(12),
    `${cell.serverCores.toFixed(2)} cores, ${each.toFixed(2)} us each`,
    `load ${cell.loadCores.toFixed(2)} cores`,
    `p50 ${cell.p50Ms.toFixed(1)} ms, p99 ${cell.p99Ms.toFixed(1)} ms`,
  ];
}

function faultsOf({ ranDry, lost, outOfOrder, loadCores }: Cell): string {
  const faults = [
    ranDry ? 'ran out of vouchers: too low' : '',
    lost > 0 ? `${lost} connections lost` : '',
    outOfOrder > 0 ? `${outOfOrder} PUBACKs out of order` : '',
    loadCores > 0.95 ? 'the load was the bottleneck: too low' : '',
  ].filter((fault) => fault !== '');
  return faults.length === 0 ? '' : `  (${faults.join('; ')})`;
}

interface Ratios {
  /** Of vouchers a second, and of vouchers a second of computing, which other programs disturb less. */
  readonly speed: number;
  readonly cpu: number;
}

function ratio(cells: readonly Cell[], to: Kind, inFlight: number): Ratios | undefined {
  const rounds = cells.filter((cell) => cell.inFlight === inFlight);
  const [hubs, others] = [rounds.filter((cell) => cell.kind === 'hub'), rounds.filter((cell) => cell.kind === to)];
  if (others.length === 0) return undefined;
  const of = (value: (cell: Cell) => number): number =>
    Number(median(hubs.map((hub, i) => value(hub) / value(others[i] as Cell))).toFixed(3));
  return { speed: of((cell) => cell.perSecond), cpu: of((cell) => cell.perSecond / cell.serverCores) };
}

function compare(generator: Generator, connections: number, options: Options): Promise<Cell[]> {
  return inFolder(async (folder) => {
    const vouchers = Math.min(
      PER_DEVICE_MAX,
      Math.ceil((VOUCHERS_PER_SECOND * (options.for / 1000 + WARM_SECONDS)) / connections),
    );
    say(`${connections} connections: enrolling devices, making ${vouchers} vouchers each`);
    const devices = benchFleet(join(folder, 'seed'), connections, vouchers);
    writePlan(join(folder, 'plan'), devices, { vouchers, proof: 'payword', subscribes: options.receipts === true });
    const cells: Cell[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      say(`round ${round} of ${options.rounds}`);
      for (const inFlight of IN_FLIGHT)
        for (const kind of KINDS.filter(isInstalled)) cells.push(await measure(generator, kind, inFlight, folder, options));
    }
    return cells;
  });
}

function summaryOf(connections: number, cells: readonly Cell[]): Record<string, unknown> {
  const speed = (kind: Kind, inFlight: number): number =>
    Math.round(median(cells.filter((cell) => cell.kind === kind && cell.inFlight === inFlight).map((cell) => cell.perSecond)));
  const [aedes, sink, mosquitto] = [ratio(cells, 'aedes', 1), ratio(cells, 'sink', 1), ratio(cells, 'mosquitto', 1)];
  const [aedes20, sink20, mosquitto20] = [ratio(cells, 'aedes', 20), ratio(cells, 'sink', 20), ratio(cells, 'mosquitto', 20)];
  return {
    connections,
    ratioToAedes: aedes?.speed,
    ratioToSink: sink?.speed,
    ratioToMosquitto: mosquitto?.speed,
    ratioToAedes20: aedes20?.speed,
    ratioToSink20: sink20?.speed,
    ratioToMosquitto20: mosquitto20?.speed,
    cpuRatioToAedes: aedes?.cpu,
    cpuRatioToSink: sink?.cpu,
    cpuRatioToAedes20: aedes20?.cpu,
    cpuRatioToSink20: sink20?.cpu,
    perSecond: speed('hub', 1),
    perSecond20: speed('hub', 20),
    aedesPerSecond: speed('aedes', 1),
    aedesPerSecond20: speed('aedes', 20),
    sinkPerSecond: speed('sink', 1),
    sinkPerSecond20: speed('sink', 20),
    loadCoresMax: Math.max(...cells.map((cell) => cell.loadCores)),
    outOfOrder: cells.reduce((sum, cell) => sum + cell.outOfOrder, 0),
    ranDry: cells.some((cell) => cell.ranDry),
  };
}

function tableOf(summaries: readonly Record<string, unknown>[]): string {
  const table = new Table({
    head: ['connections', 'in flight', 'hub/s', '/ aedes', '/ sink', '/ Mosquitto'],
    style: { head: [], border: [] },
  });
  for (const one of summaries)
    for (const suffix of ['', '20']) {
      const cell = (name: string): string =>
        (one[`${name}${suffix}`] as number | undefined)?.toLocaleString('en') ?? 'not installed';
      table.push([
        String(one['connections']),
        suffix === '' ? '1' : suffix,
        cell('perSecond'),
        cell('ratioToAedes'),
        cell('ratioToSink'),
        cell('ratioToMosquitto'),
      ]);
    }
  return table.toString();
}

const options = readOptions();
const generator = openGenerator();
if (generator.kind === 'node') say('NO C COMPILER: the load is a Node program and may be the bottleneck');
if (!isInstalled('mosquitto')) say('SKIPPED: Mosquitto is not installed');
const summaries: Record<string, unknown>[] = [];
try {
  for (const connections of options.connections)
    summaries.push(summaryOf(connections, await compare(generator, connections, options)));
} finally {
  generator.close();
}
say(tableOf(summaries));
const main = summaries.find((one) => one['connections'] === 1000) ?? summaries[0];
const others = summaries.filter((one) => one !== main);
if (options.json === true)
  process.stdout.write(
    `${JSON.stringify({ ...main, receipts: options.receipts === true, load: generator.kind, ...(others.length > 0 ? { others } : {}) })}\n`,
  );
