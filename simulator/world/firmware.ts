// New firmware for the fleet: an operator orders it now and then, and some of it never comes up. In: the scenario's rate. Out: files, signed by the hub and ordered, through
// the hub's own functions; and at every start of a board a look at what runs there. Whatever the network and the power do, what runs is what was
// published, whole; and what does not come up is not what runs in the end.

import { verifierOf } from '../../hub/proofs.ts';
import { orderUpdate, versionOf } from '../../hub/order.ts';
import { PROFILES } from '../../hub/profiles.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { hubPublicKey } from './identity.ts';
import { nowAndThen } from './faults.ts';
import type { World } from './world.ts';

const FACTORY = 'factory';
const BROKEN = 'broken';
/** Three slices stand for the board's half minute. */
const SLICES = 3;
const NAME_CHARACTERS = 24;

/** Whole words, and different for every version; the firmware itself is the one that this world is made of. */
function codeOf(kind: string, build: string, number: number, bytes: number): Bytes {
  return `${kind} ${build} ${number} `.padEnd(bytes - (bytes % 4), '/');
}

export const FACTORY_CODE = (build: string): Bytes => codeOf(FACTORY, build, 1, 64);

/** Never comes up: it hangs, or throws at its first line. */
export function comesUp(code: Bytes): boolean {
  return !code.startsWith(BROKEN);
}

export function verificationBy(seed: number): (message: Bytes, signature: Bytes) => () => boolean | undefined {
  const verify = verifierOf(hubPublicKey(seed));
  return (message, signature) => {
    let slices = 0;
    return () => (++slices < SLICES ? undefined : verify(message, signature));
  };
}

export function orderFirmware(world: World): void {
  const asked = world.scenario.faults.firmware;
  if (asked === undefined) return;
  const random = world.random('firmware');
  let number = 1;
  nowAndThen(world, asked.perDay, random, () => {
    const kind = random.next() < asked.brokenShare ? BROKEN : 'good';
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
