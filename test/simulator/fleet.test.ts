// A small fleet with the real firmware of every profile against a real hub: after a day at high speed what was delivered is what is settled, vends that
// failed are not in it, and a prepaid machine delivers what was granted and not a unit more.

import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { openHub } from '../../hub/hub.ts';
import { giveTerms } from '../../hub/wallet-terms.ts';
import { createFleet } from '../../simulator/fleet.ts';
import type { RunReport } from '../../simulator/report.ts';
import { complaintsOf, refusalsOf } from '../../simulator/report.ts';
import { gatherFleet } from '../../simulator/roster.ts';
import { runFleet } from '../../simulator/run.ts';
import { freshFolder } from '../hub/fixture.ts';

const GRANTED_UNITS = 5;

test('every profile: delivered is settled; a prepaid machine stops where its balance ends', async () => {
  const dataDir = freshFolder();
  const hub = await openHub({ dataDir, host: '127.0.0.1', port: 0, root: 't', log: pino({ level: 'silent' }) });
  onTestFinished(() => hub.close());
  const members = gatherFleet({
    dataDir,
    counts: { vending: 2, charging: 2, sensor: 1, generic: 1 },
    host: '127.0.0.1',
    port: hub.port,
    // The second of each is prepaid.
    enrol: (request) => hub.enrol(request.label.endsWith('-2') ? { ...request, prepaidUnits: GRANTED_UNITS } : request),
  });
  const lines: string[] = [];
  const fleet = createFleet({
    members,
    seed: 3,
    speed: 5000,
    flashDir: join(dataDir, 'flash'),
    log: (device, line) => void lines.push(`${device}: ${line}`),
  });
  const prepaid = (): ReturnType<typeof fleet.machines> => fleet.machines().filter((machine) => machine.label.endsWith('-2'));
  const said = (start: string): boolean => lines.some((line) => line.startsWith(start));
  const stopped = expect
    .poll(
      () => [
        prepaid().map((machine) => machine.meteredUnits),
        said('vending-1: vend failed'),
        said('vending-2: vend denied: empty'),
      ],
      {
        timeout: 25_000,
      },
    )
    .toEqual([[GRANTED_UNITS, GRANTED_UNITS], true, true]);
  const report = await runFleet({
    fleet,
    books: {
      status: () => hub.status(),
      counters: () => hub.counters(),
      settle: () => hub.settle({ dryRun: false }).batch?.id,
    },
    stopped: stopped.then(() => undefined),
    settleEveryMs: 500,
    drainMs: 20_000,
    onPhase: () => undefined,
  });
  expect(complaintsOf(report)).toEqual([]);
  expect(prepaid().map((machine) => machine.meteredUnits)).toEqual([GRANTED_UNITS, GRANTED_UNITS]);
  expect(prepaid().map((machine) => machine.snapshot.registerUnits)).toEqual([GRANTED_UNITS, GRANTED_UNITS]);
});

test('a board whose payer cannot pay is told of with what it had delivered by then, and is no mismatch', async () => {
  const dataDir = freshFolder();
  const hub = await openHub({ dataDir, host: '127.0.0.1', port: 0, root: 't', log: pino({ level: 'silent' }) });
  onTestFinished(() => hub.close());
  const counts = { vending: 1, charging: 0, sensor: 0, generic: 0 };
  const members = gatherFleet({ dataDir, counts, host: '127.0.0.1', port: hub.port, enrol: (request) => hub.enrol(request) });
  giveTerms(hub.store, 'vending-customer-1', { kind: 'prepaid', currency: 'EUR', creditMicros: 0 }, 1);
  const fleet = createFleet({ members, seed: 3, speed: 5000, log: () => undefined });
  const report = await runFleet({
    fleet,
    books: { status: () => hub.status(), counters: () => hub.counters(), settle: () => undefined },
    stopped: expect
      .poll(() => fleet.machines()[0]?.snapshot.whyNot, { timeout: 10_000 })
      .toBe('hub')
      .then(() => undefined),
    settleEveryMs: 500,
    drainMs: 1000,
    onPhase: () => undefined,
  });
  expect(complaintsOf(report)).toEqual([]);
  const { metered, accepted } = report.units;
  expect([accepted, report.refused]).toEqual([
    0,
    [expect.objectContaining({ label: 'vending-1', reason: 'the hub refuses channel 1: excessive-limit', units: metered })],
  ]);
});

test.each([
  ['what a refused board has metered is told as refused', 3, [expect.stringContaining('3 units of it are in no book')], []],
  [
    'what else is missing is a mismatch',
    2,
    [expect.anything()],
    ['the meters counted 10 units, the hub accepted 7 and refused 2'],
  ],
])('%s', (_what, units, refusals, complaints) => {
  const report: RunReport = {
    devices: 1,
    vouchers: { sent: 1, accepted: 1, duplicate: 0, rejected: 1 },
    units: { metered: 10, accepted: 7, settled: 7 },
    refused: [{ label: 'vending-1', device: 'AAAAAAAAAAA', reason: 'the hub refuses channel 2: excessive-limit', units }],
    amountMicros: { charged: 7, settled: 7, unsettled: 0 },
    balanced: true,
    batches: [],
  };
  expect([refusalsOf(report), complaintsOf(report)]).toEqual([refusals, complaints]);
});
