// `tallystick device update`: new firmware for boards in the field. In: the hub's folder, and which devices. Out: built, signed and ordered; then how each device
// takes it, until all have ended. A hub that runs on the same folder brings it; one that does not run yet brings it when it does.

import type { Command } from 'commander';
import { Option } from 'commander';
import { updatableFile } from '../device/build/board-files.ts';
import { BuildRefused } from '../device/build/refused.ts';
import type { Standing } from '../hub/order.ts';
import { isEnd, orderUpdate, standingOf, versionOf } from '../hub/order.ts';
import type { Profile } from '../hub/profiles.ts';
import { PROFILES } from '../hub/profiles.ts';
import type { Store } from '../hub/store.ts';
import { openStore } from '../hub/store.ts';
import type { DeviceRow } from '../hub/store-devices.ts';
import type { DeviceId } from '../shared/identity.ts';
import { durationOption } from './duration.ts';
import { CommandFailed, EXIT } from './exit.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';
import { deviceNamed } from './provisioned-device.ts';
import { stopAfter } from './stop.ts';

interface UpdateOptions extends DataOption {
  readonly all?: boolean;
  readonly profile?: Profile;
  readonly wait: number;
  readonly json?: boolean;
}

interface Ordered {
  readonly device: DeviceId;
  readonly label: string;
  readonly build: string;
  readonly version: number;
}

interface Outcome extends Ordered, Standing {}

const LOOK_MS = 500;

export function addUpdate(device: Command): void {
  withJson(withData(device.command('update [device]')))
    .description('bring the firmware of this version to a device, or to all of them, over the air')
    .option('--all', 'every device that is not revoked')
    .addOption(new Option('--profile <name>', 'with --all: only these').choices(PROFILES))
    .addOption(durationOption('--wait <duration>', 'how long to follow it; 0s: order it and go', '15m'))
    .action(update);
}

async function update(name: string | undefined, options: UpdateOptions): Promise<void> {
  const store = openStore(options.data);
  try {
    const ordered = await order(store, chosenDevices(store, name, options));
    const outcomes = await follow(store, ordered, options.wait);
    if (options.json === true) printJson({ updates: outcomes });
    conclude(outcomes, options.wait);
  } finally {
    store.close();
  }
}

function chosenDevices(store: Store, name: string | undefined, { all, profile, data }: UpdateOptions): readonly DeviceRow[] {
  if ((name === undefined) === (all !== true)) {
    throw new CommandFailed(EXIT.usage, 'expected either a device or --all; see tallystick device update --help');
  }
  const isChosen = (row: DeviceRow): boolean =>
    name === undefined ? !row.revoked && (profile === undefined || row.profile === profile) : row.device === deviceNamed(name);
  const chosen = store.devices.all().filter(isChosen);
  if (chosen.length === 0) throw new CommandFailed(EXIT.data, `no such device is enrolled in ${data}`);
  const revoked = chosen.find((row) => row.revoked);
  if (revoked !== undefined)
    throw new CommandFailed(EXIT.refused, `the device ${revoked.device} is revoked and gets no firmware`);
  return chosen;
}

/** A device gets the build that it says it runs, and the one of its profile as long as it has said nothing. */
async function order(store: Store, rows: readonly DeviceRow[]): Promise<readonly Ordered[]> {
  const versions = new Map<string, number>();
  const ordered: Ordered[] = [];
  for (const { device, label, profile } of rows) {
    const build = store.firmware.reportOf(device)?.build ?? profile;
    const version = versions.get(build) ?? versionOf(store, build, await fileOf(build));
    versions.set(build, version);
    orderUpdate(store, [device], { build, version });
    ordered.push({ device, label, build, version });
  }
  return ordered;
}

async function fileOf(build: string): Promise<string> {
  return updatableFile(build).catch((error: unknown) => {
    if (error instanceof BuildRefused) throw new CommandFailed(EXIT.refused, error.message);
    throw error;
  });
}

/** Until every order has ended, the time is over or the user has seen enough; each change is a line on the error stream. */
async function follow(store: Store, ordered: readonly Ordered[], withinMs: number): Promise<readonly Outcome[]> {
  const told = new Map<DeviceId, string>();
  const deadlineMs = Date.now() + withinMs;
  const stopped = stopAfter(undefined);
  for (let goesOn = true; ;) {
    const outcomes = ordered.map((one) => ({ ...one, ...standing(store, one) }));
    for (const { device, label, version, sentence } of outcomes) {
      const step = sentence.replace(/\d %$/, ''); // a line for every ten percent
      if (told.get(device) !== step) process.stderr.write(`${device} ${label}: version ${version}: ${sentence}\n`);
      told.set(device, step);
    }
    if (!goesOn || outcomes.every(isEnd) || Date.now() >= deadlineMs) return outcomes;
    goesOn = await Promise.race([stopped.then(() => false), pause()]);
  }
}

function pause(): Promise<true> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS, true));
}

function standing(store: Store, { device }: Ordered): Standing {
  const newest = store.firmware.orderOf(device);
  const file = newest === undefined ? undefined : store.firmware.find(newest.build, newest.version);
  if (newest === undefined || file === undefined) throw new Error(`the order for ${device} is not in the database`);
  return standingOf(newest, store.firmware.reportOf(device), file.fileBytes);
}

function conclude(outcomes: readonly Outcome[], waitMs: number): void {
  const failed = outcomes.filter(({ kind }) => kind === 'failed').length;
  const open = outcomes.filter((one) => !isEnd(one)).length;
  const done = outcomes.length - failed - open;
  process.stderr.write(`${done} of ${outcomes.length} run it, ${failed} failed, ${open} are still under way\n`);
  if (failed > 0) throw new CommandFailed(EXIT.refused, `the update has failed on ${failed} of ${outcomes.length} devices`);
  if (open > 0 && waitMs > 0) {
    throw new CommandFailed(
      EXIT.connection,
      `${open} of ${outcomes.length} devices have not finished; the hub goes on with it: see tallystick device list`,
    );
  }
}
