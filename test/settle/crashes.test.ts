// Paid exactly once, whatever dies and whatever is lost; and the harness sees what would not be.

import { expect, test } from 'vitest';
import { crashRuns } from './crashes/many.ts';
import { PLANTED } from './crashes/planted.ts';

const SEED = Number(process.env['SEED'] ?? 1);

test(`500 lives from seed ${SEED}: every line's money has moved once`, { timeout: 120_000 }, async () => {
  const report = await crashRuns({ runs: 500, seed: SEED });
  expect(report.findings).toEqual([]);
  expect(report.crashes).toBeGreaterThan(500);
  expect(Object.keys(report.steps).length).toBeGreaterThan(30);
});

test.each(PLANTED)('found: %s', { timeout: 60_000 }, async (_what, planted) => {
  const { findings } = await crashRuns({ runs: 300, seed: SEED, planted, untilFound: true });
  expect(findings.length).toBeGreaterThan(0);
});
