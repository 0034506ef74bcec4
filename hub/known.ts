// What the hub holds in memory of the devices that talk to it: identity, keys ready for use, the allowance for failed tries and the channels in use. In: the
// store. Out: the view that accept judges by. It is a copy: only what was committed is put back into it, and identities are read again
// whenever another process has written.

import type { Context } from '../shared/cose.ts';
import type { Mac } from '../shared/downlink.ts';
import type { AccountId, DeviceId, TariffId } from '../shared/identity.ts';
import type { Tariff } from '../shared/tariff.ts';
import type { ChannelNumber } from '../shared/units.ts';
import type { Judges } from './accept.ts';
import type { Bucket } from './bucket.ts';
import { fullBucket } from './bucket.ts';
import type { Channel } from './channel.ts';
import type { Verify } from './accept.ts';
import type { Pace } from './pace.ts';
import { fullPace } from './pace.ts';
import type { VerifyLater } from './proofs.ts';
import { elementsInForce } from './in-force.ts';
import { fastVerifiersOf } from './ed25519.ts';
import { macOf, sha256 } from './proofs.ts';
import type { Purse } from './purse.ts';
import { openPurse } from './purse.ts';
import type { ReceiptWriter } from './receipt-writer.ts';
import { receiptWriter } from './receipt-writer.ts';
import type { Store } from './store.ts';
import type { DeviceRow } from './store-devices.ts';

export interface KnownDevice {
  row: DeviceRow;
  readonly context: Context;
  readonly verify: Verify;
  readonly verifyLater: VerifyLater;
  readonly mac: Mac;
  readonly receipt: ReceiptWriter;
  nextChannel: number;
  bucket: Bucket;
  readonly pace: Pace;
  readonly channels: Map<number, Channel>;
  /** Channels that are durable in the journal and not yet in the database; `undefined` for none. */
  unfolded: Map<number, Unfolded> | undefined;
}

export interface Unfolded {
  readonly channel: Channel;
  /** By the hub's clock. */
  readonly changedAtSeconds: number;
}

export interface Known {
  find(device: DeviceId, nowMs: number): KnownDevice | undefined;
  channel(device: KnownDevice, number: number): Channel | undefined;
  /** What is common to the judges of all devices. */
  readonly lookups: Pick<Judges, 'sha256' | 'tariffOf' | 'knowsPayee' | 'inForce'>;
  /** What wallets and budgets leave, for one group at one moment. */
  purse(nowSeconds: number): Purse;
  /** Reads identities again if anybody else has written; cheap when nobody has. */
  refresh(): void;
}

/** A device uses one channel, or two while it changes over; older ones are read again when they are asked for. */
const CHANNELS_HELD = 4;

export function knownDevices(store: Store): Known {
  const held = new Map<DeviceId, KnownDevice>();
  const tariffs = new Map<TariffId, Tariff>();
  const payees = new Set<AccountId>();
  return {
    find(device, nowMs) {
      const known = held.get(device) ?? load(store, device, nowMs);
      if (known !== undefined) held.set(device, known);
      return known;
    },
    channel(device, number) {
      const held = device.channels.get(number) ?? device.unfolded?.get(number)?.channel;
      const channel = held ?? store.channels.find(device.row.device, number as ChannelNumber);
      if (channel !== undefined) holdChannel(device, channel);
      return channel;
    },
    lookups: {
      sha256,
      tariffOf(id) {
        const tariff = tariffs.get(id) ?? store.devices.findTariff(id);
        if (tariff !== undefined) tariffs.set(id, tariff);
        return tariff;
      },
      knowsPayee(account) {
        if (!payees.has(account) && store.devices.accountName(account) !== undefined) payees.add(account);
        return payees.has(account);
      },
      inForce: elementsInForce,
    },
    purse: (nowSeconds) => openPurse(store, nowSeconds),
    refresh() {
      if (!store.changedElsewhere()) return;
      for (const known of held.values()) known.row = store.devices.find(known.row.device) ?? known.row;
    },
  };
}

function load(store: Store, device: DeviceId, nowMs: number): KnownDevice | undefined {
  const row = store.devices.find(device);
  if (row === undefined) return undefined;
  const context = { hub: store.hub, device };
  const mac = macOf(row.macKey);
  return {
    row,
    context,
    ...fastVerifiersOf(row.publicKey),
    mac,
    receipt: receiptWriter(context, mac),
    nextChannel: store.channels.highest(device) + 1,
    bucket: fullBucket(nowMs),
    pace: fullPace(),
    channels: new Map(),
    unfolded: undefined,
  };
}

/** Puts a committed channel in; of too many, the one longest unused goes. */
export function holdChannel(device: KnownDevice, channel: Channel): void {
  const { channels } = device;
  if (channels.size === 1 && channels.has(channel.terms.channel)) {
    channels.set(channel.terms.channel, channel); // the only one: it has no place among others
    return;
  }
  channels.delete(channel.terms.channel);
  channels.set(channel.terms.channel, channel);
  const [oldest] = channels.keys();
  if (channels.size > CHANNELS_HELD && oldest !== undefined) channels.delete(oldest);
}
