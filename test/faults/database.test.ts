// Errors of the database, planted at the commit and before it in the shipped hub: nothing is acknowledged, the reason is said, nobody is let in meanwhile, and all goes
// on when the cause is gone. Runs everywhere; the faults of real disks are beside it.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freshFolder, tallystick } from '../cli/run.ts';
import { closeOf } from '../hub/payer.ts';
import { connectSoon, DIST, endure, enrolIn, payUpTo, startFaulty, unitsIn } from './faulty-hub.ts';

const PRELOAD = join(DIST, 'test', 'faults', 'failing-database.js');

it.each([
  ['SQLITE_FULL', 'commit', /"the disk is full: planted at commit/],
  ['SQLITE_IOERR_FSYNC', 'commit', /"the disk reports errors: planted at commit/],
  ['SQLITE_IOERR_WRITE', 'commit', /"the disk reports errors/],
  ['SQLITE_READONLY', 'begin', /"the data folder cannot be written to/],
  ['SQLITE_BUSY', 'begin', /"another program holds the database/],
])('%s at the %s', { timeout: 60_000 }, async (code, step, says) => {
  const dataDir = freshFolder();
  const config = enrolIn(dataDir);
  const file = join(dataDir, 'fault');
  const hub = await startFaulty([process.execPath, '--import', PRELOAD], dataDir, { TALLYSTICK_FAULT: file }, 'aedes');
  const begin = (): void => writeFileSync(file, `${code} ${step}`);
  await endure(hub, config, { begin, end: () => rmSync(file), says }, dataDir);
});

it('another process sees that nothing can be stored, and why', { timeout: 60_000 }, async () => {
  const dataDir = freshFolder();
  const config = enrolIn(dataDir);
  const file = join(dataDir, 'fault');
  const hub = await startFaulty([process.execPath, '--import', PRELOAD], dataDir, { TALLYSTICK_FAULT: file }, 'aedes');
  const payer = await hub.connect(config);
  writeFileSync(file, 'SQLITE_FULL commit');
  void payer.send(payer.commitment(1)).catch(() => {});
  await expect.poll(() => hub.log()).toContain('nothing can be stored');
  const status = await tallystick('status', '--data', dataDir);
  expect(status.code).toBe(3);
  expect(status.stderr).toContain('the hub stores nothing: the disk is full');
  rmSync(file);
  await expect.poll(() => hub.log()).toContain('the disk takes writes again');
  expect((await tallystick('status', '--data', dataDir)).code).toBe(0);
});

it.each(['fast', 'aedes'] as const)(
  'what cannot be read back after its commit is not acknowledged: %s',
  { timeout: 60_000 },
  async (front) => {
    const dataDir = freshFolder();
    const config = enrolIn(dataDir);
    const file = join(dataDir, 'fault');
    const hub = await startFaulty([process.execPath, '--import', PRELOAD], dataDir, { TALLYSTICK_FAULT: file }, front);
    const payer = await hub.connect(config);
    await payer.send(payer.commitment(1));
    await payUpTo(payer, 5);
    writeFileSync(file, 'SQLITE_IOERR_READ read');
    const closed = closeOf(payer.client);
    let acknowledged = false;
    // So far ahead that it is the judge's, whose word the database keeps.
    payer.send(payer.payword(1, 45)).then(
      () => (acknowledged = true),
      () => {},
    );
    await closed;
    expect(acknowledged).toBe(false);
    await expect.poll(() => hub.log()).toMatch(/cannot be read back/);
    expect(payer.heard.some((answer) => answer.kind === 'receipt' && answer.acceptedUnits > 5)).toBe(false);
    rmSync(file);
    const again = await connectSoon(hub, config);
    await payUpTo(again, 46);
    await again.end();
    expect(await hub.server.stop()).toBe(0);
    expect(unitsIn(dataDir)).toBe(46);
  },
);
