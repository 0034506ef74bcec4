// Seeds of the bad day that once broke a promise and were found to be asked too much: what stays of each is the stretch in which it did. In: a seed and so much of its day. Out: every promise is kept.

import { expect, it } from 'vitest';
import { loadScenario } from '../../simulator/scenario-file.ts';
import { firstFault, outcomeOfSeed } from '../../simulator/seeds.ts';

const MINUTE_MS = 60_000;

it.each([
  // A voucher of an earlier connection is repeated by somebody else before the board listens: acknowledged, and its answer goes nowhere.
  { seed: 1175, minutes: 90 },
])('seed $seed keeps every promise for $minutes minutes', { timeout: 60_000 }, async ({ seed, minutes }) => {
  const outcome = await outcomeOfSeed(loadScenario('bad-day'), seed, () => false, { forMs: minutes * MINUTE_MS });
  expect(firstFault(outcome)).toBe('');
});
