// Fifty bad days, whole, as a user runs them: every promise is kept, and everything that the scenario names has happened. Two processes share them, and
// `tallystick simulate bad-day --seeds 1000 --twice --processes 2 --resume seeds.jsonl` runs more.

import { expect, it } from 'vitest';
import { lastJson, tallystick } from '../cli/run.ts';

const DAYS = 50;
const HUB = [
  'hub killed',
  'hub power lost',
  'hub restarted',
  'disk full',
  'disk error',
  'clock jump',
  'broker lost its connections',
];
const BOARDS = ['board power cut', 'board rolled back', 'flash corrupted', 'new firmware', 'partition'];
const NETWORK = ['packet lost', 'packet duplicated', 'packet reordered', 'packet flipped', 'packet cut off'];
const RAILS = [
  'request lost',
  'answer lost',
  'answer late',
  'message doubled',
  'payout rejected',
  'payout reversed',
  'payout withheld',
];
const PEOPLE = ['replay', 'forgery', 'junk', 'theft', 'tamper', 'overclaim', 'clone'];

interface Answer {
  readonly run: number;
  readonly clean: number;
  readonly accepted: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly failed: readonly unknown[];
}

it('keeps every promise through fifty bad days', { timeout: 1_200_000 }, async () => {
  const outcome = await tallystick('simulate', 'bad-day', '--seeds', String(DAYS), '--processes', '2', '--json');
  const answer = lastJson<Answer>(outcome);
  expect(answer.failed).toEqual([]);
  expect(outcome.code).toBe(0);
  expect(answer).toMatchObject({ run: DAYS, clean: DAYS });
  expect(answer.accepted).toBeGreaterThan(DAYS * 500);
  expect(Object.keys(answer.faults)).toEqual(expect.arrayContaining([...HUB, ...BOARDS, ...NETWORK, ...RAILS, ...PEOPLE]));
});
