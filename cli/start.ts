// `tallystick start`: the demo that a stranger types first. A hub, its broker and its database, and twelve boards that pay it. It is the real thing
// with simulated machines: nothing in it is faked but the customers.

import { join } from 'node:path';
import type { Command } from 'commander';
import { openHub } from '../hub/hub.ts';
import { createFleet } from '../simulator/fleet.ts';
import { evenCounts, gatherFleet } from '../simulator/roster.ts';
import { durationOption, parseDurationMs, wholeNumber } from './duration.ts';
import { watchFleet } from './fleet-run.ts';
import type { ListenOptions } from './options.ts';
import { listenOf, loggerOf, withJson, withListen } from './options.ts';

interface StartOptions extends ListenOptions {
  readonly for?: number;
  readonly json?: boolean;
  readonly devices: number;
  readonly seed: number;
  readonly speed: number;
  readonly settleEvery: number;
}

export function addStartCommand(program: Command): void {
  withJson(withListen(program.command('start')))
    .description('start a hub and a fleet of simulated devices that pay it; Ctrl-C closes the channels, settles and sums up')
    .option('--for <duration>', 'stop after so long (20s, 5m)', parseDurationMs)
    .option('--devices <number>', 'how many devices, split over the profiles', wholeNumber(1, 10_000), 12)
    .option('--seed <number>', 'seed of the machines’ use', wholeNumber(0, 2 ** 31), 1)
    .option('--speed <factor>', 'how many times faster the machines’ day passes', wholeNumber(1, 100_000), 60)
    .addOption(durationOption('--settle-every <duration>', 'how often claims are settled', '10s'))
    .action(start);
}

async function start(options: StartOptions): Promise<void> {
  const log = loggerOf(options.logLevel);
  const hub = await openHub({ ...listenOf(options), log });
  try {
    const members = gatherFleet({
      dataDir: options.data,
      counts: evenCounts(options.devices),
      host: options.host,
      port: hub.port,
      enrol: (request) => hub.enrol(request),
    });
    const fleet = createFleet({
      members,
      seed: options.seed,
      speed: options.speed,
      flashDir: join(options.data, 'boards'),
      log: (device, line) => log.info({ device }, line),
    });
    await watchFleet({
      fleet,
      books: {
        status: () => hub.status(),
        counters: () => hub.counters(),
        settle: () => hub.settle({ dryRun: false }).batch?.id,
      },
      forMs: options.for,
      settleEveryMs: options.settleEvery,
      drainMs: 30_000,
      json: options.json === true,
    });
  } finally {
    await hub.close();
  }
}
