// Folding: what the journal holds is carried into the channels' rows, so that the journal stays short. In: lanes that have accepted paywords. Out: rows at or above
// what they had. A row is only ever raised, so carrying twice, or what another process has carried already, changes nothing.

import type { KnownDevice, Unfolded } from './known.ts';
import type { Carried } from './replay-journal.ts';
import type { Lane } from './lane.ts';
import { landLane } from './lane.ts';
import type { Store } from './store.ts';
import { isRuleOfSchema } from './storage-fault.ts';
import { assertConserved } from './audit.ts';
import { BooksDisagree } from './disagree.ts';

export interface Fold {
  /** The lane has accepted something that must be carried. */
  add(lane: Lane): void;
  /** The judge's channel catches up with the lane. */
  land(lane: Lane): void;
  isEmpty(): boolean;
  /** Carries all of it, in one transaction. */
  all(): void;
  /** What was added until now is to be carried by `some`. */
  begin(): void;
  /** Carries a part, small enough for the event loop; false when nothing is left of what there was at `begin`. */
  some(): boolean;
}

/** One transaction's worth: less than a millisecond. */
const CHANNELS_AT_ONCE = 24;

export function openFold(store: Store): Fold {
  let ahead = new Set<Lane>();
  let due = new Set<Lane>();
  const landed = new Set<KnownDevice>();

  function land(lane: Lane): void {
    ahead.delete(lane);
    due.delete(lane);
    const channel = landLane(lane);
    if (channel === undefined) return;
    const { device, changedAtSeconds } = lane;
    (device.unfolded ??= new Map<number, Unfolded>()).set(channel.terms.channel, { channel, changedAtSeconds });
    landed.add(device);
  }

  function carry(devices: readonly KnownDevice[]): void {
    const raised: Carried[] = [];
    try {
      store.atomically(() => {
        for (const { row, unfolded } of devices)
          for (const { channel, changedAtSeconds } of unfolded?.values() ?? [])
            if (store.channels.carry(row.device, channel, changedAtSeconds)) raised.push({ device: row.device, channel });
      });
    } catch (error) {
      throw isRuleOfSchema(error) ? contradiction(store, devices, error) : error;
    }
    for (const device of devices) {
      device.unfolded = undefined;
      landed.delete(device);
    }
    for (const { device, channel } of raised) {
      const { channel: number } = channel.terms;
      assertConserved(`${device}/${number}`, store.channels.standing(device, number), channel);
    }
  }

  return {
    add: (lane) => void ahead.add(lane),
    land,
    isEmpty: () => ahead.size === 0 && due.size === 0 && landed.size === 0,
    all() {
      for (const lane of [...due, ...ahead]) land(lane);
      if (landed.size > 0) carry([...landed]);
    },
    begin() {
      for (const lane of due) ahead.add(lane);
      due = ahead;
      ahead = new Set();
    },
    some() {
      for (const lane of due) {
        if (landed.size >= CHANNELS_AT_ONCE) break;
        land(lane);
      }
      const part: KnownDevice[] = [];
      for (const device of landed) if (part.push(device) === CHANNELS_AT_ONCE) break;
      if (part.length > 0) carry(part);
      return due.size > 0 || landed.size > 0;
    },
  };
}

/** A row cannot be raised to what its device has proven: it says more than that already, and nobody has proven it. */
function contradiction(store: Store, devices: readonly KnownDevice[], rule: Error): Error {
  for (const { row, unfolded } of devices) {
    for (const [number, { channel }] of unfolded ?? []) {
      const { acceptedUnits, chargedMicros, terms } = channel;
      const found = store.channels.standing(row.device, terms.channel);
      if (found.acceptedUnits > acceptedUnits || found.chargedMicros <= chargedMicros) continue;
      const charged = `${acceptedUnits} units that cost ${chargedMicros} micros, the row says ${found.chargedMicros}`;
      return new BooksDisagree(`channel ${row.device}/${number}: its device has proven ${charged} already`, rule);
    }
  }
  return new BooksDisagree(`the database refuses what was proven: ${rule.message}`, rule);
}
