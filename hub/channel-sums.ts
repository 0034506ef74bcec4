// What all channels come to, in one pass that holds none of them but each device's newest: hundreds of thousands of channels fit into the memory of a few. In: the store, read at one moment, and an audit that is shown
// each channel on the way. Out: sums by device and by currency.

import type { DeviceId } from '../shared/identity.ts';
import type { Account } from './account.ts';
import type { OpenAudit } from './audit.ts';
import { sumMicros } from './ledger.ts';
import type { Store } from './store.ts';

/** Sums over channels. */
export interface Sums {
  acceptedUnits: number;
  settledUnits: number;
  chargedMicros: number;
  settledMicros: number;
}

/** Of one device's channels; the newest of them is the last that was added. */
export interface DeviceSums extends Sums {
  newest: Account;
  changedAtSeconds: number;
}

export interface ChannelSums {
  readonly byCurrency: ReadonlyMap<string, Sums>;
  readonly byDevice: ReadonlyMap<DeviceId, DeviceSums>;
}

/** One pass over the channels, in which the audit looks at them too; none of them is held but each device's newest. */
export function channelSums(store: Store, found: OpenAudit): ChannelSums {
  const [byCurrency, byDevice] = [new Map<string, Sums>(), new Map<DeviceId, DeviceSums>()];
  for (const account of store.channels.eachAccount()) {
    found.look(account);
    const { currency } = account.tariff;
    const own = byCurrency.get(currency) ?? noSums();
    byCurrency.set(currency, own);
    addTo(own, account);
    const device = byDevice.get(account.device) ?? { ...noSums(), newest: account, changedAtSeconds: 0 };
    byDevice.set(account.device, device);
    addTo(device, account);
    device.newest = account;
    device.changedAtSeconds = Math.max(device.changedAtSeconds, account.changedAtSeconds);
  }
  return { byCurrency, byDevice };
}

export function noSums(): Sums {
  return { acceptedUnits: 0, settledUnits: 0, chargedMicros: 0, settledMicros: 0 };
}

function addTo(sums: Sums, account: Account): void {
  sums.acceptedUnits = sumMicros([sums.acceptedUnits, account.acceptedUnits]);
  sums.settledUnits = sumMicros([sums.settledUnits, account.settledUnits]);
  sums.chargedMicros = sumMicros([sums.chargedMicros, account.chargedMicros]);
  sums.settledMicros = sumMicros([sums.settledMicros, account.settledMicros]);
}
