// `npm run bench:flood`: what honest devices get from a hub that others flood with junk: messages nobody can read, what was sent before, made-up links, strangers, sockets that announce 256 MiB. In: how many pay
// and how fast, and how many times as much junk. Out: a table and, with --json, one object: honest vouchers a second and their times, without the flood and under it, in one run. The hub runs with
// the bounds that it has unless told otherwise.

import { createInterface } from 'node:readline';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import { parseDurationMs, wholeNumber } from '../../cli/duration.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { startServer } from '../load/process.ts';
import { benchFleet } from './fleet.ts';
import { inFolder, say } from './folder.ts';
import type { Generator, LoadFigures } from './generator.ts';
import { openGenerator } from './generator.ts';
import type { JunkFigures, JunkOrder } from './junk.ts';
import { median } from './median.ts';
import { writePlan } from './plan.ts';

interface Options {
  readonly connections: number;
  readonly junkConnections: number;
  readonly rate: number;
  readonly times: number;
  readonly for: number;
  readonly rounds: number;
  readonly json?: boolean;
}

interface Round {
  readonly calm: LoadFigures;
  readonly flooded: LoadFigures;
  readonly junk: JunkFigures;
}

const DIST = join(import.meta.dirname, '..', '..');
/** What the flood needs to be under way. */
const FLOODING_MS = 1000;

const options = new Command('bench:flood')
  .description('honest vouchers while others flood the hub with junk')
  .option('--connections <number>', 'devices that pay', wholeNumber(1, 10_000), 200)
  .option('--junk-connections <number>', 'devices that misbehave', wholeNumber(2, 10_000), 50)
  .option('--rate <number>', 'honest vouchers a second', wholeNumber(1, 100_000), 2000)
  .option('--times <number>', 'how many times as many messages are junk', wholeNumber(1, 1000), 10)
  .option('--for <duration>', 'length of one measurement', parseDurationMs, 5000)
  .option('--rounds <number>', 'how often each takes its turn', wholeNumber(1, 100), 3)
  .option('--json', 'one JSON object as the last line')
  .parse()
  .opts<Options>();

interface Scene {
  readonly folder: string;
  readonly generator: Generator;
  readonly misbehaving: readonly DeviceConfig[];
}

async function measure({ folder, generator, misbehaving }: Scene, isFlooded: boolean): Promise<[LoadFigures, JunkFigures?]> {
  const dataDir = join(folder, 'work', 'data');
  rmSync(dataDir, { recursive: true, force: true });
  cpSync(join(folder, 'seed'), dataDir, { recursive: true });
  const hub = await startServer<{ port: number }>(join(DIST, 'cli/main.js'), ['hub', '--data', dataDir, '--port', '0', '--json']);
  const { port } = hub.ready;
  const flood = isFlooded
    ? await openFlood({ port, devices: misbehaving, perSecond: options.rate * options.times }, folder)
    : undefined;
  const plan = { plan: join(folder, 'plan'), seconds: options.for / 1000, inFlight: 1, until: 'receipt' as const };
  const figures = await generator.run({ ...plan, port, pid: hub.child.pid as number, perSecond: options.rate });
  const junk = await flood?.stop();
  if ((await hub.stop()) !== 0) throw new Error('the hub did not survive the flood: expected exit code 0');
  return junk === undefined ? [figures] : [figures, junk];
}

async function openFlood(order: JunkOrder, folder: string): Promise<{ stop(): Promise<JunkFigures> }> {
  writeFileSync(join(folder, 'junk.json'), JSON.stringify(order));
  const script = join(import.meta.dirname, 'junk.js');
  const junk = await startServer(script, [join(folder, 'junk.json')], { onError: say });
  await new Promise((resolve) => setTimeout(resolve, FLOODING_MS));
  return {
    async stop() {
      const said = new Promise<string>((resolve) => createInterface({ input: junk.child.stdout! }).once('line', resolve));
      await junk.stop();
      return JSON.parse(await said) as JunkFigures;
    },
  };
}

async function oneRound(scene: Scene, round: number): Promise<Round> {
  const [calm] = await measure(scene, false);
  const [flooded, junk] = await measure(scene, true);
  if (junk === undefined) throw new Error('the flood said nothing of itself');
  const perSecond = Math.round((junk.messages + junk.connections) / junk.seconds);
  say(
    `round ${round} of ${options.rounds}: ${rate(calm)}/s, p99 ${calm.p99Ms.toFixed(1)} ms; under ${perSecond} junk/s ${rate(flooded)}/s, p99 ${flooded.p99Ms.toFixed(1)} ms`,
  );
  return { calm, flooded, junk };
}

function rate({ acknowledged, seconds }: LoadFigures): number {
  return Math.round(acknowledged / seconds);
}

const generator = openGenerator();
if (generator.kind === 'node') throw new Error('bench:flood needs a C compiler for its load: expected cc, found none');
const rounds = await inFolder(async (folder) => {
  const vouchers = Math.ceil((options.rate * (options.for / 1000 + 5)) / options.connections);
  const devices = benchFleet(join(folder, 'seed'), options.connections + options.junkConnections, vouchers);
  const [paying, misbehaving] = [devices.slice(0, options.connections), devices.slice(options.connections)];
  writePlan(join(folder, 'plan'), paying, { vouchers, proof: 'payword', subscribes: true });
  const done: Round[] = [];
  for (let round = 1; round <= options.rounds; round++) done.push(await oneRound({ folder, generator, misbehaving }, round));
  return done;
});
generator.close();

const of = (value: (round: Round) => number): number => Number(median(rounds.map(value)).toFixed(3));
const answer = {
  honestPerSecond: of(({ calm }) => rate(calm)),
  honestPerSecondFlooded: of(({ flooded }) => rate(flooded)),
  junkPerSecond: of(({ junk }) => Math.round((junk.messages + junk.connections) / junk.seconds)),
  junkHeldBackPerSecond: of(({ junk }) => Math.round(junk.heldBack / junk.seconds)),
  ratio: of(({ calm, flooded }) => rate(flooded) / rate(calm)),
  p50Ratio: of(({ calm, flooded }) => flooded.p50Ms / calm.p50Ms),
  p99Ratio: of(({ calm, flooded }) => flooded.p99Ms / calm.p99Ms),
  p99Ms: of(({ calm }) => calm.p99Ms),
  p99MsFlooded: of(({ flooded }) => flooded.p99Ms),
  honestLost: of(({ flooded }) => flooded.lost),
};
const table = new Table({ head: ['', 'honest/s', 'p99 ms', 'junk/s'], style: { head: [], border: [] } });
table.push(['calm', answer.honestPerSecond, answer.p99Ms.toFixed(2), 0]);
table.push(['flooded', answer.honestPerSecondFlooded, answer.p99MsFlooded.toFixed(2), answer.junkPerSecond]);
table.push(['ratio', answer.ratio, answer.p99Ratio.toFixed(2), '']);
say(table.toString());
if (options.json === true) process.stdout.write(`${JSON.stringify(answer)}\n`);
