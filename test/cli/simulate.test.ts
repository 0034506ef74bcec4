// `tallystick simulate` with a scenario, as a user types it: the answer, the exit code, and what is said about a scenario that cannot be used or does not hold.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RAIL_NAMES } from '../../hub/rails/rail.ts';
import { freshFolder, lastJson, tallystick } from './run.ts';

const SCENARIO = `
name: Two kiosks
duration: 3h
groups:
  - { name: kiosk, profile: vending, count: 2, behaviour: { kind: bursts, every: 10m } }
  - { name: tap, profile: generic, count: 1, behaviour: { kind: arrivals, every: 5m } }
network: { loss: 0.02 }
faults: { hubKill: { perDay: 24, lasts: 20s } }
`;

interface Answer {
  readonly hash: string;
  readonly seed: number;
  readonly units: { readonly metered: number; readonly accepted: number; readonly settled: number };
  readonly violations: readonly unknown[];
  readonly replay: string;
}

function written(text: string): string {
  const path = join(freshFolder(), 'kiosks.yaml');
  writeFileSync(path, text);
  return path;
}

describe('a scenario', () => {
  it('is run, and the same seed in another process gives the same event log', { timeout: 60_000 }, async () => {
    const path = written(SCENARIO);
    const words = ['simulate', path, '--seed', '5', '--json'];
    const [first, again] = await Promise.all([tallystick(...words), tallystick(...words)]);
    expect(first.code).toBe(0);
    const answer = lastJson<Answer>(first);
    expect(answer).toMatchObject({ seed: 5, violations: [], replay: `tallystick simulate ${path} --seed 5` });
    expect(answer.units.metered).toBeGreaterThan(10);
    expect(answer.units.settled).toBe(answer.units.accepted);
    expect(lastJson<Answer>(again).hash).toBe(answer.hash);
  });

  it('prints a table with its hash and the command that replays it, and writes a page', { timeout: 60_000 }, async () => {
    const path = written(SCENARIO);
    const page = join(freshFolder(), 'answer.html');
    const { code, stdout } = await tallystick('simulate', path, '--for', '1h', '--html', page);
    expect(code).toBe(0);
    expect(stdout).toMatch(/money in is money out; every promise held/);
    expect(stdout).toMatch(/event log [0-9a-f]{32}/);
    expect(stdout).toContain(`replay with: tallystick simulate ${path} --seed 1 --for 3600000ms`);
    expect(readFileSync(page, 'utf8')).toContain('<svg');
  });

  it('stops after so many vouchers', { timeout: 60_000 }, async () => {
    const outcome = await tallystick('simulate', written(SCENARIO.replace('3h', '30d')), '--messages', '20', '--json');
    expect(outcome.code).toBe(0);
    expect(lastJson<{ stopped: boolean }>(outcome).stopped).toBe(true);
  });

  it('that does not hold ends with 5 and the command that shows it again', { timeout: 60_000 }, async () => {
    const path = written(`${SCENARIO}assertions: { vouchersAtLeast: 100000 }\n`);
    const { code, stderr } = await tallystick('simulate', path, '--seed', '2', '--json');
    expect(code).toBe(5);
    expect(stderr).toContain(`one promise was broken with seed 2; replay with: tallystick simulate ${path} --seed 2`);
  });

  it('with a mistake ends with 3 and a sentence that names the field', async () => {
    const { code, stderr } = await tallystick('simulate', written(SCENARIO.replace('hubKill', 'hubKil')));
    expect(code).toBe(3);
    expect(stderr).toMatch(/faults: there is no field "hubKil" here; mind the spelling/);
  });
});

it('a number of devices beside a scenario is refused, because the scenario says how many', async () => {
  const { code, stderr } = await tallystick('simulate', 'sensor-field', '--live', '--devices', '100');
  expect(code).toBe(2);
  expect(stderr).toContain('--devices: a scenario says how many, in the groups of sensor-field; leave one of them out');
});

it('many seeds can be stopped and resumed: what is noted is not run again', { timeout: 60_000 }, async () => {
  const path = written(SCENARIO.replace('3h', '30m'));
  const notes = join(freshFolder(), 'seeds.jsonl');
  const first = await tallystick('simulate', path, '--seeds', '3', '--twice', '--resume', notes, '--json');
  expect(lastJson(first)).toMatchObject({ run: 3, clean: 3, failed: [] });
  expect(first.code).toBe(0);
  const noted = readFileSync(notes, 'utf8');
  const again = await tallystick('simulate', path, '--seeds', '4', '--resume', notes, '--json');
  expect(lastJson(again)).toMatchObject({ run: 4, clean: 4 });
  expect(readFileSync(notes, 'utf8').startsWith(noted)).toBe(true);
  expect(readFileSync(notes, 'utf8').trim().split('\n')).toHaveLength(4);
});

it(
  'many seeds that are shared by processes give the same lines, of just so much of the scenario',
  { timeout: 60_000 },
  async () => {
    const path = written(SCENARIO);
    const run = async (...words: readonly string[]): Promise<readonly string[]> => {
      const notes = join(freshFolder(), 'seeds.jsonl');
      const outcome = await tallystick('simulate', path, '--seeds', '5', '--for', '30m', '--resume', notes, '--json', ...words);
      expect(lastJson(outcome)).toMatchObject({ run: 5, clean: 5, failed: [] });
      const seedOf = (line: string): number => (JSON.parse(line) as { seed: number }).seed;
      return readFileSync(notes, 'utf8')
        .trim()
        .split('\n')
        .sort((a, b) => seedOf(a) - seedOf(b));
    };
    const alone = await run();
    expect(await run('--processes', '3')).toEqual(alone);
    expect(alone[0]).toContain('"forMs":1800000');
  },
);

it('a quote says what a month would bring, and for how long it was measured', { timeout: 60_000 }, async () => {
  const outcome = await tallystick('simulate', 'quote', written(SCENARIO), '--for', '1h', '--transfer-fee', '0.20', '--json');
  expect(outcome.code).toBe(0);
  const quote = lastJson<{
    measuredMs: number;
    perMonth: { vouchers: number; messages: number; transfers: number; fees: readonly { rail: string; micros: number }[] };
  }>(outcome);
  expect(quote.measuredMs).toBe(3_600_000);
  expect(quote.perMonth.messages).toBeGreaterThan(quote.perMonth.vouchers);
  expect(quote.perMonth.fees.map((fee) => fee.rail)).toEqual(RAIL_NAMES.filter((rail) => rail !== 'lightning')); // which moves SAT only
  const feeOf = (rail: string): number => quote.perMonth.fees.find((fee) => fee.rail === rail)?.micros ?? -1;
  expect(feeOf('ledger')).toBe(0);
  expect(feeOf('sepa')).toBe(200_000 * quote.perMonth.transfers);
  expect(existsSync('seeds.jsonl')).toBe(false);
});
