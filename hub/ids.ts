// The wire's ids under the hub's own hash function. In: names and contents. Out: ids. It exists so that nobody passes another hash by mistake.

import type { Bytes } from '../shared/bytes.ts';
import type { AccountId, DeviceId, TariffId } from '../shared/identity.ts';
import { accountIdOf as accountIdBy, deviceIdOf as deviceIdBy } from '../shared/identity.ts';
import type { Tariff } from '../shared/tariff.ts';
import { tariffIdOf as tariffIdBy } from '../shared/tariff.ts';
import { sha256 } from './proofs.ts';
import { erasedAccountIn } from './pseudonym.ts';

export function deviceIdOf(publicKey: Bytes): DeviceId {
  return deviceIdBy(publicKey, sha256);
}

/** Of a name, or of the pseudonym that stands in its place after an erasure: that says the id itself. */
export function accountIdOf(name: string): AccountId {
  return erasedAccountIn(name) ?? accountIdBy(name, sha256);
}

export function tariffIdOf(tariff: Tariff): TariffId {
  return tariffIdBy(tariff, sha256);
}
