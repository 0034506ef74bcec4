// The part of a fleet that runs on the real interpreter. In: members whose meter is counted at the console, and the program of each profile. Out: a fleet like any
// other; its machines are seen as they last said themselves. It shows that what is simulated by the thousand is what a board runs.

import { buildFirmware } from '../device/build/build.ts';
import { standaloneFile } from '../device/build/config-file.ts';
import { withReadableNames } from '../device/build/names.ts';
import type { Snapshot } from '../device/firmware.ts';
import type { Profile } from '../hub/profiles.ts';
import type { Behaviour, Use } from './behaviour.ts';
import type { Fleet, FleetMember, FleetOptions, MachineView } from './fleet.ts';
import { behaviourFor } from './fleet.ts';
import type { Interpreted } from './interpreted.ts';
import { interpretedBoard } from './interpreted.ts';
import { seededRandom } from './random.ts';

const ASK_EVERY_MS = 1000;
const ASK = "print('SNAP'+JSON.stringify(tallystick.snapshot())+'END')";
const ANSWER = /SNAP(\{[^]*?\})END/g;

const NOT_YET: Snapshot = {
  state: 'offline',
  reason: 'starting',
  whyNot: '',
  balanceUnits: -1,
  lowBalance: false,
  registerUnits: 0,
  channel: 0,
  issuedUnits: 0,
  acceptedUnits: 0,
  uncoveredUnits: 0,
  sentVouchers: 0,
  receipts: 0,
  rejects: 0,
  closed: false,
};

interface Machine {
  readonly member: FleetMember;
  readonly board: Interpreted;
  readonly next: Behaviour;
  snapshot: Snapshot;
  meteredUnits: number;
  useTimer: NodeJS.Timeout | undefined;
  held: string;
}

/** Builds each profile once. */
export async function interpretedFleet(path: string, options: Omit<FleetOptions, 'log'>): Promise<Fleet> {
  const programs = new Map<Profile, string>();
  for (const { profile } of options.members) {
    if (!programs.has(profile)) programs.set(profile, (await buildFirmware(profile)).code);
  }
  const machines = options.members.map((member): Machine => {
    const board = interpretedBoard(path, standaloneFile(programs.get(member.profile) as string, member.config));
    const next = behaviourFor(member, seededRandom(options.seed, member.label), options.speed);
    return { member, board, next, snapshot: NOT_YET, meteredUnits: 0, useTimer: undefined, held: '' };
  });
  let asking: NodeJS.Timeout | undefined;
  return {
    start() {
      for (const machine of machines) {
        machine.board.boot();
        use(machine, options.speed);
      }
      asking = setInterval(() => machines.forEach(ask), ASK_EVERY_MS);
    },
    stopUse: () => machines.forEach(stopUse),
    close: () => machines.forEach(({ board }) => board.type('tallystick.close()')),
    halt() {
      clearInterval(asking);
      machines.forEach(stopUse);
      for (const { board } of machines) board.remove();
    },
    machines: () => machines.map(viewOf),
  };
}

function use(machine: Machine, speed: number): void {
  const next = machine.next();
  machine.useTimer = setTimeout(
    () => {
      const units = unitsOf(next);
      if (units > 0) machine.board.type(`tallystick.count(${units})`);
      machine.meteredUnits += units;
      use(machine, speed);
    },
    (next.afterSeconds * 1000) / speed,
  );
}

function unitsOf(use: Use): number {
  return use.kind === 'pulses' ? use.units : use.succeeds ? 1 : 0;
}

function stopUse(machine: Machine): void {
  clearTimeout(machine.useTimer);
}

/** Reads what was answered to the last question, and asks the next one. */
function ask(machine: Machine): void {
  machine.held += machine.board.takeOutput();
  const [last] = [...machine.held.matchAll(ANSWER)].slice(-1);
  if (last !== undefined) {
    machine.snapshot = withReadableNames(JSON.parse(last[1] as string)) as Snapshot;
    machine.held = machine.held.slice(last.index + last[0].length);
  }
  machine.board.type(ASK);
}

function viewOf({ member, snapshot, meteredUnits }: Machine): MachineView {
  return { label: member.label, profile: member.profile, device: member.config.device, snapshot, meteredUnits };
}

/** Several fleets as one. */
export function together(fleets: readonly Fleet[]): Fleet {
  return {
    start: () => fleets.forEach((fleet) => fleet.start()),
    stopUse: () => fleets.forEach((fleet) => fleet.stopUse()),
    close: () => fleets.forEach((fleet) => fleet.close()),
    halt: () => fleets.forEach((fleet) => fleet.halt()),
    machines: () => fleets.flatMap((fleet) => fleet.machines()),
  };
}
