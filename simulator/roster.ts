// Who is in the fleet: devices of earlier runs on the same data first, new ones enrolled where there are too few. In: how many of each profile,
// and the hub's enrolment. Out: fleet members whose configuration points at the hub that runs now.

import type { EnrolRequest } from '../hub/enrol.ts';
import type { Profile } from '../hub/profiles.ts';
import { flatTariff, profileTerms } from '../hub/profiles.ts';
import { listProvisioned, saveSimulated } from '../hub/provisioned.ts';
import type { DeviceConfig, MeterConfig } from '../shared/config.ts';
import type { FleetMember } from './fleet.ts';

export interface RosterOptions {
  readonly dataDir: string;
  readonly counts: Readonly<Partial<Record<Profile, number>>>;
  readonly host: string;
  readonly port: number;
  enrol(request: EnrolRequest): DeviceConfig;
}

const PULSES: MeterConfig = { kind: 'pulse', pin: 'D4', unitsPerPulse: 1, debounceMs: 0 };
const VENDS: MeterConfig = {
  kind: 'vend',
  requestPin: 'D4',
  successPin: 'D18',
  failurePin: 'D19',
  debounceMs: 0,
  timeoutMs: 30_000,
  unitsPerVend: 1,
};
const METERS: Readonly<Record<Profile, MeterConfig>> = { vending: VENDS, charging: PULSES, sensor: PULSES, generic: PULSES };

export function gatherFleet(options: RosterOptions): FleetMember[] {
  const known = new Map(listProvisioned(options.dataDir).map((one) => [one.label, one.config]));
  const members: FleetMember[] = [];
  for (const [profile, count] of Object.entries(options.counts) as [Profile, number][]) {
    for (let i = 1; i <= count; i++) {
      const label = `${profile}-${i}`;
      const config = known.get(label) ?? enrolNew(options, profile, label, i);
      members.push({ label, profile, config: { ...config, host: options.host, port: options.port } });
    }
  }
  return members;
}

/** Twelve devices split four ways each, or any number as evenly as it goes. */
export function evenCounts(devices: number): Record<'vending' | 'charging' | 'sensor', number> {
  return {
    vending: Math.ceil(devices / 3),
    charging: Math.ceil((devices - 1) / 3),
    sensor: Math.floor(devices / 3),
  };
}

function enrolNew(options: RosterOptions, profile: Profile, label: string, ordinal: number): DeviceConfig {
  const terms = profileTerms(profile);
  const config = options.enrol({
    profile,
    label,
    payer: `${profile}-customer-${((ordinal - 1) % 2) + 1}`,
    payee: `${profile}-operator`,
    tariff: flatTariff(terms),
    limitUnits: terms.limitUnits,
    chainUnits: terms.chainUnits,
    meter: METERS[profile],
    output: { pin: 'D5', activeLow: true },
    host: options.host,
    port: options.port,
    issueEveryMs: terms.issueEveryMs,
    keepaliveSeconds: 60,
  });
  saveSimulated(options.dataDir, { label, config });
  return config;
}
