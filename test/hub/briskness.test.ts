// Where the journal's records are written. A row: how long each one took that was written here, in milliseconds, one after the other; and how many went elsewhere before each next try.

import { expect, it } from 'vitest';
import { openBriskness } from '../../hub/briskness.ts';

const SMALL = 52;
const LARGE = 4097;
const HUGE = 65_537;

it.each([
  { what: 'a brisk disk', bytes: SMALL, tookMs: [0.2, 0.3, 0.9], elsewhere: [0, 0, 0] },
  { what: 'a hiccup', bytes: SMALL, tookMs: [0.2, 14, 0.2, 0.2], elsewhere: [0, 1, 0, 0] },
  { what: 'a slow disk', bytes: SMALL, tookMs: [9, 9, 9, 9, 9, 9, 9, 9, 9], elsewhere: [1, 2, 4, 8, 16, 32, 64, 64, 64] },
  { what: 'a disk that was slow for a while', bytes: SMALL, tookMs: [9, 9, 9, 0.2, 9, 0.2], elsewhere: [1, 2, 4, 0, 1, 0] },
  { what: 'large records on a brisk disk', bytes: LARGE, tookMs: [0.2, 0.5], elsewhere: [0, 0] },
  { what: 'large records on one that is brisk for small ones', bytes: LARGE, tookMs: [0.9, 0.9, 0.9], elsewhere: [1, 2, 4] },
])('$what: so many records go elsewhere before the next try', ({ bytes, tookMs, elsewhere }) => {
  const briskness = openBriskness();
  expect(briskness.isHere(bytes)).toBe(true);
  const gone = tookMs.map((ms) => {
    briskness.tookHere(bytes, ms);
    let count = 0;
    while (!briskness.isHere(bytes)) count++;
    return count;
  });
  expect(gone).toEqual(elsewhere);
});

it('small records that are brisk say nothing of large ones', () => {
  const briskness = openBriskness();
  const wentHere = Array.from({ length: 20 }, () => {
    expect(briskness.isHere(SMALL)).toBe(true);
    briskness.tookHere(SMALL, 0.2);
    const isHere = briskness.isHere(LARGE);
    if (isHere) briskness.tookHere(LARGE, 9);
    return isHere;
  });
  expect(wentHere.filter((isHere) => isHere)).toHaveLength(5); // after none, 1, 2, 4 and 8
});

it('a huge record goes elsewhere, and is no try', () => {
  const briskness = openBriskness();
  expect(briskness.isHere(HUGE)).toBe(false);
  briskness.tookHere(SMALL, 9);
  expect(briskness.isHere(HUGE)).toBe(false);
  expect(briskness.isHere(SMALL)).toBe(false);
  expect(briskness.isHere(SMALL)).toBe(true);
});
