// A hub for a test: real broker, real sockets, real database in a folder of its own. In: nothing, or what differs. Out: a hub and enrolled payers, all of it
// closed and removed at the end of the test.

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { EnrolRequest } from '../../hub/enrol.ts';
import type { Hub, HubOptions } from '../../hub/hub.ts';
import { openHub } from '../../hub/hub.ts';
import type { Store } from '../../hub/store.ts';
import { openStore } from '../../hub/store.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import type { Micros } from '../../shared/units.ts';
import type { ConnectedPayer } from './payer.ts';
import { connectPayer } from './payer.ts';

export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The folder as a power cut would leave it, without what the hub does at its end. */
export function copyOf(dataDir: string): string {
  const copy = freshFolder();
  cpSync(dataDir, copy, { recursive: true });
  return copy;
}

export async function startHub(options: Partial<HubOptions> = {}): Promise<Hub> {
  const dataDir = options.dataDir ?? freshFolder();
  const hub = await openHub({ host: '127.0.0.1', port: 0, root: 't', log: pino({ level: 'silent' }), ...options, dataDir });
  onTestFinished(() => hub.close());
  return hub;
}

export function startStore(): Store {
  const store = openStore(freshFolder());
  onTestFinished(() => store.close());
  return store;
}

/** One unit costs a cent, a channel may owe ten. */
export function requestOf(port: number, changes: Partial<EnrolRequest> = {}): EnrolRequest {
  return {
    profile: 'vending',
    label: 'machine',
    payer: 'alice',
    payee: 'bob',
    tariff: {
      currency: 'EUR',
      unit: 'vend',
      priceMicros: 10_000 as Micros,
      perUnits: 1,
      validFromSeconds: 0,
      validUntilSeconds: 4_000_000_000,
    },
    limitUnits: 1000,
    chainUnits: 1000,
    meter: { kind: 'timer', everyMs: 1000, units: 1 },
    host: '127.0.0.1',
    port,
    issueEveryMs: 0,
    keepaliveSeconds: 60,
    ...changes,
  };
}

export function enrolAt(hub: Hub, changes: Partial<EnrolRequest> = {}): DeviceConfig {
  return hub.enrol(requestOf(hub.port, changes));
}

export async function payAt(hub: Hub, changes: Partial<EnrolRequest> = {}): Promise<ConnectedPayer> {
  const payer = await connectPayer(enrolAt(hub, changes));
  onTestFinished(() => payer.end());
  return payer;
}
