// `tallystick device place DEVICE`: where a device stands and what it sells, for insight. In: the hub's folder; the hub may run meanwhile. Out: the place that holds now.

import type { Command } from 'commander';
import { placeDevice } from '../hub/place.ts';
import { openStore } from '../hub/store.ts';
import { CommandFailed, EXIT } from './exit.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';
import { deviceNamed } from './provisioned-device.ts';

export interface PlaceOptions {
  readonly site?: string;
  readonly product?: string;
  readonly zone?: string;
}

export function withPlace(command: Command): Command {
  return command
    .option('--site <name>', 'where it stands')
    .option('--product <name>', 'what it sells')
    .option('--zone <name>', 'the time zone there, such as Europe/Berlin');
}

/** Only what was said. */
export function placeOf({ site, product, zone }: PlaceOptions): PlaceOptions {
  return {
    ...(site === undefined ? {} : { site }),
    ...(product === undefined ? {} : { product }),
    ...(zone === undefined ? {} : { zone }),
  };
}

export function addPlace(device: Command): void {
  withPlace(withJson(withData(device.command('place <device>'))))
    .description('say where a device stands and what it sells, from now on; what is left out stays as it was, "" takes it away')
    .option('--correct', 'also for what was sold since it was placed last')
    .action(place);
}

interface Options extends DataOption, PlaceOptions {
  readonly json?: boolean;
  readonly correct?: boolean;
}

function place(name: string, options: Options): void {
  const device = deviceNamed(name);
  const change = placeOf(options);
  if (Object.keys(change).length === 0) {
    throw new CommandFailed(EXIT.usage, 'expected at least one of --site, --product and --zone, got none');
  }
  const store = openStore(options.data);
  try {
    const placed = placeDevice(store, device, { ...change, correct: options.correct === true });
    if (placed.kind === 'refused') throw new CommandFailed(EXIT.refused, placed.why);
    const { site, product, zone } = placed.place;
    if (options.json === true) printJson({ device, ...placed.place });
    else
      process.stdout.write(
        `${device} is at ${site ?? 'no site'}, sells ${product ?? 'no named product'}, ${zone ?? 'no zone'}\n`,
      );
  } finally {
    store.close();
  }
}
