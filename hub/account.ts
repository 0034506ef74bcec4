// A channel's account: what it owes and how much of that is claimed and settled, as the books keep it. In: rows that the store has read. Out: the noun
// that claims, batches, audits and statements are made of. Plain numbers, no behaviour.

import type { AccountId, DeviceId, TariffId } from '../shared/identity.ts';
import type { Tariff } from '../shared/tariff.ts';
import type { ChannelNumber } from '../shared/units.ts';

/** The counts of one channel, from the first to the last of the chain that must hold. */
export interface Standing {
  readonly acceptedUnits: number;
  readonly claimedUnits: number;
  readonly settledUnits: number;
  readonly chargedMicros: number;
  readonly claimedMicros: number;
  readonly settledMicros: number;
}

/** A standing with whose it is and at which price. */
export interface Account extends Standing {
  readonly device: DeviceId;
  readonly number: ChannelNumber;
  readonly payer: AccountId;
  readonly payee: AccountId;
  readonly tariffId: TariffId;
  readonly tariff: Tariff;
  readonly closed: boolean;
  readonly changedAtSeconds: number;
}
