// A fleet in several processes: each runs a part of it, from a source address of its own where the hub is on this machine. In: members and how many processes. Out:
// a fleet like any other, seen through what the parts last said. A part that dies is noticed: its machines stay in the count as they were.

import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Fleet, FleetMember, FleetOptions, MachineView } from './fleet.ts';

/** What a part is told. */
export type ToPart =
  | { readonly kind: 'fleet'; readonly options: Omit<FleetOptions, 'log'> }
  | { readonly kind: 'start' | 'stopUse' | 'close' | 'halt' };
/** What a part says, once a second. */
export interface FromPart {
  readonly machines: readonly MachineView[];
}

export interface PartsOptions extends Omit<FleetOptions, 'log' | 'localAddresses'> {
  readonly processes: number;
  /** Loopback has addresses for all. */
  readonly onThisMachine: boolean;
  readonly onDeath: (part: number, code: number | null) => void;
}

export function fleetInParts(options: PartsOptions): Fleet {
  const parts = slicesOf(options.members, options.processes).map((members, place) => startPart(options, members, place));
  const tell = (message: ToPart): void => {
    for (const { child } of parts) if (child.connected) child.send(message);
  };
  return {
    start: () => tell({ kind: 'start' }),
    stopUse: () => tell({ kind: 'stopUse' }),
    close: () => tell({ kind: 'close' }),
    halt: () => tell({ kind: 'halt' }),
    machines: () => parts.flatMap((part) => part.machines()),
  };
}

/** Below what a hub takes from one address. */
const BOARDS_PER_ADDRESS = 4000;

export function loopbackAddresses(boards: number, part: number): string[] {
  return Array.from({ length: Math.ceil(boards / BOARDS_PER_ADDRESS) }, (_, i) => `127.0.${part}.${i + 2}`);
}

function slicesOf<T>(all: readonly T[], count: number): T[][] {
  const size = Math.ceil(all.length / count);
  return Array.from({ length: count }, (_, place) => all.slice(place * size, (place + 1) * size)).filter(
    (slice) => slice.length > 0,
  );
}

interface Part {
  readonly child: ChildProcess;
  readonly machines: () => readonly MachineView[];
}

function startPart(options: PartsOptions, members: readonly FleetMember[], place: number): Part {
  const { seed, speed, flashDir, rampMs, onThisMachine, onDeath } = options;
  const child = fork(join(import.meta.dirname, 'live-part.js'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let machines: readonly MachineView[] = [];
  child.on('message', (message: FromPart) => {
    machines = message.machines;
  });
  child.on('exit', (code) => {
    if (code !== 0) onDeath(place, code);
  });
  const localAddresses = onThisMachine ? loopbackAddresses(members.length, place) : undefined;
  const fleet: ToPart = {
    kind: 'fleet',
    options: { members, seed, speed, flashDir, localAddresses, ...(rampMs === undefined ? {} : { rampMs }) },
  };
  child.send(fleet);
  return { child, machines: () => machines };
}
