// A hub for a measurement: the real one, in a folder that is gone afterwards, with one vending machine enrolled. In: where a board finds it. Out: the machine's
// configuration, and the end of it all. It must never touch the operator's own hub.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHub } from '../hub/hub.ts';
import { flatTariff, profileTerms } from '../hub/profiles.ts';
import type { DeviceConfig } from '../shared/config.ts';
import { loggerOf } from './options.ts';

export interface BenchHub {
  /** A machine of its own for each run, because two boards with one identity would put each other out. */
  enrol(): DeviceConfig;
  close(): Promise<void>;
}

export interface Reach {
  /** The address at which the board finds this machine. */
  readonly hubHost: string;
  readonly wifiSsid?: string;
  readonly wifiPassword?: string;
}

const LOOPBACK = /^(127\.|localhost$|::1$)/;

export async function openBenchHub({ hubHost, wifiSsid, wifiPassword }: Reach): Promise<BenchHub> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tallystick-bench-hub-'));
  const host = LOOPBACK.test(hubHost) ? hubHost : '0.0.0.0';
  const hub = await openHub({ dataDir, host, port: 0, root: 't', log: loggerOf('silent') });
  const terms = profileTerms('vending');
  return {
    enrol: () =>
      hub.enrol({
        profile: 'vending',
        label: 'bench',
        payer: 'bench-payer',
        payee: 'bench-payee',
        tariff: flatTariff(terms),
        limitUnits: terms.limitUnits,
        chainUnits: terms.chainUnits,
        meter: { kind: 'vend', requestPin: 'D4', successPin: 'D18', debounceMs: 20, timeoutMs: 30_000, unitsPerVend: 1 },
        output: { pin: 'D27', activeLow: false },
        host: hubHost,
        port: hub.port,
        ...(wifiSsid === undefined ? {} : { wifi: { ssid: wifiSsid, password: wifiPassword ?? '' } }),
        issueEveryMs: terms.issueEveryMs,
        keepaliveSeconds: 60,
      }),
    async close() {
      await hub.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
