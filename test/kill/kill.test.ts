// A few kills as part of every test run; `npm run kill -- --times 50` does as many as you have patience for. And a hub that is hasty, which must be found out.

import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MAIN } from '../cli/run.ts';
import { hasty, killRuns, SETTLE_EVERY } from './kill.ts';

const HASTY = join(MAIN, '..', '..', 'test', 'kill', 'hasty.js');
const SLOW_MS = 120_000;
const seed = 20261121;

it.each(['fast', 'aedes'])(
  'loses nothing acknowledged and counts nothing twice when it is killed under load: %s',
  { timeout: SLOW_MS },
  async (front) => {
    const report = await killRuns({
      times: 4,
      devices: 6,
      seed,
      front,
      script: [MAIN],
      settleEvery: SETTLE_EVERY,
      onRound: () => {},
    });
    expect(report.findings, `seed ${seed}`).toEqual([]);
    expect(report.acknowledgedVouchers).toBeGreaterThan(0);
    expect(report.unitsSettled).toBe(report.unitsSent);
  },
);

it('finds out a hub that acknowledges before it has written', { timeout: SLOW_MS }, async () => {
  const report = await killRuns({ times: 25, devices: 6, seed, front: 'fast', ...hasty(MAIN, HASTY), onRound: () => {} });
  expect(report.findings.some((finding) => finding.includes('were acknowledged'))).toBe(true);
});
