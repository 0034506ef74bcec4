// `npm run tariff:agree`: charges by shared/ beside the second implementation's. In: --cases, --seed. Out: progress, then what was tried, as one JSON object; the first case on which the two do not agree ends
// it with an exception that shows the case.

import { Command } from 'commander';
import { wholeNumber } from '../../cli/duration.ts';
import { agree } from './agree.ts';

interface Options {
  readonly cases: number;
  readonly seed: number;
}

const { cases, seed } = new Command('tariff:agree')
  .description('price random tariffs by both implementations and compare every charge, tax and bound')
  .option('--cases <number>', 'how many', wholeNumber(1, Number.MAX_SAFE_INTEGER), 1_000_000)
  .option('--seed <number>', 'seed of the cases', wholeNumber(0, 2 ** 31), 7)
  .parse()
  .opts<Options>();

const EVERY = 10_000;
const onCase = (done: number): void => {
  if (done % EVERY === 0) process.stderr.write(`\r${done} of ${cases} cases agree   `);
};
const agreement = agree(cases, seed, onCase);
process.stderr.write('\n');
process.stdout.write(`${JSON.stringify({ seed, ...agreement })}\n`);
