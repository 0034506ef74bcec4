// `npm run kill`: the kill harness by hand, as often as you like. In: --times, --devices, --seed. Out: progress, then one JSON object; exit code 1
// when a promise was broken, with the seed that shows it.

import { join } from 'node:path';
import { Command } from 'commander';
import { killRuns } from './kill.ts';

interface Options {
  readonly times: string;
  readonly devices: string;
  readonly seed: string;
}

const options = new Command('kill')
  .description('kill the hub with SIGKILL under load and check that nothing acknowledged is lost or counted twice')
  .option('--times <number>', 'how many kills', '50')
  .option('--devices <number>', 'how many devices pay at once', '8')
  .option('--seed <number>', 'seed of the moments', '1')
  .parse()
  .opts<Options>();

const times = Number(options.times);
const report = await killRuns({
  times,
  devices: Number(options.devices),
  seed: Number(options.seed),
  main: join(import.meta.dirname, '..', '..', 'cli', 'main.js'),
  onRound: (round, acknowledged) => process.stderr.write(`\rkill ${round}/${times}, ${acknowledged} vouchers acknowledged`),
});
process.stderr.write('\n');
process.stdout.write(`${JSON.stringify(report)}\n`);
if (report.findings.length > 0) process.exitCode = 1;
