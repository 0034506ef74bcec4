// Two boards under one name: a copied board has the same keys, so nothing it says is wrong by itself; but the two take each other's connection, again and again. In:
// connections that were taken over while they were open. Out: the mark on the device that operators see (`conflicted`). One board alone does that, too, when its link
// dies in silence; but not twenty times in an hour, as two do that have nothing to say. The mark moves no money and refuses nothing.

import type { DeviceId } from '../shared/identity.ts';
import type { Store } from './store.ts';
import { isStorageFault } from './storage-fault.ts';

export interface Twins {
  /** A connection of the device began while another one was open. True when that has marked the device. */
  takenOver(device: DeviceId, nowMs: number): boolean;
}

const TAKE_OVERS = 20;
const WINDOW_MS = 3_600_000;

export function openTwins(store: Store): Twins {
  // At most so many times per device, and only of those whose link ever died in silence.
  const recent = new Map<DeviceId, number[]>();
  return {
    takenOver(device, nowMs) {
      const times = (recent.get(device) ?? []).filter((atMs) => nowMs - atMs < WINDOW_MS && nowMs >= atMs);
      times.push(nowMs);
      recent.set(device, times.slice(-TAKE_OVERS));
      return times.length >= TAKE_OVERS && mark(store, device, nowMs);
    },
  };
}

/** What the disk refuses now is written at the next take-over: there will be one. */
function mark(store: Store, device: DeviceId, nowMs: number): boolean {
  if (store.devices.find(device)?.conflicted !== false) return false;
  try {
    store.atomically(() => store.devices.flagConflict(device, Math.floor(nowMs / 1000)));
    return true;
  } catch (error) {
    if (!isStorageFault(error)) throw error;
    return false;
  }
}
