// A live fleet: real firmware over real sockets, paying a hub of its own or one that runs already. In: how many devices, or a scenario's fleet, and how long. Out: the
// report. With --hub the books are read from that hub's folder on this machine.

import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { enrol } from '../hub/enrol.ts';
import { openHub } from '../hub/hub.ts';
import { settle } from '../hub/settlement.ts';
import { hubStatus } from '../hub/status.ts';
import { openStore } from '../hub/store.ts';
import type { Fleet, FleetMember, MachineView } from '../simulator/fleet.ts';
import { createFleet } from '../simulator/fleet.ts';
import { interpreterPath } from '../simulator/interpreted.ts';
import { interpretedFleet, together } from '../simulator/interpreted-fleet.ts';
import type { LiveHub } from '../simulator/live-cast.ts';
import { liveCast } from '../simulator/live-cast.ts';
import { fleetInParts, loopbackAddresses } from '../simulator/live-parts.ts';
import { evenCounts, gatherFleet } from '../simulator/roster.ts';
import type { Books } from '../simulator/run.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { watchFleet } from './fleet-run.ts';
import { loggerOf } from './options.ts';
import { scenarioNamed } from './scenario-named.ts';

export interface LiveOptions {
  readonly devices: number;
  readonly for?: number;
  readonly seed?: number;
  readonly speed: number;
  readonly processes: number;
  readonly ramp?: number;
  /** So many boards of a scenario run on the real interpreter. */
  readonly espruino: number;
  readonly hub?: { readonly host: string; readonly port: number };
  readonly data?: string;
  readonly json: boolean;
  readonly logLevel: string;
}

const DRAIN_MS = 60_000;
/** A hub that takes no connection within this is not there. */
const CONNECT_MS = 5000;
/** A live run without --for. */
const LIVE_MS = 20_000;

export async function simulateLive(scenario: string | undefined, options: LiveOptions): Promise<void> {
  if (options.hub !== undefined) return againstRunningHub(scenario, options, options.hub);
  const own = options.data === undefined;
  const dataDir = options.data ?? mkdtempSync(join(tmpdir(), 'tallystick-'));
  try {
    await withOwnHub(scenario, options, dataDir);
  } finally {
    if (own) rmSync(dataDir, { recursive: true, force: true });
  }
}

async function withOwnHub(scenario: string | undefined, options: LiveOptions, dataDir: string): Promise<void> {
  const log = loggerOf(options.logLevel);
  const hub = await openHub({ dataDir, host: '127.0.0.1', port: 0, root: 't', log });
  try {
    await run(
      options,
      castOf(scenario, options, dataDir, {
        host: '127.0.0.1',
        port: hub.port,
        enrol: (request) => hub.enrol(request),
        atomically: (write) => hub.store.atomically(write),
      }),
      dataDir,
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
async function againstRunningHub(
  scenario: string | undefined,
  options: LiveOptions,
  hub: { host: string; port: number },
): Promise<void> {
  if (options.data === undefined) throw new InvalidArgumentError('--hub needs --data, the folder of that hub on this machine');
  await assertListens(hub);
  const store = openStore(options.data);
  try {
    await run(
      options,
      castOf(scenario, options, options.data, {
        ...hub,
        enrol: (request) => enrol(store, request),
        atomically: (write) => store.atomically(write),
      }),
      options.data,
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

/** Said at once: boards whose hub is away only wait for it. */
async function assertListens({ host, port }: { host: string; port: number }): Promise<void> {
  const socket = connect({ host, port, timeout: CONNECT_MS });
  const fault = await new Promise<Error | undefined>((resolve) => {
    socket.once('connect', () => resolve(undefined));
    socket.once('error', resolve);
    socket.once('timeout', () => resolve(new Error(`no answer within ${CONNECT_MS / 1000} s`)));
  });
  socket.destroy();
  if (fault === undefined) return;
  throw new CommandFailed(
    EXIT.connection,
    `--hub: expected a hub at ${host}:${port}, got ${fault.message}; start it with tallystick hub`,
  );
}

/** What a hub in another process answered: each receipt covers a voucher; its duplicates are its own secret. */
function countersOf(machines: readonly MachineView[]): { accepted: number; duplicate: number; rejected: number } {
  const total = (pick: (view: MachineView) => number): number => machines.reduce((sum, view) => sum + pick(view), 0);
  return { accepted: total((view) => view.snapshot.receipts), duplicate: 0, rejected: total((view) => view.snapshot.rejects) };
}

/** A scenario's groups are enrolled anew; the fleet without one comes back to the boards of earlier runs on the same data. */
function castOf(scenario: string | undefined, options: LiveOptions, dataDir: string, hub: LiveHub): FleetMember[] {
  if (scenario !== undefined) return liveCast(scenarioNamed(scenario), hub, options.espruino);
  return gatherFleet({ dataDir, counts: evenCounts(options.devices), ...hub });
}

async function run(options: LiveOptions, members: readonly FleetMember[], dataDir: string, books: Books): Promise<void> {
  const log = loggerOf(options.logLevel);
  const { processes, ramp, speed } = options;
  const onThisMachine = members[0]?.config.host.startsWith('127.') === true;
  const interpreted = await onInterpreter(options, members);
  const rest = members.filter((member) => member.onInterpreter !== true);
  const common = { members: rest, seed: options.seed ?? 1, speed, ...(ramp === undefined ? {} : { rampMs: ramp }) };
  const simulated =
    processes > 1
      ? fleetInParts({ ...common, processes, onThisMachine, onDeath: tellDeath })
      : createFleet({
          ...common,
          flashDir: flashDirOf(members, dataDir),
          localAddresses: onThisMachine ? loopbackAddresses(members.length, 0) : undefined,
          log: (device, line) => log.info({ device }, line),
        });
  const fleet = interpreted === undefined ? simulated : together([interpreted, simulated]);
  await watchFleet({ fleet, books, forMs: options.for ?? LIVE_MS, settleEveryMs: 10_000, drainMs: DRAIN_MS, json: options.json });
}

async function onInterpreter({ seed, speed }: LiveOptions, members: readonly FleetMember[]): Promise<Fleet | undefined> {
  const own = members.filter((member) => member.onInterpreter === true);
  if (own.length === 0) return undefined;
  const path = interpreterPath();
  if (path === undefined) {
    throw new CommandFailed(
      EXIT.usage,
      '--espruino: expected the path of an Espruino for Linux in the environment variable ESPRUINO, found none',
    );
  }
  return interpretedFleet(path, { members: own, seed: seed ?? 1, speed });
}

/** Boards that come back need their flash; those of a scenario do not. */
function flashDirOf(members: readonly FleetMember[], dataDir: string): string | undefined {
  return members.some((member) => member.behaviour !== undefined) ? undefined : join(dataDir, 'boards');
}

function tellDeath(part: number, code: number | null): void {
  process.stderr.write(
    `process ${part + 1} of the fleet has ended with ${code === null ? 'a signal' : `code ${code}`}; its boards are gone\n`,
  );
}
