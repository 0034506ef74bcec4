// `npm run bench:ingest`: payword vouchers accepted, verified and durable per second over MQTT, against plain aedes with an empty hook that gets the very
// same packets. In: connections, vouchers under way, seconds, rounds. Out: a table and, with --json, one object. The two take turns, so that a
// machine that drifts drifts for both; the ratio is taken pair by pair. It never judges.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { enrol } from '../../hub/enrol.ts';
import { hubStatus } from '../../hub/status.ts';
import { openStore } from '../../hub/store.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { topicOf } from '../../shared/topics.ts';
import { cpuSecondsOf } from '../load/cpu.ts';
import type { LoadDevice, LoadResult } from '../load/load.ts';
import { runLoad } from '../load/load.ts';
import { startServer } from '../load/process.ts';
import { loadRequest } from '../load/request.ts';
import { payerOf } from '../hub/payer.ts';

interface Options {
  readonly connections: number;
  readonly inFlight: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly vouchers: number;
}

interface Measured extends LoadResult {
  readonly perSecond: number;
  readonly serverCores: number;
}

const BIN = join(import.meta.dirname, '..', '..');

function readOptions(): Options & { json: boolean } {
  const raw = new Command('bench:ingest')
    .description('verified and durable vouchers per second, as a ratio to aedes with an empty hook')
    .option('--connections <number>', 'devices that pay at once', '100')
    .option('--in-flight <number>', 'vouchers under way per device', '1')
    .option('--seconds <number>', 'length of one measurement', '4')
    .option('--rounds <number>', 'pairs of measurements', '3')
    .option('--vouchers <number>', 'vouchers made ahead per device', '6000')
    .option('--json', 'one JSON object last')
    .parse()
    .opts<Record<'connections' | 'inFlight' | 'seconds' | 'rounds' | 'vouchers', string> & { json?: boolean }>();
  return {
    connections: Number(raw.connections),
    inFlight: Number(raw.inFlight),
    seconds: Number(raw.seconds),
    rounds: Number(raw.rounds),
    vouchers: Number(raw.vouchers),
    json: raw.json === true,
  };
}

/** Fresh devices for one measurement of the hub; aedes is given the same bytes, and knows nothing of devices. */
function enrolDevices(dataDir: string, options: Options): LoadDevice[] {
  const store = openStore(dataDir);
  try {
    return Array.from({ length: options.connections }, (_, i) =>
      loadDevice(enrol(store, loadRequest(i, options.vouchers)), options.vouchers),
    );
  } finally {
    store.close();
  }
}

function loadDevice(config: DeviceConfig, vouchers: number): LoadDevice {
  const payer = payerOf(config);
  return {
    clientId: config.device,
    password: config.password,
    topic: topicOf(config.root, config.device, 'up'),
    opening: payer.commitment(1),
    vouchers: Array.from({ length: vouchers }, (_, i) => payer.payword(1, i + 1)),
  };
}

async function measure(
  script: string,
  words: readonly string[],
  devices: readonly LoadDevice[],
  options: Options,
): Promise<Measured> {
  const server = await startServer<{ port: number }>(join(BIN, script), words);
  try {
    const pid = server.child.pid as number;
    const cpuBefore = cpuSecondsOf(pid) ?? 0;
    const result = await runLoad({ host: '127.0.0.1', port: server.ready.port }, devices, options);
    const serverCores = ((cpuSecondsOf(pid) ?? 0) - cpuBefore) / result.seconds;
    return { ...result, perSecond: result.acknowledged / result.seconds, serverCores };
  } finally {
    await server.stop();
  }
}

/** The hub's own count must agree with what its load was told: a fast answer that stored nothing is worth nothing. */
function assertStored(dataDir: string, acknowledged: number): void {
  const store = openStore(dataDir, { readonly: true });
  try {
    const stored = hubStatus(store).units.accepted;
    if (stored < acknowledged) throw new Error(`${acknowledged} vouchers were acknowledged, ${stored} units are stored`);
  } finally {
    store.close();
  }
}

async function onePair(options: Options, say: (line: string) => void): Promise<{ hub: Measured; aedes: Measured }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tallystick-bench-'));
  try {
    const devices = enrolDevices(dataDir, options);
    const hub = await measure('cli/main.js', ['hub', '--data', dataDir, '--port', '0', '--json'], devices, options);
    assertStored(dataDir, hub.acknowledged);
    const aedes = await measure('test/bench/aedes-server.js', [], devices, options);
    say(row('tallystick hub', hub));
    say(row('aedes, empty hook', aedes));
    return { hub, aedes };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function row(name: string, measured: Measured): string {
  const cells = [
    `${Math.round(measured.perSecond)}/s`,
    `${measured.serverCores.toFixed(2)} cores`,
    `load ${measured.loadCores.toFixed(2)} cores`,
  ];
  return `${name.padEnd(20)}${cells.map((cell) => cell.padStart(16)).join('')}${measured.ranDry ? '  ran out of vouchers: too low' : ''}`;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

const options = readOptions();
const say = (line: string): void => void process.stderr.write(`${line}\n`);
say(
  `${options.connections} connections, ${options.inFlight} in flight each, ${options.rounds} rounds of ${options.seconds} s, QoS 1`,
);
const pairs: { hub: Measured; aedes: Measured }[] = [];
for (let i = 0; i < options.rounds; i++) pairs.push(await onePair(options, say));
const ratioToAedes = median(pairs.map((pair) => pair.hub.perSecond / pair.aedes.perSecond));
const perSecond = median(pairs.map((pair) => pair.hub.perSecond));
say(
  `verified and durable: ${Math.round(perSecond)}/s, ${ratioToAedes.toFixed(2)} of aedes with an empty hook (median of ${pairs.length} pairs)`,
);
if (options.json) {
  const cores = median(pairs.map((pair) => pair.hub.serverCores));
  process.stdout.write(
    `${JSON.stringify({ ratioToAedes, perSecond: Math.round(perSecond), aedesPerSecond: Math.round(median(pairs.map((pair) => pair.aedes.perSecond))), hubCores: cores, connections: options.connections, inFlight: options.inFlight })}\n`,
  );
}
