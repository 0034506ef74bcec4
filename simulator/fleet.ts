// A fleet: many boards with the real firmware, each used as its profile is used, over real sockets. In: device configurations and a seed.
// Out: their snapshots, and what their meters truly counted. It must never look into the hub: what the hub says is compared elsewhere.

import { join } from 'node:path';
import type { Firmware, Snapshot } from '../device/firmware.ts';
import { createFirmware } from '../device/firmware.ts';
import type { Profile } from '../hub/profiles.ts';
import type { DeviceConfig } from '../shared/config.ts';
import { behaviourOf } from './behaviour.ts';
import type { SimulatedBoard } from './board.ts';
import { simulatedBoard } from './board.ts';
import { seededRandom } from './random.ts';

export interface FleetMember {
  readonly label: string;
  readonly profile: Profile;
  readonly config: DeviceConfig;
}

export interface FleetOptions {
  readonly members: readonly FleetMember[];
  readonly seed: number;
  /** How many times faster than a real one the machines' day passes. */
  readonly speed: number;
  /** Where the boards' flash lives, one folder per device. */
  readonly flashDir: string;
  readonly log: (device: string, line: string) => void;
}

export interface MachineView {
  readonly label: string;
  readonly profile: Profile;
  readonly device: string;
  readonly snapshot: Snapshot;
  /** The truth of the simulated world: the register at the start and every pulse since. */
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
  readonly board: SimulatedBoard;
  readonly firmware: Firmware;
  readonly next: () => { afterSeconds: number; units: number };
  readonly registerAtStart: number;
  pulses: number;
  timer: NodeJS.Timeout | undefined;
}

export function createFleet(options: FleetOptions): Fleet {
  const machines = options.members.map((member) => buildMachine(member, options));
  return {
    start() {
      for (const machine of machines) {
        machine.firmware.start();
        use(machine, options.speed);
      }
    },
    stopUse: () => machines.forEach((machine) => clearTimeout(machine.timer)),
    close: () => machines.forEach((machine) => machine.firmware.close()),
    halt() {
      for (const machine of machines) {
        clearTimeout(machine.timer);
        machine.firmware.halt();
      }
    },
    machines: () => machines.map(viewOf),
  };
}

function buildMachine(member: FleetMember, options: FleetOptions): Machine {
  const device = member.config.device;
  const log = (line: string): void => options.log(member.label, line);
  const board = simulatedBoard({ flashDir: join(options.flashDir, device), log });
  const firmware = createFirmware(board, member.config);
  const random = seededRandom(options.seed, member.label);
  return {
    member,
    board,
    firmware,
    next: behaviourOf(member.profile, random),
    registerAtStart: firmware.snapshot().registerUnits,
    pulses: 0,
    timer: undefined,
  };
}

/** Waits as the behaviour says, pulses the meter, and again. */
function use(machine: Machine, speed: number): void {
  const { afterSeconds, units } = machine.next();
  machine.timer = setTimeout(
    () => {
      for (let i = 0; i < units; i++) machine.board.pulse();
      machine.pulses += units;
      use(machine, speed);
    },
    (afterSeconds * 1000) / speed,
  );
}

function viewOf(machine: Machine): MachineView {
  return {
    label: machine.member.label,
    profile: machine.member.profile,
    device: machine.member.config.device,
    snapshot: machine.firmware.snapshot(),
    meteredUnits: machine.registerAtStart + machine.pulses,
  };
}
