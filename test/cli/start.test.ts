// The first thing a stranger types, run as they run it: it pays, settles, answers, and goes on from where it stopped.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { RunReport } from '../../simulator/report.ts';
import { freshFolder, lastJson, launch, tallystick } from './run.ts';

const SLOW_MS = 60_000;

function expectMoneyAgrees(report: RunReport): void {
  expect(report.balanced).toBe(true);
  expect(report.units.accepted).toBe(report.units.metered);
  expect(report.units.settled).toBe(report.units.metered);
  expect(report.amountMicros.unsettled).toBe(0);
  expect(report.amountMicros.settled).toBe(report.amountMicros.charged);
  expect(report.vouchers.rejected).toBe(0);
}

describe('tallystick start', () => {
  it(
    'ends with the answer, and a second start goes on where the first stopped',
    async () => {
      const data = freshFolder();
      const words = ['start', '--data', data, '--port', '0', '--for', '3s', '--json', '--speed', '200'];
      const first = await tallystick(...words);
      expect(first.stderr).toContain('12/12 serving');
      expect(first.code).toBe(0);
      const before = lastJson<RunReport>(first);
      expectMoneyAgrees(before);
      expect(before.devices).toBe(12);
      expect(before.units.metered).toBeGreaterThan(0);
      expect(before.batches.length).toBeGreaterThan(0);
      const lines = before.batches.flatMap((batch) => batch.lines);
      expect(lines.reduce((total, line) => total + line.amountMicros, 0)).toBe(before.amountMicros.settled);

      const second = await tallystick(...words);
      expect(second.code).toBe(0);
      const after = lastJson<RunReport>(second);
      expectMoneyAgrees(after);
      expect(after.devices).toBe(12);
      expect(after.units.metered).toBeGreaterThan(before.units.metered);
      const seen = new Set(lines.map((line) => line.channel));
      expect(after.batches.flatMap((batch) => batch.lines).filter((line) => seen.has(line.channel))).toEqual([]);
    },
    SLOW_MS,
  );

  it(
    'closes, settles and ends with 0 on Ctrl-C',
    async () => {
      const running = launch(['start', '--data', freshFolder(), '--port', '0', '--json', '--speed', '200']);
      await new Promise((resolve) => setTimeout(resolve, 2500));
      running.child.kill('SIGINT');
      await new Promise((resolve) => setTimeout(resolve, 20));
      running.child.kill('SIGINT'); // npm passes the terminal's signal on: one Ctrl-C arrives twice
      const outcome = await running.outcome;
      expect(outcome.code).toBe(0);
      expectMoneyAgrees(lastJson<RunReport>(outcome));
    },
    SLOW_MS,
  );

  it(
    'ends cleanly after a power cut of everything at once, and nothing recorded is lost',
    async () => {
      const data = freshFolder();
      const running = launch(['start', '--data', data, '--port', '0', '--json', '--speed', '200']);
      await new Promise((resolve) => setTimeout(resolve, 2500));
      running.child.kill('SIGKILL');
      await running.outcome;
      const outcome = await tallystick('start', '--data', data, '--port', '0', '--for', '1s', '--json', '--speed', '200');
      expect(outcome.code).toBe(0);
      expectMoneyAgrees(lastJson<RunReport>(outcome));
    },
    SLOW_MS,
  );
});

describe('what can be wrong at the start', () => {
  it('a port in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const outcome = await tallystick('start', '--data', freshFolder(), '--port', String(port), '--for', '1s');
    taken.close();
    expect(outcome.code).toBe(4);
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
    expect(outcome.stderr).toContain(String(port));
  });

  it('a data folder that cannot be written', async () => {
    const parent = freshFolder();
    const outcome = await tallystick('start', '--data', unwritable(parent), '--port', '0', '--for', '1s');
    expect(outcome.code).toBe(3);
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
    expect(outcome.stderr).toMatch(/cannot write to the data folder/);
  });

  it('a database of a later version', async () => {
    const data = freshFolder();
    const db = new Database(join(data, 'hub.db'));
    db.pragma('user_version = 99');
    db.close();
    const outcome = await tallystick('start', '--data', data, '--port', '0', '--for', '1s');
    expect(outcome.code).toBe(3);
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
    expect(outcome.stderr).toContain('version 99');
  });
});

/** Root may write into any folder, but not below a file. */
function unwritable(parent: string): string {
  if (process.getuid?.() === 0) {
    writeFileSync(join(parent, 'file'), '');
    return join(parent, 'file', 'data');
  }
  const folder = join(parent, 'locked');
  mkdirSync(folder);
  chmodSync(folder, 0o500);
  return folder;
}
