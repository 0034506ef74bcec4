// `tallystick device topup`: a prepaid device may meter so many units more, or so many in all. In: the hub's folder, the device, units. Out: its ceiling. A hub that
// runs on the same folder tells the device within a second; otherwise the device hears it when it connects.

import type { Command } from 'commander';
import { openStore } from '../hub/store.ts';
import { topUp, topUpTo } from '../hub/topup.ts';
import { wholeNumber } from './duration.ts';
import { CommandFailed, EXIT } from './exit.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';
import { deviceNamed } from './provisioned-device.ts';

interface TopUpOptions extends DataOption {
  readonly json?: boolean;
  readonly units?: number;
  readonly to?: number;
}

export function addTopUp(device: Command): void {
  withJson(withData(device.command('topup <device>')))
    .description('let a prepaid device meter so many units more')
    .option('--units <number>', 'how many more', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--to <number>', 'how many in all: asked for twice it counts once', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .action(run);
}

function run(name: string, options: TopUpOptions): void {
  const device = deviceNamed(name);
  const { units, to } = options;
  if ((units === undefined) === (to === undefined)) {
    throw new CommandFailed(EXIT.usage, 'expected how many units more with --units, or how many in all with --to');
  }
  const store = openStore(options.data);
  try {
    const done = to === undefined ? topUp(store, device, units ?? 0) : topUpTo(store, device, to);
    if (done.kind === 'refused') throw new CommandFailed(EXIT.refused, done.why);
    const { ceilingUnits } = done;
    if (options.json === true) printJson({ device, ceilingUnits });
    else process.stdout.write(`${device} may ${done.kind === 'kept' ? 'already ' : ''}meter ${ceilingUnits} units in all\n`);
  } finally {
    store.close();
  }
}
