// `npm run verify:agree`: the hub's check of signatures beside OpenSSL alone. In: how many forgeries, their seed, a file that remembers how far it came, files of published cases. Out: progress, then counts of
// each kind as one JSON object; the first case on which the two do not agree ends it with an exception that shows the case.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { wholeNumber } from '../../cli/duration.ts';
import { signaturesJudgedBy } from '../../hub/ed25519.ts';
import type { Tallies } from './agree.ts';
import { compare } from './agree.ts';
import { forgeryOf } from './forger.ts';
import { publishedIn } from './published.ts';

interface Options {
  readonly times: number;
  readonly seed: number;
  readonly state?: string;
  readonly vectors: readonly string[];
}

interface State {
  readonly seed: number;
  readonly done: number;
  readonly tallies: Tallies;
}

const STRETCH = 10_000;

const options = new Command('verify:agree')
  .description(
    "compare the hub's check of signatures with OpenSSL's on good ones, near misses, and all that verifiers are known to differ on",
  )
  .option('--times <number>', 'how many forgeries', wholeNumber(0, Number.MAX_SAFE_INTEGER), 100_000)
  .option('--seed <number>', 'seed of the forgeries', wholeNumber(0, 2 ** 31), 1)
  .option('--state <file>', 'remember how far it came, and go on from there')
  .option('--vectors <files...>', 'published cases: of C2SP CCTV, of Wycheproof, or of test/vectors', [])
  .parse()
  .opts<Options>();

function readState(): State {
  const { seed, state } = options;
  if (state === undefined || !existsSync(state)) return { seed, done: 0, tallies: {} };
  const read = JSON.parse(readFileSync(state, 'utf8')) as State;
  if (read.seed === seed) return read;
  process.stderr.write(`verify:agree: ${state} is of seed ${read.seed}, expected ${seed}; give another file\n`);
  process.exit(2);
}

if (signaturesJudgedBy() === 'OpenSSL') {
  process.stderr.write('verify:agree: expected sodium-native on this machine, got OpenSSL alone: there is nothing to compare\n');
  process.exit(2);
}
const published: Tallies = {};
for (const path of options.vectors) for (const one of publishedIn(path)) compare(published, one);
const { done, tallies } = readState();
for (let i = done; i < options.times; i++) {
  compare(tallies, forgeryOf(options.seed, i));
  if ((i + 1) % STRETCH > 0 && i + 1 < options.times) continue;
  process.stderr.write(`\r${i + 1} of ${options.times} signatures agree   `);
  if (options.state !== undefined) writeFileSync(options.state, JSON.stringify({ seed: options.seed, done: i + 1, tallies }));
}
process.stderr.write('\n');
process.stdout.write(`${JSON.stringify({ seed: options.seed, signatures: options.times, tallies, published })}\n`);
