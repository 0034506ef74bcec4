// `tallystick device bench` as a user runs it: on the real interpreter, and without one. What it says must have its shape and be possible; how fast this machine is, is not
// for a test to say.

import { expect, test } from 'vitest';
import type { BenchFigures } from '../../cli/bench-run.ts';
import { launch, lastJson, tallystick } from '../cli/run.ts';

const interpreterPath = process.env.ESPRUINO ?? '';

if (interpreterPath === '')
  console.warn('SKIPPED: measuring on the real interpreter; set ESPRUINO to the path of an Espruino for Linux');

test('without an interpreter it says how to name one', async () => {
  const outcome = await launch(['device', 'bench', '--interpreter', '']).outcome;
  expect(outcome).toMatchObject({ code: 2, stdout: '' });
  expect(outcome.stderr).toMatch(/^tallystick: expected an interpreter .* --interpreter or ESPRUINO, or a board with --port\n$/);
});

test('what is no interpreter is refused in one sentence', async () => {
  const outcome = await tallystick('device', 'bench', '--interpreter', 'no-such-file');
  expect(outcome).toMatchObject({ code: 6, stdout: '' });
  expect(outcome.stderr).toMatch(/tallystick: the interpreter cannot be started: .*\n$/);
});

test.skipIf(interpreterPath === '')('on the interpreter every figure is there, and possible', { timeout: 600_000 }, async () => {
  const outcome = await tallystick('device', 'bench', '--payments', '100', '--json');
  expect(outcome).toMatchObject({ code: 0 });
  const { on, growthVariables, ...figures } = lastJson<BenchFigures>(outcome);
  expect(on).toBe(interpreterPath);
  expect(growthVariables).toBeNull(); // too few payments to tell
  for (const [name, figure] of Object.entries(figures)) expect(figure, name).toBeGreaterThan(0);
  const f = { ...figures };
  expect(f.payments).toBe(100);
  expect(f.signRatio).toBeCloseTo(f.straightSignMs / f.signMs);
  expect(f.signLowRamRatio).toBeCloseTo(f.straightSignMs / f.signMs);
  expect(f.paymentInSha256).toBeCloseTo(f.paymentMs / f.sha256Ms);
  expect(f.straightSignMs).toBeGreaterThan(f.signMs);
  expect(f.variablesPeak).toBeGreaterThan(f.variablesPaying);
  expect(f.variablesPeakLowRam).toBeGreaterThan(f.variablesPayingLowRam);
  expect(f.cryptoBytes).toBeLessThan(f.firmwareBytes);
});
