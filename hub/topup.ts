// Topping up: a prepaid device may meter so many units more, or so many in all. In: a device and units. Out: its ceiling on the disk, or why not. The latter may be
// asked for again and again: a script that does not know whether it was heard repeats it. It works on the store alone, so it may run in another process; the hub sends
// the grant.

import { MAX_SAFE } from '../shared/cbor.ts';
import type { DeviceId } from '../shared/identity.ts';
import type { Store } from './store.ts';

export type TopUp =
  /** `kept`: it was there already, or higher; a ceiling never falls. */
  | { readonly kind: 'raised' | 'kept'; readonly ceilingUnits: number }
  /** One sentence. */
  | { readonly kind: 'refused'; readonly why: string };

/** So many units more. */
export function topUp(store: Store, device: DeviceId, units: number, nowSeconds = nowInSeconds()): TopUp {
  return raise(store, device, nowSeconds, (before) => {
    if (!Number.isSafeInteger(units) || units < 1 || units > MAX_SAFE - before) {
      return `expected a top-up of 1 to ${MAX_SAFE - before} units, got ${units}`;
    }
    return before + units;
  });
}

/** So many units in all, over the device's whole life. */
export function topUpTo(store: Store, device: DeviceId, ceilingUnits: number, nowSeconds = nowInSeconds()): TopUp {
  return raise(store, device, nowSeconds, () => {
    if (Number.isSafeInteger(ceilingUnits) && ceilingUnits >= 1) return ceilingUnits;
    return `expected a ceiling of 1 to ${MAX_SAFE} units, got ${ceilingUnits}`;
  });
}

/** `next` gives the ceiling that is asked for, or a sentence. */
function raise(store: Store, device: DeviceId, nowSeconds: number, next: (beforeUnits: number) => number | string): TopUp {
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
    const ceilingUnits = next(before);
    if (typeof ceilingUnits === 'string') return refused(ceilingUnits);
    if (ceilingUnits <= before) return { kind: 'kept', ceilingUnits: before };
    store.grants.raise(device, ceilingUnits, nowSeconds);
    return { kind: 'raised', ceilingUnits };
  });
}

function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

function refused(why: string): TopUp {
  return { kind: 'refused', why };
}
