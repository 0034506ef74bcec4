// New firmware for the fleet: an operator orders it now and then, and some of it never comes up. In: the scenario's rate. Out: files, signed by the hub and ordered, through
// the hub's own functions; and at every start of a board a look at what runs there. Whatever the network and the power do, what runs is what was
// published, whole; and what does not come up is not what runs in the end.

import { orderUpdate, versionOf } from '../../hub/order.ts';
import { PROFILES } from '../../hub/profiles.ts';
import { nowAndThen } from './faults.ts';
import { codeOf, comesUp } from './firmware-code.ts';
import type { World } from './world.ts';

const NAME_CHARACTERS = 24;

export function orderFirmware(world: World): void {
  const asked = world.scenario.faults.firmware;
  if (asked === undefined) return;
  const random = world.random('firmware');
  let number = 1;
  nowAndThen(world, asked.perDay, random, () => {
    const kind = random.next() < asked.brokenShare ? 'broken' : 'good';
    number++;
    world.fault('new firmware', `${kind} ${number}`);
    for (const profile of PROFILES) {
      const code = codeOf(kind, profile, number, asked.bytes);
      const devices = world.members.filter(({ group }) => group.profile === profile).map(({ config }) => config.device);
      const store = world.site.store();
      if (store === undefined || devices.length === 0) continue;
      world.published.get(profile)?.add(code);
      world.site.attempt(() => {
        const seconds = world.site.nowSeconds();
        orderUpdate(store, devices, { build: profile, version: versionOf(store, profile, code, seconds) }, seconds);
      });
    }
  });
}

/** At the end nobody runs what never came up. */
export function auditFirmware(world: World): void {
  if (world.scenario.faults.firmware === undefined) return;
  for (const station of world.stations.slice(0, world.members.length)) {
    const code = station.runs();
    if (code === undefined || !comesUp(code))
      world.auditor.broken('firmware-runs', `${station.label}: runs ${code?.substring(0, NAME_CHARACTERS) ?? 'nothing'}`);
  }
}
