// A small fleet with the real firmware of every profile against a real hub: after a day at high speed what was delivered is what is settled, vends that
// failed are not in it, and a prepaid machine delivers what was granted and not a unit more.

import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { openHub } from '../../hub/hub.ts';
import { createFleet } from '../../simulator/fleet.ts';
import { complaintsOf } from '../../simulator/report.ts';
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
