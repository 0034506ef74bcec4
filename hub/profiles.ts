// What a new device of a profile is offered unless the operator says otherwise: price, limits, pace. In: a profile's name. Out: the terms for its
// enrolment. Nothing here is known to a running hub or board: enrolment writes it down, and then the tariff is frozen.

import type { FlatTariff } from '../shared/tariff.ts';
import type { Micros } from '../shared/units.ts';

export const PROFILES = ['vending', 'charging', 'sensor', 'generic'] as const;
export type Profile = (typeof PROFILES)[number];

export interface ProfileTerms {
  readonly currency: string;
  readonly unit: string;
  readonly priceMicros: number;
  readonly perUnits: number;
  readonly limitUnits: number;
  readonly chainUnits: number;
  readonly issueEveryMs: number;
}

const TERMS: Readonly<Record<Profile, ProfileTerms>> = {
  // A sale is rare and worth a coin: every vend is sent at once.
  vending: {
    currency: 'EUR',
    unit: 'vend',
    priceMicros: 2_500_000,
    perUnits: 1,
    limitUnits: 500,
    chainUnits: 500,
    issueEveryMs: 0,
  },
  // A charger counts several Wh a second: one voucher a second covers them all.
  charging: {
    currency: 'EUR',
    unit: 'Wh',
    priceMicros: 450_000,
    perUnits: 1000,
    limitUnits: 60_000,
    chainUnits: 60_000,
    issueEveryMs: 1000,
  },
  sensor: {
    currency: 'EUR',
    unit: 'message',
    priceMicros: 1_500,
    perUnits: 1,
    limitUnits: 10_000,
    chainUnits: 10_000,
    issueEveryMs: 0,
  },
  generic: {
    currency: 'EUR',
    unit: 'unit',
    priceMicros: 10_000,
    perUnits: 1,
    limitUnits: 10_000,
    chainUnits: 10_000,
    issueEveryMs: 0,
  },
};

export function profileTerms(profile: Profile): ProfileTerms {
  return TERMS[profile];
}

/** A flat tariff valid from the start of time for a hundred years: validity is the operator's to narrow. */
export function flatTariff(terms: ProfileTerms): FlatTariff {
  return {
    currency: terms.currency,
    unit: terms.unit,
    priceMicros: terms.priceMicros as Micros,
    perUnits: terms.perUnits,
    validFromSeconds: 0,
    validUntilSeconds: 4_102_444_800,
  };
}
