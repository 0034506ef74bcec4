// An auditor opens a seal: an entry of the books, as the hub shows it, is the one that a payer's file of evidence holds, and no other is.

import { beforeAll, expect, test } from 'vitest';
import type { Evidence } from '../../hub/evidence.ts';
import type { Opening } from '../../hub/opening.ts';
import { openingFault, openingOf, parseOpening } from '../../hub/opening.ts';
import { settledWorld, throughFile } from './settled-world.ts';

let evidence: Evidence;
let openings: Opening[];

beforeAll(async () => {
  const shown: Opening[] = [];
  const world = await settledWorld(({ store }) => {
    for (let entry = 1; entry <= store.books.head().entry; entry++) {
      const opening = openingOf(store, entry);
      if (opening !== undefined) shown.push(opening);
    }
    expect(openingOf(store, shown.length + 1)).toBeUndefined();
  });
  evidence = world.bundle;
  openings = shown.map((one) => parseOpening(throughFile(one)) as Opening);
});

const heldIn = ({ batches }: Evidence): Set<number> =>
  new Set(batches.flatMap(({ head, entries }) => [...entries.map((one) => one.entry), head?.entry ?? 0]));

test('every entry that a file holds is opened, and others are not said to be held', () => {
  const held = heldIn(evidence);
  expect(held.size).toBeGreaterThan(2);
  for (const opening of openings) {
    const fault = openingFault(evidence, opening);
    if (held.has(opening.entry)) expect(fault).toBeUndefined();
    else expect(fault).toContain(`entry: the file holds no entry ${opening.entry}`);
  }
});

test.each<readonly [string, (opening: Opening) => object]>([
  ['kind', ({ kind }) => ({ kind: kind === 'claim' ? 'reward' : 'claim' })],
  ['key', () => ({ key: 'settlement:another' })],
  ['refersTo', () => ({ refersTo: 1 })],
  ['text', () => ({ text: 'as agreed' })],
  ['postedAtSeconds', ({ postedAtSeconds }) => ({ postedAtSeconds: postedAtSeconds + 1 })],
  [
    'postings, an amount',
    ({ postings }) => ({ postings: postings.map((one, i) => (i === 0 ? { ...one, amountMicros: one.amountMicros + 1 } : one)) }),
  ],
  ['postings, their order', ({ postings }) => ({ postings: [...postings].reverse() })],
  ['before', () => ({ before: '00'.repeat(32) })],
  ['nonce', () => ({ nonce: '00'.repeat(16) })],
])('a change of %s opens nothing', (_name, change) => {
  const held = heldIn(evidence);
  for (const opening of openings.filter(({ entry }) => held.has(entry))) {
    const changed = parseOpening(throughFile({ ...opening, ...change(opening) })) as Opening;
    expect(openingFault(evidence, changed)).toBe(
      `entry: the file holds another entry ${opening.entry} than this: the books were not these when it was written`,
    );
  }
});

test('of another hub, or of no form, it is refused with one sentence', () => {
  const [opening] = openings as [Opening];
  expect(openingFault(evidence, { ...opening, hub: '00'.repeat(8) })).toBe(
    `hub: the file is of hub ${evidence.hub.id}, the opening of 0000000000000000`,
  );
  expect(parseOpening({ ...opening, postings: [] })).toBe('postings: expected 2 or more, got 0');
  expect(parseOpening({ ...opening, kind: 'gift' })).toMatch(/^kind: expected "claim" or .*, got "gift"$/);
});

test('the nonce of one entry opens no other', () => {
  expect(new Set(openings.map(({ nonce }) => nonce)).size).toBe(openings.length);
});
