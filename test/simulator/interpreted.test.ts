// A mixed fleet: one board is the file that a board gets, on the real interpreter, the others are simulated; the totals are the same to the unit.

import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openHub } from '../../hub/hub.ts';
import { createFleet } from '../../simulator/fleet.ts';
import { interpreterPath } from '../../simulator/interpreted.ts';
import { interpretedFleet, together } from '../../simulator/interpreted-fleet.ts';
import { liveCast } from '../../simulator/live-cast.ts';
import { complaintsOf } from '../../simulator/report.ts';
import { runFleet } from '../../simulator/run.ts';
import { parseText } from '../../simulator/scenario-file.ts';
import { freshFolder } from '../hub/fixture.ts';

const path = interpreterPath();
if (path === undefined)
  console.warn('SKIPPED: a fleet with the real interpreter in it; set ESPRUINO to the path of an Espruino for Linux');

const SCENARIO = `
name: Mixed
duration: 1h
groups:
  - name: tap
    profile: generic
    count: 4
    behaviour: { kind: interval, every: 10s, jitterShare: 0.2 }
    limitUnits: 200
    chainUnits: 100
`;

describe.skipIf(path === undefined)('with the interpreter', () => {
  test('what its board and the simulated ones deliver is what is settled', { timeout: 120_000 }, async () => {
    const hub = await openHub({ dataDir: freshFolder(), host: '127.0.0.1', port: 0, root: 't', log: pino({ level: 'silent' }) });
    onTestFinished(() => hub.close());
    const parsed = parseText(SCENARIO);
    if (parsed.kind === 'faults') return expect.fail(parsed.faults.join());
    const enrolment = { host: '127.0.0.1', port: hub.port, atomically: <T>(write: () => T): T => hub.store.atomically(write) };
    const members = liveCast(parsed.scenario, { ...enrolment, enrol: (request) => hub.enrol(request) }, 1);
    const common = { seed: 1, speed: 10 };
    const real = members.filter((member) => member.onInterpreter === true);
    const simulated = members.filter((member) => member.onInterpreter !== true);
    expect([real.length, simulated.length]).toEqual([1, 3]);
    const fleet = together([
      await interpretedFleet(path as string, { ...common, members: real }),
      createFleet({ ...common, members: simulated, log: () => undefined }),
    ]);
    const accepted = (): number => hub.status().devices.find((row) => row.device === real[0]?.config.device)?.totalUnits ?? 0;
    const stopped = expect.poll(accepted, { timeout: 60_000 }).toBeGreaterThanOrEqual(3);
    const report = await runFleet({
      fleet,
      books: {
        status: () => hub.status(),
        counters: () => hub.counters(),
        settle: () => hub.settle({ dryRun: false }).batch?.id,
      },
      stopped: stopped.then(() => undefined),
      settleEveryMs: 500,
      drainMs: 50_000,
      onPhase: () => undefined,
    });
    expect(complaintsOf(report)).toEqual([]);
  });
});
