// `npm run tariff:agree -- --cases 1000000 --seed 7`: charges by shared/ beside the second implementation's. In: how many cases, and a seed. Out: what was tried, as one JSON object; the exit code is 0 only if
// all agreed.

import { parseArgs } from 'node:util';
import { agree } from './agree.ts';

const { values } = parseArgs({
  options: { cases: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '7' } },
});
const [cases, seed] = [Number(values.cases), Number(values.seed)];
if (!Number.isSafeInteger(cases) || cases < 1 || !Number.isSafeInteger(seed)) {
  process.stderr.write(`expected whole numbers as --cases and --seed, got ${values.cases} and ${values.seed}\n`);
  process.exitCode = 2;
} else process.stdout.write(`${JSON.stringify({ seed, ...agree(cases, seed) })}\n`);
