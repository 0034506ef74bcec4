// How often a board was let in within an hour of one life of the hub: one row per history.

import { expect, test } from 'vitest';
import { connects } from '../../simulator/audit/connects.ts';

const MINUTE_MS = 60_000;

test.each<[string, number[], number]>([
  ['never', [], 0],
  ['once', [5], 1],
  ['three times in an hour', [0, 20, 59], 3],
  ['three times in two hours', [0, 59, 119], 2],
  ['often, and seldom afterwards', [0, 1, 2, 200], 3],
])('%s', (_name, minutes, most) => {
  const own = connects();
  for (const minute of minutes) own.welcomed(minute * MINUTE_MS);
  expect(own.most).toBe(most);
});

test('a hub that has gone has seen nothing, and what was seen before stays the most', () => {
  const own = connects();
  for (const minute of [0, 1, 2]) own.welcomed(minute * MINUTE_MS);
  own.forget();
  own.welcomed(3 * MINUTE_MS);
  expect(own.most).toBe(3);
  own.welcomed(4 * MINUTE_MS);
  own.welcomed(5 * MINUTE_MS);
  own.welcomed(6 * MINUTE_MS);
  expect(own.most).toBe(4);
});
