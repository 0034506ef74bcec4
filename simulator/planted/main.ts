// `npm run simulate:planted`: every planted defect must be found. In: a scenario and how many seeds may be tried. Out: for each defect the seed that found it and
// the promise that was broken; exit code 1 when one was not found, or when something was found where nothing is planted.

import { Command } from 'commander';
import { loadScenario } from '../scenario-file.ts';
import { DEFECTS } from './catalogue.ts';
import { firstBroken, hunt } from './hunt.ts';

interface Options {
  readonly scenario: string;
  readonly seeds: string;
  readonly only?: string;
}

const options = new Command('simulate:planted')
  .description('plant one defect after the other and see whether the simulator finds it')
  .option('--scenario <name or file>', 'in which world', 'bad-day')
  .option('--seeds <number>', 'seeds to try for each defect', '20')
  .option('--only <ids>', 'only these defects, separated by commas')
  .parse()
  .opts<Options>();

const scenario = loadScenario(options.scenario);
const seeds = Array.from({ length: Number(options.seeds) }, (_, i) => i + 1);
const only = options.only?.split(',');
const defects = DEFECTS.filter((defect) => only?.includes(defect.id) ?? true);

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const findings = await hunt({
  scenario,
  defects,
  seeds,
  onFinding({ defect, seed, rule, detail, elapsedMs }) {
    const seconds = (elapsedMs / 1000).toFixed(1).padStart(5);
    if (seed === undefined) say(`NOT FOUND  ${defect.id} (${defect.room}): ${defect.what} ${seconds} s`);
    else say(`seed ${String(seed).padEnd(4)} ${seconds} s  ${defect.id.padEnd(26)} ${rule}: ${detail}`);
  },
});

const found = findings.filter((finding) => finding.seed !== undefined).length;
const used = Math.max(1, ...findings.map((finding) => finding.seed ?? 0));
let clean = 0;
for (const seed of seeds.slice(0, used)) {
  const broken = await firstBroken(scenario, seed);
  if (broken === undefined) clean++;
  else say(`seed ${seed}: broken with nothing planted: ${broken.rule}: ${broken.detail}`);
}
say(`found ${found} of ${findings.length} planted defects; ${clean} of ${used} seeds clean with nothing planted`);
if (found < findings.length || clean < used) process.exitCode = 1;
