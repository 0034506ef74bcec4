// The compiled hub in a process of its own, in a world where its disk can be made to fail. In: how it is started, and where its data is for it and for us. Out: payers that
// connect to it, its log, and a check of what its books hold. It must never tell the hub of the test.

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { enrol } from '../../hub/enrol.ts';
import { hubStatus } from '../../hub/status.ts';
import { openStore } from '../../hub/store.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { freshFolder, MAIN } from '../cli/run.ts';
import { requestOf } from '../hub/fixture.ts';
import type { ConnectedPayer } from '../hub/payer.ts';
import { closeOf, connectPayer } from '../hub/payer.ts';
import type { ServerProcess } from '../load/process.ts';
import { startProcess } from '../load/process.ts';

export interface FaultyHub {
  readonly server: ServerProcess<{ readonly port: number }>;
  /** All that the hub has said on its error stream. */
  log(): string;
  connect(config: DeviceConfig): Promise<ConnectedPayer>;
}

export const DIST = join(import.meta.dirname, '..', '..', 'dist');

export function enrolIn(dataDir: string): DeviceConfig {
  const store = openStore(dataDir);
  try {
    return enrol(store, requestOf(1));
  } finally {
    store.close();
  }
}

/**
 * `command` ends with the words that come before the script: `node`, or a shell that ends in it. With the front `aedes` every voucher needs the database; with `fast`
 * it may still be durable in the journal when only the database fails, and is then rightly acknowledged.
 */
export async function startFaulty(
  command: readonly [string, ...string[]],
  dataDir: string,
  env: NodeJS.ProcessEnv = {},
  front: 'fast' | 'aedes' = 'fast',
): Promise<FaultyHub> {
  let said = '';
  const words = [
    ...command,
    MAIN,
    'hub',
    '--data',
    dataDir,
    '--port',
    '0',
    '--settle-every',
    '50ms',
    '--front',
    front,
    '--log-level',
    'info',
    '--json',
  ];
  const server = await startProcess<{ port: number }>(words, { env, onError: (text) => (said += text) });
  onTestFinished(() => server.kill());
  return {
    server,
    log: () => said,
    async connect(config) {
      const payer = await connectPayer({ ...config, port: server.ready.port });
      onTestFinished(() => payer.end());
      return payer;
    },
  };
}

export async function payUpTo(payer: ConnectedPayer, units: number): Promise<void> {
  await payer.send(payer.payword(1, units));
  await payer.hears((answer) => answer.kind === 'receipt' && answer.acceptedUnits === units);
}

export interface Fault {
  begin(): void;
  end(): void;
  /** What the log must say of it. */
  readonly says: RegExp;
}

/** The whole promise: before, during and after a fault of the disk. `inside` is where this process finds the hub's data. */
export async function endure(hub: FaultyHub, config: DeviceConfig, fault: Fault, inside: string): Promise<void> {
  const payer = await hub.connect(config);
  await payer.send(payer.commitment(1));
  await payUpTo(payer, 5);
  fault.begin();
  const closed = closeOf(payer.client);
  let acknowledged = false;
  payer.send(payer.payword(1, 6)).then(
    () => (acknowledged = true),
    () => {},
  );
  await closed;
  expect(acknowledged).toBe(false);
  expect(payer.heard.some((answer) => answer.kind === 'receipt' && answer.acceptedUnits > 5)).toBe(false);
  await expect.poll(() => hub.log()).toMatch(fault.says);
  await expect(connectPayer({ ...config, port: hub.server.ready.port })).rejects.toThrow(/Server unavailable/);
  fault.end();
  const again = await connectSoon(hub, config);
  expect(hub.log()).toContain('the disk takes writes again');
  await payUpTo(again, 7);
  await again.end();
  const store = openStore(copyOf(hub, inside));
  try {
    expect(hubStatus(store)).toMatchObject({ balanced: true, units: { accepted: 7 }, storage: { kind: 'good' } });
  } finally {
    store.close();
  }
  expect(await hub.server.stop()).toBe(0);
}

/** As it stands at one moment: SQLite would not follow the way into another process's file systems. */
export function copyOf(hub: FaultyHub, inside: string): string {
  const copy = freshFolder();
  hub.server.child.kill('SIGSTOP');
  cpSync(inside, copy, { recursive: true });
  hub.server.child.kill('SIGCONT');
  return copy;
}

export function unitsIn(dataDir: string): number {
  const store = openStore(dataDir);
  try {
    return hubStatus(store).units.accepted;
  } finally {
    store.close();
  }
}

/** As a board does: it comes back until it is let in. */
export async function connectSoon(hub: FaultyHub, config: DeviceConfig): Promise<ConnectedPayer> {
  for (;;) {
    try {
      return await hub.connect(config);
    } catch (error) {
      if (!/Server unavailable/.test((error as Error).message)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
