// A fleet: many boards with the real firmware, each used as its profile is used, over real sockets. In: device configurations and a seed.
// Out: their snapshots, and what their meters truly counted. It must never look into the hub: what the hub says is compared elsewhere.

import { join } from 'node:path';
import type { Firmware, Snapshot } from '../device/firmware.ts';
import { createFirmware } from '../device/firmware.ts';
import { settingsOf } from '../device/settings.ts';
import type { MakeProfile } from '../device/profile.ts';
import { createProfile as charging } from '../device/profiles/charging.ts';
import { createProfile as generic } from '../device/profiles/generic.ts';
import { createProfile as sensor } from '../device/profiles/sensor.ts';
import { createProfile as vending } from '../device/profiles/vending.ts';
import type { Profile } from '../hub/profiles.ts';
import type { DeviceConfig } from '../shared/config.ts';
import { behaviourBy } from './arrivals.ts';
import type { Behaviour } from './behaviour.ts';
import { behaviourOf } from './behaviour.ts';
import { simulatedBoard } from './board.ts';
import type { UsedMachine } from './machine.ts';
import { usedMachine } from './machine.ts';
import type { Random } from './random.ts';
import { seededRandom } from './random.ts';
import type { BehaviourSpec } from './scenario.ts';

/** What the build puts into a firmware file, by the same name. */
const FIRMWARE_OF: Readonly<Record<Profile, MakeProfile>> = { charging, generic, sensor, vending };

export interface FleetMember {
  readonly label: string;
  readonly profile: Profile;
  readonly config: DeviceConfig;
  /** What people do, in the time of the scenario that begins at `startSeconds`; as the profile's machines are used, unless given. */
  readonly behaviour?: BehaviourSpec;
  readonly startSeconds?: number;
  readonly onInterpreter?: boolean;
}

export interface FleetOptions {
  readonly members: readonly FleetMember[];
  readonly seed: number;
  /** How many times faster than a real one the machines' day passes. */
  readonly speed: number;
  /** Where the boards' flash lives, one folder per device; in memory without it. */
  readonly flashDir?: string | undefined;
  /** The boards are switched on one after the other, over so long: ten thousand at once would wait for each other. */
  readonly rampMs?: number;
  /** The source addresses that the boards share evenly; a hub takes so many connections from each, and each has some 28,000 ports. */
  readonly localAddresses?: readonly string[] | undefined;
  readonly log: (device: string, line: string) => void;
}

export interface MachineView {
  readonly label: string;
  readonly profile: Profile;
  readonly device: string;
  readonly snapshot: Snapshot;
  /** The truth of the simulated world: the register at the start and all that was delivered since. */
  readonly meteredUnits: number;
}

export interface Fleet {
  start(): void;
  /** No machine is used any more; the boards go on sending. */
  stopUse(): void;
  /** Every board issues what it has metered and closes its channels. */
  close(): void;
  /** Power off, without a word. */
  halt(): void;
  machines(): MachineView[];
}

interface Machine {
  readonly member: FleetMember;
  readonly used: UsedMachine;
  readonly firmware: Firmware;
  readonly next: Behaviour;
  readonly registerAtStart: number;
  /** Of the next use, and of the end of a vend. */
  readonly timers: Set<NodeJS.Timeout>;
}

export function createFleet(options: FleetOptions): Fleet {
  const machines = options.members.map((member, place) => buildMachine(member, addressOf(options, place), options));
  return {
    start() {
      const spacingMs = (options.rampMs ?? 0) / machines.length;
      machines.forEach((machine, place) => {
        const begin = (): void => {
          machine.firmware.start();
          use(machine, options.speed);
        };
        if (spacingMs > 0) after(machine, place * spacingMs, begin);
        else begin();
      });
    },
    stopUse: () => machines.forEach(stopUse),
    close: () => machines.forEach((machine) => machine.firmware.close()),
    halt() {
      for (const machine of machines) {
        stopUse(machine);
        machine.firmware.halt();
      }
    },
    machines: () => machines.map(viewOf),
  };
}

function addressOf({ members, localAddresses = [] }: FleetOptions, place: number): string | undefined {
  return localAddresses[Math.floor((place * localAddresses.length) / members.length)];
}

function buildMachine(member: FleetMember, localAddress: string | undefined, options: FleetOptions): Machine {
  const device = member.config.device;
  const log = (line: string): void => options.log(member.label, line);
  const flashDir = options.flashDir === undefined ? undefined : join(options.flashDir, device);
  const board = simulatedBoard({ flashDir, localAddress, publicKey: member.config.publicKey, log });
  const firmware = createFirmware(board, settingsOf(member.config), FIRMWARE_OF[member.profile]);
  const random = seededRandom(options.seed, member.label);
  return {
    member,
    used: usedMachine(board, member.config),
    firmware,
    next: behaviourFor(member, random, options.speed),
    registerAtStart: firmware.snapshot().registerUnits,
    timers: new Set(),
  };
}

export function behaviourFor({ profile, behaviour, startSeconds }: FleetMember, random: Random, speed: number): Behaviour {
  if (behaviour === undefined) return behaviourOf(profile, random);
  const beganMs = performance.now();
  return behaviourBy(behaviour, random, () => (startSeconds ?? 0) + ((performance.now() - beganMs) * speed) / 1000);
}

/** Waits as the behaviour says, uses the machine, and again. */
function use(machine: Machine, speed: number): void {
  const next = machine.next();
  const later = (seconds: number, run: () => void): void => after(machine, (seconds * 1000) / speed, run);
  later(next.afterSeconds, () => {
    machine.used.use(next, later);
    use(machine, speed);
  });
}

function after(machine: Machine, ms: number, run: () => void): void {
  const timer = setTimeout(() => {
    machine.timers.delete(timer);
    run();
  }, ms);
  machine.timers.add(timer);
}

function stopUse(machine: Machine): void {
  for (const timer of machine.timers) clearTimeout(timer);
  machine.timers.clear();
  machine.used.stop();
}

function viewOf(machine: Machine): MachineView {
  return {
    label: machine.member.label,
    profile: machine.member.profile,
    device: machine.member.config.device,
    snapshot: machine.firmware.snapshot(),
    meteredUnits: machine.registerAtStart + machine.used.deliveredUnits(),
  };
}
