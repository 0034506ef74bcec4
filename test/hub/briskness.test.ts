// Where the journal's records are written. A row: how long each one took that was written here, in milliseconds, one after the other; and how many went elsewhere before each next try.

import { expect, it } from 'vitest';
import { openBriskness } from '../../hub/briskness.ts';

const SMALL = 52;
const LARGE = 65_537;

it.each([
  { what: 'a brisk disk', tookMs: [0.2, 0.3, 0.9], elsewhere: [0, 0, 0] },
  { what: 'a hiccup', tookMs: [0.2, 14, 0.2, 0.2], elsewhere: [0, 1, 0, 0] },
  { what: 'a slow disk', tookMs: [9, 9, 9, 9, 9, 9, 9, 9, 9], elsewhere: [1, 2, 4, 8, 16, 32, 64, 64, 64] },
  { what: 'a disk that was slow for a while', tookMs: [9, 9, 9, 0.2, 9, 0.2], elsewhere: [1, 2, 4, 0, 1, 0] },
])('$what: so many records go elsewhere before the next try', ({ tookMs, elsewhere }) => {
  const briskness = openBriskness();
  expect(briskness.isHere(SMALL)).toBe(true);
  const gone = tookMs.map((ms) => {
    briskness.tookHere(ms);
    let count = 0;
    while (!briskness.isHere(SMALL)) count++;
    return count;
  });
  expect(gone).toEqual(elsewhere);
});

it('a large record goes elsewhere, and is no try', () => {
  const briskness = openBriskness();
  expect(briskness.isHere(LARGE)).toBe(false);
  briskness.tookHere(9);
  expect(briskness.isHere(LARGE)).toBe(false);
  expect(briskness.isHere(SMALL)).toBe(false);
  expect(briskness.isHere(SMALL)).toBe(true);
});
