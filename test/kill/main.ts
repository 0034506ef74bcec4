// `npm run kill`: the kill harness by hand, as often as you like. In: --times, --devices, --seed, and a file that remembers how far it came. Out: progress, then one JSON object;
// exit code 1 when a promise was broken, with the seed that shows it, or when the control broke none.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { wholeNumber } from '../../cli/duration.ts';
import type { KillReport } from './kill.ts';
import { hasty, killRuns, SETTLE_EVERY } from './kill.ts';

interface Options {
  readonly times: number;
  readonly devices: number;
  readonly seed: number;
  readonly front: string;
  readonly control?: boolean;
  readonly state?: string;
}

/** Kills on one data folder; then a fresh one begins, with the next seed. */
const BATCH = 100;

const options = new Command('kill')
  .description('kill the hub with SIGKILL under load and check that nothing acknowledged is lost or counted twice')
  .option('--times <number>', 'how many kills', wholeNumber(1, 1_000_000), 50)
  .option('--devices <number>', 'how many devices pay at once', wholeNumber(1, 1000), 8)
  .option('--seed <number>', 'seed of the moments', wholeNumber(0, 2 ** 31), 1)
  .addOption(new Option('--front <kind>', 'who reads vouchers in the hub').choices(['fast', 'aedes']).default('fast'))
  .option('--control', 'a hub that acknowledges before it has written: it must be found out')
  .option('--state <file>', 'remember finished batches of 100 kills, and go on after them')
  .parse()
  .opts<Options>();

const MAIN = join(import.meta.dirname, '..', '..', 'cli', 'main.js');
const HASTY = join(import.meta.dirname, 'hasty.js');

function readBatches(): KillReport[] {
  if (options.state === undefined || !existsSync(options.state)) return [];
  return JSON.parse(readFileSync(options.state, 'utf8')) as KillReport[];
}

const sumOf = (
  batches: readonly KillReport[],
  what: 'kills' | 'acknowledgedVouchers' | 'unitsSent' | 'unitsSettled' | 'batches',
): number => batches.reduce((sum, batch) => sum + batch[what], 0);

const done = readBatches();
const startMs = Date.now();
const before = sumOf(done, 'kills');
const isFoundOut = (): boolean => options.control === true && done.some(({ findings }) => findings.length > 0);
while (sumOf(done, 'kills') < options.times && !isFoundOut()) {
  const kills = sumOf(done, 'kills');
  const report = await killRuns({
    times: Math.min(BATCH, options.times - kills),
    devices: options.devices,
    seed: options.seed + done.length,
    front: options.front,
    ...(options.control === true ? hasty(MAIN, HASTY) : { script: [MAIN], settleEvery: SETTLE_EVERY }),
    onRound(round, acknowledged, findings) {
      const all = kills + round;
      const restSeconds = Math.round((((Date.now() - startMs) / (all - before)) * (options.times - all)) / 1000);
      process.stderr.write(
        `\rkill ${all}/${options.times}, ${acknowledged} vouchers acknowledged, ${findings} findings, ${restSeconds} s left   `,
      );
    },
  });
  done.push(report);
  if (options.state !== undefined) writeFileSync(options.state, JSON.stringify(done));
}
process.stderr.write('\n');
const seconds = done.reduce((sum, batch) => sum + batch.acknowledgedVouchers / Math.max(1, batch.perSecond), 0);
const findings = done.flatMap((batch) => batch.findings.map((finding) => `seed ${batch.seed}, ${finding}`));
const report = {
  kills: sumOf(done, 'kills'),
  seed: options.seed,
  acknowledgedVouchers: sumOf(done, 'acknowledgedVouchers'),
  perSecond: Math.round(sumOf(done, 'acknowledgedVouchers') / Math.max(0.001, seconds)),
  unitsSent: sumOf(done, 'unitsSent'),
  unitsSettled: sumOf(done, 'unitsSettled'),
  batches: sumOf(done, 'batches'),
  findings,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
if (options.control === true && findings.length === 0)
  process.stderr.write('the control was not found out: the harness is blind\n');
if (findings.length > 0 !== (options.control === true)) process.exitCode = 1;
