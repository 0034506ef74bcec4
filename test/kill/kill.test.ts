// A few kills as part of every test run; `npm run kill -- --times 50` does as many as you have patience for.

import { expect, it } from 'vitest';
import { MAIN } from '../cli/run.ts';
import { killRuns } from './kill.ts';

it('loses nothing acknowledged and counts nothing twice when the hub is killed under load', { timeout: 120_000 }, async () => {
  const seed = 20261121;
  const report = await killRuns({ times: 6, devices: 6, seed, main: MAIN, onRound: () => {} });
  expect(report.findings, `seed ${seed}`).toEqual([]);
  expect(report.acknowledgedVouchers).toBeGreaterThan(0);
  expect(report.unitsSettled).toBe(report.unitsSent);
});
