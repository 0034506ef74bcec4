// The nouns of insight: a place, a till, and the time that sales are counted in. In: seconds. Out: quarter hours and days since 1970, UTC. Plain numbers, no behaviour.

import type { AccountId, DeviceId, TariffId } from '../shared/identity.ts';

export const QUARTER_SECONDS = 900;
export const QUARTERS_PER_HOUR = 4;
export const QUARTERS_PER_DAY = 96;

/** A clock that stands before 1970 sells at its first moment. */
export function quarterAt(seconds: number): number {
  return Math.max(0, Math.floor(seconds / QUARTER_SECONDS));
}

export function dayOf(quarter: number): number {
  return Math.floor(quarter / QUARTERS_PER_DAY);
}

/** `null`: nobody has said. */
export interface Place {
  readonly site: string | null;
  readonly product: string | null;
  /** IANA, such as `Europe/Berlin`. */
  readonly zone: string | null;
}

export const NOWHERE: Place = { site: null, product: null, zone: null };

/** What sales are counted by: one device during one stay, for one payer and payee, under one tariff. */
export interface Till {
  /** From 1, without gaps. */
  readonly till: number;
  readonly device: DeviceId;
  readonly label: string;
  readonly payer: AccountId;
  readonly payee: AccountId;
  readonly tariff: TariffId;
  readonly currency: string;
  readonly unit: string;
  /** Of the stay, as it was last corrected. */
  readonly place: Place;
  /** Under which its sales are added up for the whole fleet: currency, unit, and the zone as it was said when the till was opened. */
  readonly clock: number;
  readonly clockZone: string | null;
}
