// Operators who look after prepaid machines: where little is left they grant more. In: the hub's ceilings and registers. Out: top-ups, through the hub's own
// function. What was granted bounds what a machine may deliver, and the auditor is told nothing: it reads the grants itself.

import { topUp } from '../../hub/topup.ts';
import type { World } from './world.ts';

export function lookAfterWallets(world: World): void {
  for (const [place, { group }] of world.members.entries()) {
    const wallet = group.wallet;
    if (wallet?.topUpUnits === undefined) continue;
    const units = wallet.topUpUnits;
    const look = (): void => {
      if (world.calm) return;
      fillUp(world, place, units, wallet.belowUnits);
      world.clock.after(wallet.lookEvery, look);
    };
    world.clock.after(wallet.lookEvery, look);
  }
}

function fillUp(world: World, place: number, units: number, belowUnits: number): void {
  const store = world.site.store();
  const station = world.stations[place];
  const firmware = station?.firmware();
  if (store === undefined || station === undefined || firmware === undefined) return;
  const { balanceUnits } = firmware.snapshot();
  if (balanceUnits < 0 || balanceUnits > belowUnits) return;
  world.site.attempt(() => {
    const done = topUp(store, station.config.device, units, world.site.nowSeconds());
    const own = world.auditor.devices.get(station.config.device);
    if (done.kind === 'raised' && own !== undefined) own.grantedUnits = done.ceilingUnits;
    if (done.kind === 'raised') world.chronicle.count('units granted', units);
    world.site.grants()?.offer();
  });
}

/** A prepaid machine delivers what was granted and not a unit more; what is metered in one pulse beyond it is the pulse's size. */
export function auditWallets(world: World): void {
  const store = world.eyes();
  if (store === undefined) return;
  for (const { config, label } of world.members) {
    const ceilingUnits = store.grants.ceilingUnits(config.device);
    const own = world.auditor.devices.get(config.device);
    if (ceilingUnits === undefined || own === undefined) continue;
    if (ceilingUnits < own.grantedUnits)
      world.auditor.broken('grants-are-durable', `${label}: ${own.grantedUnits} granted, ${ceilingUnits} in the books`);
    const most = ceilingUnits + own.overBoundUnits + own.lossBoundUnits + own.forgottenUnits;
    if (own.deliveredUnits > most)
      world.auditor.broken('prepaid', `${label}: delivered ${own.deliveredUnits}, granted ${ceilingUnits}`);
  }
}
