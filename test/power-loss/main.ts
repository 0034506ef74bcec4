// `npm run power-loss`: cuts the power under the hub's disk as often as you like. In: --times, --seed, --devices, --control. Out: progress, then what was found, with --json as
// one object; exit code 1 when something promised was lost, or when a control lost nothing.

import { join } from 'node:path';
import { Command, Option } from 'commander';
import { wholeNumber } from '../../cli/duration.ts';
import { buildPreload } from '../disk/preload.ts';
import type { Control } from './controls.ts';
import { CONTROLS, controlled } from './controls.ts';
import { powerLosses } from './power-loss.ts';

interface Options {
  readonly times: number;
  readonly devices: number;
  readonly seed: number;
  readonly control?: Control;
  readonly front: string;
  readonly failing?: number;
  readonly json?: boolean;
}

const { times, devices, seed, control, front, failing, json } = new Command('power-loss')
  .description('record what the hub asks of its disk under load, cut the power at any moment, and look for what it had promised')
  .option('--times <number>', 'how many cuts', wholeNumber(1, 1_000_000), 200)
  .option('--devices <number>', 'how many devices pay at once', wholeNumber(1, 100), 4)
  .option('--seed <number>', 'seed of moments and losses', wholeNumber(0, 2 ** 31), 1)
  .addOption(new Option('--control <kind>', 'a careless hub or disk, which must be found out').choices(CONTROLS))
  .addOption(new Option('--front <kind>', 'who reads vouchers in the hub').choices(['fast', 'aedes']).default('fast'))
  .option(
    '--failing <number>',
    'every so many flushes one fails, and the disk forgets what it was to flush',
    wholeNumber(2, 1_000_000),
  )
  .option('--json', 'print one JSON value on standard output')
  .parse()
  .opts<Options>();

const preload = buildPreload('test/power-loss/record.c');
if (preload.kind === 'missing') {
  process.stderr.write(`power-loss: ${preload.why}\n`);
  process.exit(3);
}
const main = join(import.meta.dirname, '..', '..', 'cli', 'main.js');
const startMs = Date.now();
const { script, env } = controlled(control, main, join(import.meta.dirname, 'careless.js'));
const report = await powerLosses({
  ...{ times, devices, seed, recorder: preload.path, script, hubWords: ['--front', front] },
  env: failing === undefined ? env : { ...env, TALLYSTICK_FAILS: String(failing) },
  onCut(cut, findings) {
    const restSeconds = Math.round((((Date.now() - startMs) / cut) * (times - cut)) / 1000);
    process.stderr.write(`\rcut ${cut}/${times}, ${findings} findings, ${restSeconds} s left   `);
  },
});
process.stderr.write('\n');
const isAsExpected = control === undefined ? report.lostCuts === 0 : report.lostCuts > 0;
if (json === true) process.stdout.write(`${JSON.stringify({ ...report, control: control ?? null, isAsExpected })}\n`);
else {
  process.stdout.write(
    `${report.cuts} power cuts, ${report.promises} promises looked for, ${report.lostCuts} cuts with a loss\n`,
  );
  for (const finding of report.findings.slice(0, 20)) process.stdout.write(`${finding}\n`);
  if (!isAsExpected && control !== undefined)
    process.stdout.write(`the control "${control}" lost nothing: the harness is blind\n`);
}
if (!isAsExpected) process.exitCode = 1;
