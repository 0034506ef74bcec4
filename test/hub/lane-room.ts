// A device with two open channels and the lane that it pays on, without a hub around them. In: a store. Out: the room, and what the judge would make of a message in it.

import { accept } from '../../hub/accept.ts';
import type { Channel } from '../../hub/channel.ts';
import { enrol } from '../../hub/enrol.ts';
import type { Known, KnownDevice } from '../../hub/known.ts';
import { holdChannel, knownDevices } from '../../hub/known.ts';
import type { Lane } from '../../hub/lane.ts';
import { laneOf } from '../../hub/lane.ts';
import type { Store } from '../../hub/store.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import { requestOf } from './fixture.ts';
import type { Payer } from './payer.ts';
import { payerOf } from './payer.ts';

export interface LaneRoom {
  readonly known: Known;
  readonly device: KnownDevice;
  readonly payer: Payer;
  readonly lane: Lane;
}

export function openLaneRoom(store: Store, units: { readonly chainUnits: number; readonly limitUnits: number }): LaneRoom {
  const payer = payerOf(enrol(store, requestOf(1883, units)));
  const known = knownDevices(store);
  const device = known.find(payer.config.device, 0);
  if (device === undefined) throw new Error('the device is not known');
  const room = { known, device, payer, lane: laneOf(device) };
  for (const number of [1, 2]) holdChannel(device, judged(room, payer.commitment(number)) as Channel);
  return room;
}

/** The channel as the judge would leave it, if it accepts. */
export function judged({ known, device }: LaneRoom, message: Bytes): Channel | undefined {
  const read = decodeUplink(message);
  const number = read.kind === 'malformed' ? 0 : read.kind === 'commitment' ? read.terms.channel : read.channel;
  const { context, row, verify, channels } = device;
  const channel = channels.get(number);
  const view = { context, standing: 'enrolled' as const, spent: false, channel, nextChannel: number, nowSeconds: 100 };
  const verdict = accept({ ...view, creditMicros: row.creditMicros }, read, { ...known.lookups, verify });
  return verdict.kind === 'accepted' ? verdict.change.channel : undefined;
}

/** Somewhere in a larger buffer, as it would lie between other packets. */
export function among(message: Bytes): { readonly data: Buffer; readonly at: number; readonly end: number } {
  return { data: Buffer.from(`${'\xff'.repeat(7)}${message}${'\x50'.repeat(40)}`, 'latin1'), at: 7, end: 7 + message.length };
}
