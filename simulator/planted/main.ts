// `npm run simulate:planted`: every planted defect must be found. In: a scenario, how many seeds may be tried, how many processes share the work. Out: for each defect the seed that
// found it and the promise that was broken; exit code 1 when one was not found, or when something was found where nothing is planted.

import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { durationText } from '../duration.ts';
import { DEFECTS } from './catalogue.ts';
import type { Finding } from './hunt.ts';
import type { Answer } from './hunters.ts';
import { startHunters } from './hunters.ts';

interface Options {
  readonly scenario: string;
  readonly seeds: number;
  readonly processes: number;
  readonly only?: readonly string[];
}

const command = new Command('simulate:planted');

function wholeNumber(most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= 1 && number <= most) return number;
    return command.error(`error: expected a whole number from 1 to ${most}, got "${text}"`, { exitCode: 2 });
  };
}

function defectIds(text: string): readonly string[] {
  const ids = text.split(',');
  const unknown = ids.find((id) => !DEFECTS.some((defect) => defect.id === id));
  if (unknown === undefined) return ids;
  return command.error(`error: --only: expected defects of the catalogue, got "${unknown}"`, { exitCode: 2 });
}

const { scenario, seeds, processes, only } = command
  .description('plant one defect after the other and see whether the simulator finds it')
  .option('--scenario <name or file>', 'in which world', 'bad-day')
  .option('--seeds <number>', 'seeds to try for each defect', wholeNumber(10_000), 20)
  .option('--processes <number>', 'share the work among so many', wholeNumber(64), Math.min(2, availableParallelism()))
  .option('--only <ids>', 'only these defects, separated by commas', defectIds)
  .parse()
  .opts<Options>();

const beganMs = performance.now();
const defects = DEFECTS.filter(({ id }) => only?.includes(id) ?? true);
const findings: Finding[] = [];
let clean = 0;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function tell(answer: Answer): void {
  if (answer.kind === 'clean') {
    if (answer.broken === undefined) clean++;
    else say(`seed ${answer.seed}: broken with nothing planted: ${answer.broken.rule}: ${answer.broken.detail}`);
    return;
  }
  const { finding } = answer;
  findings.push(finding);
  const place = `${findings.length}/${defects.length}`.padStart(5);
  const seconds = `${(finding.elapsedMs / 1000).toFixed(1).padStart(5)} s`;
  const { rule, detail } = finding.broken;
  if (finding.seed !== undefined) say(`${place} ${seconds}  seed ${finding.seed}  ${finding.id.padEnd(26)} ${rule}: ${detail}`);
  else say(`${place} ${seconds}  NOT FOUND ${finding.id}: ${defects.find(({ id }) => id === finding.id)?.what ?? ''}`);
}

const hunters = startHunters(processes, { scenario, seeds: Array.from({ length: seeds }, (_, i) => i + 1) });
await hunters.run(
  defects.map(({ id }) => ({ kind: 'defect', id })),
  tell,
);
const used = [...new Set(findings.flatMap(({ seed }) => seed ?? []))].sort((a, b) => a - b);
await hunters.run(
  used.map((seed) => ({ kind: 'clean', seed })),
  tell,
);
hunters.end();

const found = findings.filter(({ seed }) => seed !== undefined).length;
const took = durationText(Math.round((performance.now() - beganMs) / 1000) * 1000);
say(
  `found ${found} of ${defects.length} planted defects in ${took}; ${clean} of ${used.length} seeds clean with nothing planted`,
);
if (found < defects.length || clean < used.length) process.exitCode = 1;
