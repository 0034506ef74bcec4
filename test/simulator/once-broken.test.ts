// Seeds of the bad day that once broke a promise: what stays of each is the stretch in which it did. In: a seed and so much of its day. Out: every promise is kept.

import { expect, it } from 'vitest';
import { loadScenario } from '../../simulator/scenario-file.ts';
import { firstFault, outcomeOfSeed } from '../../simulator/seeds.ts';

const MINUTE_MS = 60_000;

it.each([
  // The auditor asked too much: a voucher of an earlier connection is repeated by somebody else before the board listens: acknowledged, and its answer goes nowhere.
  { seed: 1175, minutes: 90 },
  // The firmware took the refusal of a thief's commitment for an answer to its own, and paid accepted units once more on the next channel.
  { seed: 1844, minutes: 880 },
  // The auditor asked too much: a prepaid board has served all that was granted, and its copy two units of it once more.
  { seed: 2191, minutes: 1440 },
  // The auditor asked too much: a thief's link was one too far ahead when it was said, and no longer when it came, for the board's own voucher had overtaken it.
  { seed: 5000, minutes: 785 },
])('seed $seed keeps every promise for $minutes minutes', { timeout: 60_000 }, async ({ seed, minutes }) => {
  const outcome = await outcomeOfSeed(loadScenario('bad-day'), seed, () => false, { forMs: minutes * MINUTE_MS });
  expect(firstFault(outcome)).toBe('');
});
