// Random edits of the database file: each is found. `npm run audit:edits` makes ten thousand of them.

import { expect, test } from 'vitest';
import { freshFolder } from '../hub/fixture.ts';
import { makeBusiness } from './whole-business.ts';
import { editBytes, editRows, originalOf } from './tampering.ts';

const EDITS = 300;
const seed = Math.floor(Math.random() * 1_000_000);

test(`${EDITS} random edits of cells and rows are found, seed ${seed}`, () => {
  const folder = freshFolder();
  makeBusiness(folder).close();
  const missed = [...editRows(originalOf(folder), EDITS, seed)].filter(({ fault }) => fault === undefined);
  expect(missed.map(({ edit }) => edit.what)).toEqual([]);
}, 120_000);

test(`${EDITS} random bytes of the file are found, or change nothing that anything guards, seed ${seed}`, () => {
  const folder = freshFolder();
  makeBusiness(folder).close();
  const all = [...editBytes(originalOf(folder), EDITS, seed)];
  expect(all.filter(({ changed }) => changed).map(({ edit }) => edit.what)).toEqual([]);
  expect(all.filter(({ fault }) => fault !== undefined).length).toBeGreaterThan(EDITS / 10);
}, 120_000);
