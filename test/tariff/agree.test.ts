// Charges [W-36] to [W-38]: the code of shared/ and a second implementation, written from the rules' text, agree on random cases; `npm run tariff:agree` tries as many as one likes.

import { expect, it } from 'vitest';
import { agree } from './agree.ts';

const SEED = 6;

it(`agrees with the second implementation on 20,000 random cases of seed ${SEED}`, () => {
  const { cases, ...seen } = agree(20_000, SEED);
  expect(cases).toBe(20_000);
  // Each of the things that could differ did occur, often.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(200);
}, 60_000);
