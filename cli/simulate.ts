// `tallystick simulate`: a fleet for a while, and an answer. In: how many devices, how long, which seed; a hub of its own, or one that runs already.
// Out: the report. With --hub the fleet pays that hub over its socket, and the books are read from its folder on this machine.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { enrol } from '../hub/enrol.ts';
import { openHub } from '../hub/hub.ts';
import { settle } from '../hub/settlement.ts';
import { hubStatus } from '../hub/status.ts';
import { openStore } from '../hub/store.ts';
import type { MachineView } from '../simulator/fleet.ts';
import { createFleet } from '../simulator/fleet.ts';
import type { RosterOptions } from '../simulator/roster.ts';
import { evenCounts, gatherFleet } from '../simulator/roster.ts';
import type { Books } from '../simulator/run.ts';
import { exampleNames } from '../simulator/scenario-file.ts';
import { parseDurationMs, wholeNumber } from './duration.ts';
import { watchFleet } from './fleet-run.ts';
import { parseMicros } from './money.ts';
import { loggerOf, withJson } from './options.ts';
import type { QuoteOptions } from './simulate-quote.ts';
import { quoteScenario } from './simulate-quote.ts';
import type { WorldOptions } from './simulate-world.ts';
import { simulateWorld } from './simulate-world.ts';

interface SimulateOptions {
  readonly devices: number;
  readonly for?: number;
  readonly seed?: number;
  readonly messages?: number;
  readonly seeds?: number;
  readonly twice?: boolean;
  readonly resume?: string;
  readonly html?: string;
  readonly shrink?: boolean;
  readonly speed: number;
  readonly hub?: { readonly host: string; readonly port: number };
  readonly data?: string;
  readonly json?: boolean;
  readonly logLevel: string;
}

const DRAIN_MS = 60_000;
/** A live run without --for. */
const LIVE_MS = 20_000;

export function addSimulateCommand(program: Command): void {
  const simulating = withJson(program.command('simulate [scenario]'))
    .description('run a fleet with the real firmware and say whether money in was money out: live, or a scenario in virtual time')
    .addHelpText('after', `\nScenarios: a YAML or JSON file, or one of ${exampleNames().join(', ')}.`)
    .option('--seed <number>', 'seed of everything that happens by chance', wholeNumber(0, 2 ** 31))
    .option('--for <duration>', 'how long (20s, 5m; of virtual time for a scenario)', parseDurationMs)
    .option('--messages <number>', 'stop a scenario after so many vouchers', wholeNumber(1, 2 ** 40))
    .option('--seeds <number>', 'run so many seeds of a scenario, from --seed on', wholeNumber(1, 1_000_000))
    .option('--twice', 'with --seeds: run each twice and compare the event logs')
    .option('--resume <file>', 'with --seeds: note each answer there, and do not run again what is noted')
    .option('--html <file>', 'write the answer of a scenario as a page with plots')
    .option('--shrink', 'when a promise is broken, write down a smaller scenario that breaks it')
    .option('--devices <number>', 'live: how many, split over the profiles', wholeNumber(1, 10_000), 12)
    .option('--speed <factor>', 'how many times faster the machines’ day passes', wholeNumber(1, 100_000), 60)
    .option('--hub <url>', 'a running hub, such as mqtt://127.0.0.1:1883, instead of one of its own; needs --data', parseHubUrl)
    .option('--data <dir>', "the hub's folder (default: a new one, removed at the end)")
    .option('--log-level <level>', 'what the hub and the boards log on the error stream', 'warn')
    .action((scenario: string | undefined, options: SimulateOptions) => simulate(scenario, options));
  withJson(simulating.command('quote <scenario>'))
    .description('what the fleet of a scenario would earn and cost a month')
    .option('--for <duration>', 'how much of the scenario is simulated for it', parseDurationMs)
    .option('--seed <number>', 'seed', wholeNumber(0, 2 ** 31))
    .option('--transfer-fee <amount>', 'what your bank takes for one transfer, such as 0.20', parseMicros)
    .action((scenario: string, _options: unknown, command: Command) => quoteScenario(scenario, quoteOptionsOf(command)));
}

/** Options of both commands may stand before or behind the word `quote`. */
function quoteOptionsOf(command: Command): QuoteOptions {
  const given: { for?: number; seed?: number; json?: boolean; transferFee?: number } = command.optsWithGlobals();
  return { forMs: given.for, seed: given.seed, json: given.json === true, transferFeeMicros: given.transferFee };
}

async function simulate(scenario: string | undefined, options: SimulateOptions): Promise<void> {
  if (scenario !== undefined) return simulateWorld(scenario, worldOptionsOf(options));
  if (options.hub !== undefined) return againstRunningHub(options, options.hub);
  const own = options.data === undefined;
  const dataDir = options.data ?? mkdtempSync(join(tmpdir(), 'tallystick-'));
  try {
    await withOwnHub(options, dataDir);
  } finally {
    if (own) rmSync(dataDir, { recursive: true, force: true });
  }
}

function worldOptionsOf(options: SimulateOptions): WorldOptions {
  const { seed, seeds, resume, messages, html } = options;
  const asked = { twice: options.twice === true, json: options.json === true, shrink: options.shrink === true };
  return { seed, seeds, resume, messages, html, forMs: options.for, ...asked };
}

async function withOwnHub(options: SimulateOptions, dataDir: string): Promise<void> {
  const log = loggerOf(options.logLevel);
  const hub = await openHub({ dataDir, host: '127.0.0.1', port: 0, root: 't', log });
  try {
    await run(
      options,
      dataDir,
      { host: '127.0.0.1', port: hub.port, enrol: (request) => hub.enrol(request) },
      {
        status: () => hub.status(),
        counters: () => hub.counters(),
        settle: () => hub.settle({ dryRun: false }).batch?.id,
      },
    );
  } finally {
    await hub.close();
  }
}

/** The hub is another process: devices are enrolled, and books read and settled, through its database. */
async function againstRunningHub(options: SimulateOptions, hub: { host: string; port: number }): Promise<void> {
  if (options.data === undefined) throw new InvalidArgumentError('--hub needs --data, the folder of that hub on this machine');
  const store = openStore(options.data);
  try {
    await run(
      options,
      options.data,
      { ...hub, enrol: (request) => enrol(store, request) },
      {
        status: () => hubStatus(store),
        counters: countersOf,
        settle: () => settle(store, { dryRun: false, nowSeconds: Math.floor(Date.now() / 1000) }).batch?.id,
      },
    );
  } finally {
    store.close();
  }
}

/** What a hub in another process answered: each receipt covers a voucher; its duplicates are its own secret. */
function countersOf(machines: readonly MachineView[]): { accepted: number; duplicate: number; rejected: number } {
  const total = (pick: (view: MachineView) => number): number => machines.reduce((sum, view) => sum + pick(view), 0);
  return { accepted: total((view) => view.snapshot.receipts), duplicate: 0, rejected: total((view) => view.snapshot.rejects) };
}

async function run(
  options: SimulateOptions,
  dataDir: string,
  hub: Pick<RosterOptions, 'host' | 'port' | 'enrol'>,
  books: Books,
): Promise<void> {
  const log = loggerOf(options.logLevel);
  const fleet = createFleet({
    members: gatherFleet({ dataDir, counts: evenCounts(options.devices), ...hub }),
    seed: options.seed ?? 1,
    speed: options.speed,
    flashDir: join(dataDir, 'boards'),
    log: (device, line) => log.info({ device }, line),
  });
  await watchFleet({
    fleet,
    books,
    forMs: options.for ?? LIVE_MS,
    settleEveryMs: 10_000,
    drainMs: DRAIN_MS,
    json: options.json === true,
  });
}

function parseHubUrl(text: string): { host: string; port: number } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.protocol !== 'mqtt:' || url.hostname === '') {
    throw new InvalidArgumentError(`expected a URL such as mqtt://127.0.0.1:1883, got "${text}"`);
  }
  return { host: url.hostname, port: url.port === '' ? 1883 : Number(url.port) };
}
