// Topping up: a prepaid device may meter so many units more. In: a device and units. Out: its new ceiling on the disk, or why not. It
// works on the store alone, so it may run in another process; the hub sends the grant.

import { MAX_SAFE } from '../shared/cbor.ts';
import type { DeviceId } from '../shared/identity.ts';
import type { Store } from './store.ts';

export type TopUp =
  | { readonly kind: 'raised'; readonly ceilingUnits: number }
  /** One sentence. */
  | { readonly kind: 'refused'; readonly why: string };

export function topUp(store: Store, device: DeviceId, units: number, nowSeconds = Math.floor(Date.now() / 1000)): TopUp {
  return store.atomically(() => {
    const row = store.devices.find(device);
    if (row === undefined) return refused(`no device ${device} is enrolled here`);
    if (row.revoked) return refused(`the device ${device} is revoked; a revoked device cannot be topped up`);
    const before = store.grants.ceilingUnits(device);
    if (before === undefined) {
      return refused(
        `the device ${device} is post-paid and needs no top-up; enrol a device with --prepaid to have one that does`,
      );
    }
    if (!Number.isSafeInteger(units) || units < 1 || units > MAX_SAFE - before) {
      return refused(`expected a top-up of 1 to ${MAX_SAFE - before} units, got ${units}`);
    }
    store.grants.raise(device, before + units, nowSeconds);
    return { kind: 'raised', ceilingUnits: before + units };
  });
}

function refused(why: string): TopUp {
  return { kind: 'refused', why };
}
