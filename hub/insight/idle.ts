// Idle devices: those that have sold nothing for some days, with what others at their site have sold meanwhile. In: the store, and how many days. Out: one row per device that is idle. It
// reads sales and what devices say of themselves; it must never call a device idle that the operator has revoked.

import type { Store } from '../store.ts';
import type { DeviceRow } from '../store-devices.ts';
import { dayOf, quarterAt } from '../till.ts';
import { dayText } from './calendar.ts';

export interface IdleDevice {
  readonly device: string;
  readonly label: string;
  readonly site: string | null;
  readonly product: string | null;
  /** The last day of UTC on which it sold something; `null`: never. */
  readonly lastSoldDay: string | null;
  readonly lastSeenSeconds: number | null;
  readonly state: string;
  /** Other devices at its site that have sold something in these days. Devices without a site are each other's. */
  readonly othersSelling: number;
}

export interface IdleTerms {
  readonly days: number;
  readonly nowSeconds: number;
  readonly site?: string;
}

/** Where others sell first: there is something wrong with the device, and not with the day. */
export function idleDevices(store: Store, { days, nowSeconds, site }: IdleTerms): IdleDevice[] {
  const lastDays = lastDaysOf(store);
  const sinceDay = dayOf(quarterAt(nowSeconds)) - days;
  const presences = new Map(store.devices.presences().map((row) => [row.device, row]));
  const standing = store.devices
    .all()
    .filter(({ revoked }) => !revoked)
    .map((row) => ({ row, place: store.places.placeOf(row.device), lastDay: lastDays.get(row.device) }))
    .filter(({ place }) => site === undefined || place.site === site);
  const selling = new Map<string | null, number>();
  for (const { place, lastDay } of standing)
    if (lastDay !== undefined && lastDay >= sinceDay) selling.set(place.site, (selling.get(place.site) ?? 0) + 1);
  return standing
    .filter(({ lastDay }) => lastDay === undefined || lastDay < sinceDay)
    .map(({ row, place, lastDay }) => ({
      device: row.device,
      label: row.label,
      site: place.site,
      product: place.product,
      lastSoldDay: lastDay === undefined ? null : dayText(lastDay),
      lastSeenSeconds: presences.get(row.device)?.seenAtSeconds ?? null,
      state: presences.get(row.device)?.state ?? 'never seen',
      othersSelling: selling.get(place.site) ?? 0,
    }))
    .sort(byUrgency);
}

function byUrgency(a: IdleDevice, b: IdleDevice): number {
  const when = (day: string | null): string => day ?? '9999';
  return b.othersSelling - a.othersSelling || (when(a.lastSoldDay) < when(b.lastSoldDay) ? -1 : 1);
}

function lastDaysOf(store: Store): Map<DeviceRow['device'], number> {
  const tills = store.sales.tills();
  const last = new Float64Array((tills.at(-1)?.till ?? 0) + 1).fill(-1);
  let pending: number[] = [];
  store.sales.walkDays(
    0,
    Infinity,
    (till, units) => {
      if (units > 0) pending.push(till);
    },
    (day) => {
      for (const till of pending) last[till] = day;
      pending = [];
    },
  );
  const days = new Map<DeviceRow['device'], number>();
  for (const { till, device } of tills) {
    const day = last[till] as number;
    if (day >= 0 && day > (days.get(device) ?? -1)) days.set(device, day);
  }
  return days;
}
