// Who is in the world: a scenario's groups as enrolled devices, each with its behaviour and its place. In: a scenario, the seed, and the hub's store before its
// first start. Out: the members, the same for the same seed. Enrolment is the hub's own; only the keys come from the seed.

import type { MakeProfile } from '../../device/profile.ts';
import { createProfile as charging } from '../../device/profiles/charging.ts';
import { createProfile as generic } from '../../device/profiles/generic.ts';
import { createProfile as sensor } from '../../device/profiles/sensor.ts';
import { createProfile as vending } from '../../device/profiles/vending.ts';
import type { EnrolRequest } from '../../hub/enrol.ts';
import { enrol } from '../../hub/enrol.ts';
import type { Profile } from '../../hub/profiles.ts';
import { flatTariff, profileTerms } from '../../hub/profiles.ts';
import type { Store } from '../../hub/store.ts';
import type { DeviceConfig, MeterConfig } from '../../shared/config.ts';
import type { Tariff } from '../../shared/tariff.ts';
import type { Random } from '../random.ts';
import { seededRandom } from '../random.ts';
import type { Group, Scenario } from '../scenario.ts';
import { tariffOf } from '../scenario-tariff.ts';
import { secretsOf } from './identity.ts';

const FIRMWARE_OF: Readonly<Record<Profile, MakeProfile>> = { charging, generic, sensor, vending };
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

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

export interface Member {
  readonly label: string;
  readonly group: Group;
  readonly config: DeviceConfig;
  readonly payer: string;
  readonly payee: string;
  readonly tariff: Tariff;
  readonly makeProfile: MakeProfile;
  readonly place: Place | undefined;
}

export function castOf(scenario: Scenario, seed: number, store: Store, epochSeconds: number): Member[] {
  return scenario.groups.flatMap((group) =>
    Array.from({ length: group.count }, (_, i) => memberOf(scenario, group, i, { seed, store, epochSeconds })),
  );
}

interface Origin {
  readonly seed: number;
  readonly store: Store;
  readonly epochSeconds: number;
}

function memberOf(scenario: Scenario, group: Group, ordinal: number, { seed, store, epochSeconds }: Origin): Member {
  const request = requestOf(group, ordinal, { host: 'hub', port: 1883 });
  const { label, payer, payee, tariff } = request;
  const config = enrol(store, request, epochSeconds, secretsOf(seed, label));
  const place = placeOf(group, seededRandom(seed, `place ${label}`));
  const makeProfile = FIRMWARE_OF[group.profile];
  return { label, group, payer, payee, config: { ...config, root: scenario.hub.root }, tariff, makeProfile, place };
}

/** What an operator asks for when the group's n-th device is enrolled. */
export function requestOf(group: Group, ordinal: number, hub: { readonly host: string; readonly port: number }): EnrolRequest {
  const terms = profileTerms(group.profile);
  const chainUnits = group.chainUnits ?? Math.min(terms.chainUnits, group.limitUnits ?? terms.chainUnits);
  return {
    profile: group.profile,
    label: `${group.name}-${ordinal + 1}`,
    payer: group.payers === 1 ? group.payer : `${group.payer}-${(ordinal % group.payers) + 1}`,
    payee: group.payee,
    tariff: tariffFor(group),
    limitUnits: group.limitUnits ?? Math.max(terms.limitUnits, chainUnits),
    chainUnits,
    meter: group.profile === 'vending' ? VENDS : PULSES,
    output: { pin: 'D5', activeLow: true },
    ...hub,
    issueEveryMs: group.issueEvery ?? terms.issueEveryMs,
    keepaliveSeconds: Math.min(3600, Math.max(5, Math.round(group.keepalive / 1000))),
    ...(group.wallet === undefined ? {} : { prepaidUnits: group.wallet.grantUnits }),
  };
}

function tariffFor({ profile, tariff }: Group): Tariff {
  const usual = flatTariff(profileTerms(profile));
  return tariff === undefined ? usual : tariffOf(tariff, usual);
}

const KM_PER_DEGREE = 111;

/** Anywhere in the square around the group's place. */
function placeOf({ place }: Group, random: Random): Place | undefined {
  if (place === undefined) return undefined;
  const spread = place.radiusKm / KM_PER_DEGREE;
  return {
    latitude: place.latitude + spread * (2 * random.next() - 1),
    longitude: place.longitude + spread * (2 * random.next() - 1),
  };
}
