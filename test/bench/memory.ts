// `npm run bench:memory`: what a connected device and an open channel cost the hub. In: how many of each. Out: a table and, with --json, one object. Memory is what the system holds for the process; the
// hub is compared with itself before anybody has connected. Channels that nobody pays on are on the disk and cost no memory.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { wholeNumber } from '../../cli/duration.ts';
import { DATABASE_FILE } from '../../hub/database.ts';
import { openStore } from '../../hub/store.ts';
import { readCommitment } from '../../shared/commitment.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { readerOf } from '../../shared/cbor.ts';
import { readSign1 } from '../../shared/cose.ts';
import type { Micros, Units } from '../../shared/units.ts';
import { payerOf } from '../hub/payer.ts';
import { start } from './contenders.ts';
import { benchFleet } from './fleet.ts';
import { inFolder, say } from './folder.ts';
import { openGenerator } from './generator.ts';
import { writePlan } from './plan.ts';

interface Options {
  readonly connections: number;
  readonly channels: number;
  readonly json?: boolean;
}

const CHAIN_UNITS = 30;
const PAY_SECONDS = 8;
const MIB = 1024 * 1024;

function residentBytes(pid: number): number {
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (match === null) throw new Error(`expected the memory of process ${pid} in /proc, found none`);
  return Number(match[1]) * 1024;
}

/** All but the last one, opened as the judge would have opened them; the last one is opened by the load. */
function openChannels(dataDir: string, devices: readonly DeviceConfig[], each: number): void {
  const store = openStore(dataDir);
  try {
    for (const config of devices) {
      const payer = payerOf(config);
      const row = store.devices.find(config.device);
      const tariff = row === undefined ? undefined : store.devices.findTariff(row.tariff);
      if (row === undefined || tariff === undefined) throw new Error(`${config.device} is not enrolled`);
      store.atomically(() => {
        for (let number = 1; number < each; number++) {
          const read = readCommitment(readSign1(readerOf(payer.commitment(number))));
          if (typeof read === 'string') throw new Error(read);
          const { terms, payload, signature } = read;
          const counts = { acceptedUnits: 0 as Units, chargedMicros: 0 as Micros, linkUnits: 0 as Units };
          const channel = {
            terms,
            tariff,
            commitment: { payload, signature },
            ...counts,
            link: terms.anchor,
            signed: undefined,
            timed: undefined,
            closed: false,
          };
          store.channels.open(config.device, row.payer, channel, 1);
        }
      });
    }
  } finally {
    store.close();
  }
}

const options = new Command('bench:memory')
  .description('bytes per connected device and per open channel')
  .option('--connections <number>', 'devices connected at once', wholeNumber(1, 50_000), 5000)
  .option('--channels <number>', 'channels open in all', wholeNumber(1, 10_000_000), 100_000)
  .option('--json', 'one JSON object as the last line')
  .parse()
  .opts<Options>();

const generator = openGenerator();
const figures = await inFolder(async (folder) => {
  const seed = join(folder, 'seed');
  const each = Math.max(1, Math.round(options.channels / options.connections));
  say(`enrolling ${options.connections} devices`);
  const devices = benchFleet(seed, options.connections, CHAIN_UNITS);
  writePlan(join(folder, 'plan'), devices, { vouchers: CHAIN_UNITS, proof: 'payword', subscribes: true, channel: each });
  const emptyBytes = statSync(join(seed, DATABASE_FILE)).size;
  say(`opening ${each - 1} channels each`);
  openChannels(seed, devices, each);
  const opened = options.connections * (each - 1);
  const server = await start('hub', seed, join(folder, 'work'));
  const before = residentBytes(server.pid);
  let peak = before;
  let last = before;
  const timer = setInterval(() => {
    last = residentBytes(server.pid);
    peak = Math.max(peak, last);
  }, 100);
  const order = { port: server.port, pid: server.pid, plan: join(folder, 'plan'), seconds: PAY_SECONDS, inFlight: 1 };
  const load = await generator.run({
    ...order,
    ...(generator.kind === 'compiled' ? { perSecond: options.connections, until: 'receipt' as const } : {}),
  });
  clearInterval(timer);
  await server.stop(load.acknowledged);
  return {
    connections: options.connections,
    channels: opened + options.connections,
    startMiB: before / MIB,
    residentMiB: last / MIB,
    peakMiB: peak / MIB,
    bytesPerConnection: Math.round((last - before) / options.connections),
    diskBytesPerChannel: opened === 0 ? null : Math.round((statSync(join(seed, DATABASE_FILE)).size - emptyBytes) / opened),
    paid: load.acknowledged,
    lost: load.lost,
  };
});
generator.close();
say(
  `hub before anybody connected: ${figures.startMiB.toFixed(0)} MiB; with ${figures.connections} paying devices: ${figures.residentMiB.toFixed(0)} MiB, at most ${figures.peakMiB.toFixed(0)} MiB`,
);
say(
  `${figures.bytesPerConnection} bytes of memory per connected device; ${figures.diskBytesPerChannel ?? 'unknown'} bytes on disk per open channel, ${figures.channels} in all`,
);
if (options.json === true) process.stdout.write(`${JSON.stringify(figures)}\n`);
