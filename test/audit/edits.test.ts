// Random edits of the database file: each is found. `npm run audit:edits` makes ten thousand of them.

import { expect, test } from 'vitest';
import { freshFolder } from '../hub/fixture.ts';
import { makeBusiness } from './business.ts';
import { originalOf, tamper } from './tampering.ts';

const EDITS = 300;

test(`${EDITS} random edits of the database are found`, () => {
  const folder = freshFolder();
  makeBusiness(folder).close();
  const seed = Math.floor(Math.random() * 1_000_000);
  const all = [...tamper(originalOf(folder), EDITS, seed)];
  expect(
    all.filter(({ fault }) => fault === undefined).map(({ edit }) => edit.what),
    `seed ${seed}`,
  ).toEqual([]);
});
