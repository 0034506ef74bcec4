// `tallystick simulate`: live fleets against a real hub, or a scenario in virtual time. In: words on the command line. Out: whichever was asked for; what each does is
// in files of its own.

import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { exampleNames } from '../simulator/scenario-file.ts';
import { parseDurationMs, wholeNumber } from './duration.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { parseMicros } from './money.ts';
import { withJson } from './options.ts';
import { simulateLive } from './simulate-live.ts';
import type { LiveOptions } from './simulate-live.ts';
import type { QuoteOptions } from './simulate-quote.ts';
import { quoteScenario } from './simulate-quote.ts';
import type { WorldOptions } from './simulate-world.ts';
import { endWithStarter, isRoomy, runRoomily } from './roomy.ts';
import { simulateWorld } from './simulate-world.ts';

interface SimulateOptions extends Omit<LiveOptions, 'json' | 'devices'> {
  readonly devices?: number;
  readonly live?: boolean;
  readonly messages?: number;
  readonly seeds?: number;
  readonly twice?: boolean;
  readonly resume?: string;
  readonly html?: string;
  readonly shrink?: boolean;
  readonly json?: boolean;
}

const DEVICES = 12;

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
    .option(
      '--devices <number>',
      `live, without a scenario: how many, split over the profiles (default: ${DEVICES})`,
      wholeNumber(1, 10_000),
    )
    .option('--live', "run a scenario's fleet live, over real sockets and without its faults")
    .option(
      '--processes <number>',
      'live, or with --seeds: how many processes share the fleet, or the seeds',
      wholeNumber(1, 64),
      1,
    )
    .option(
      '--espruino <number>',
      'live, with a scenario: so many boards run on the real interpreter, $ESPRUINO',
      wholeNumber(0, 100),
      0,
    )
    .option('--ramp <duration>', 'live: switch the boards on one after the other, over so long', parseDurationMs)
    .option('--speed <factor>', 'how many times faster the machines’ day passes', wholeNumber(1, 100_000), 60)
    .option('--hub <url>', 'a running hub, such as mqtt://127.0.0.1:1883, instead of one of its own; needs --data', parseHubUrl)
    .option('--data <dir>', "the hub's folder (default: a new one, removed at the end)")
    .option('--log-level <level>', 'what the hub and the boards log on the error stream', 'warn')
    .action((scenario: string | undefined, options: SimulateOptions) => simulate(scenario, options));
  withJson(simulating.command('quote <scenario>'))
    .description('what the fleet of a scenario would earn and cost a month')
    .option('--for <duration>', 'how much of the scenario is simulated for it', parseDurationMs)
    .option('--seed <number>', 'seed', wholeNumber(0, 2 ** 31))
    .option(
      '--transfer-fee <amount>',
      'what your bank takes for one transfer, such as 0.20; other rails at their list prices',
      parseMicros,
    )
    .action((scenario: string, _options: unknown, command: Command) => quoteScenario(scenario, quoteOptionsOf(command)));
}

/** Options of both commands may stand before or behind the word `quote`. */
function quoteOptionsOf(command: Command): QuoteOptions {
  const given: { for?: number; seed?: number; json?: boolean; transferFee?: number } = command.optsWithGlobals();
  return { forMs: given.for, seed: given.seed, json: given.json === true, transferFeeMicros: given.transferFee };
}

async function simulate(scenario: string | undefined, options: SimulateOptions): Promise<void> {
  const { devices = DEVICES } = options;
  if (scenario !== undefined && options.devices !== undefined)
    throw new CommandFailed(
      EXIT.usage,
      `--devices: a scenario says how many, in the groups of ${scenario}; leave one of them out`,
    );
  if (scenario === undefined || options.live === true)
    return simulateLive(scenario, { ...options, devices, json: options.json === true });
  if (!isRoomy()) return void (process.exitCode = await runRoomily());
  endWithStarter();
  return simulateWorld(scenario, worldOptionsOf(options));
}

function worldOptionsOf(options: SimulateOptions): WorldOptions {
  const { seed, seeds, processes, resume, messages, html } = options;
  const asked = { twice: options.twice === true, json: options.json === true, shrink: options.shrink === true };
  return { seed, seeds, processes, resume, messages, html, forMs: options.for, ...asked };
}

function parseHubUrl(text: string): { host: string; port: number } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.protocol !== 'mqtt:' || url.hostname === '') {
    throw new InvalidArgumentError(`expected a URL such as mqtt://127.0.0.1:1883, got "${text}"`);
  }
  return { host: url.hostname, port: url.port === '' ? 1883 : Number(url.port) };
}
