// A site for uploads: a real hub on a free port, and a device enrolled there whose configuration lies where the command looks for it. In: changes to the
// enrolment. Out: the folder for --data, the device, the hub.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { EnrolRequest } from '../../hub/enrol-request.ts';
import type { Hub } from '../../hub/hub.ts';
import { openHub } from '../../hub/hub.ts';
import { saveProvisioned } from '../../hub/provisioned.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import type { Micros } from '../../shared/units.ts';

export interface Site {
  readonly dataDir: string;
  readonly hub: Hub;
  enrol(changes?: Partial<EnrolRequest>): DeviceConfig;
  close(): Promise<void>;
}

const TARIFF = {
  currency: 'EUR',
  unit: 'message',
  priceMicros: 100 as Micros,
  perUnits: 1,
  validFromSeconds: 0,
  validUntilSeconds: 4_000_000_000,
};

function request(port: number): EnrolRequest {
  return {
    profile: 'sensor',
    label: 'bench',
    payer: 'owner',
    payee: 'utility',
    tariff: TARIFF,
    limitUnits: 1000,
    chainUnits: 200,
    meter: { kind: 'timer', everyMs: 1000, units: 1 },
    host: '127.0.0.1',
    port,
    issueEveryMs: 0,
    keepaliveSeconds: 30,
  };
}

/** `pieceEveryMs`: how fast firmware goes over the air, where the hub's own pace would take too long. */
export async function openSite(options: { readonly pieceEveryMs?: number } = {}): Promise<Site> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tallystick-site-'));
  const hub = await openHub({ dataDir, host: '127.0.0.1', port: 0, root: 't', log: pino({ level: 'silent' }), ...options });
  let open = true;
  return {
    dataDir,
    hub,
    enrol(changes = {}) {
      const config = hub.enrol({ ...request(hub.port), ...changes });
      saveProvisioned(dataDir, { label: 'bench', config });
      return config;
    },
    async close() {
      if (open) await hub.close();
      open = false;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
