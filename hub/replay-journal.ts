// What a hub that died had in its journal, carried into the database. In: the data folder's journal. Out: channels at least as high as the journal says. An entry is believed
// for its proof, not for where it stands: its payword must lead to the link that the row knows, its signature must be the device's.

import { toBase64url } from '../shared/bytes.ts';
import { chargeOf, NO_SEGMENTS } from '../shared/charge.ts';
import type { DeviceId, HubId } from '../shared/identity.ts';
import { PURPOSE_VOUCHER, signedBytes } from '../shared/cose.ts';
import { chainSalt, linkReaches } from '../shared/payword.ts';
import type { ChannelNumber, Units } from '../shared/units.ts';
import { readSignedVoucher, signedVoucherPayload } from '../shared/voucher.ts';
import type { Channel } from './channel.ts';
import { fastVerifiersOf } from './ed25519.ts';
import type { Entry } from './journal.ts';
import { journalEntries, readEntry } from './journal.ts';
import { sha256 } from './proofs.ts';
import type { ChannelRows } from './store-channels.ts';
import type { DeviceRows } from './store-devices.ts';

export interface Carried {
  readonly device: DeviceId;
  readonly channel: Channel;
}

/** The part of a store that says what to hold entries to. */
export interface JournalGround {
  readonly dataDir: string;
  readonly hub: HubId;
  readonly channels: Pick<ChannelRows, 'find'>;
  readonly devices: Pick<DeviceRows, 'find'>;
}

/** The part of a store that they are carried into. */
export interface JournalHome extends JournalGround {
  readonly channels: Pick<ChannelRows, 'find' | 'carry'>;
  atomically<T>(write: () => T): T;
}

/** The newest entries of one channel. */
interface Newest {
  readonly device: DeviceId;
  readonly number: ChannelNumber;
  payword: PaywordEntry | undefined;
  signed: SignedEntry | undefined;
}

type PaywordEntry = Extract<Entry, { kind: 'payword' }>;
type SignedEntry = Extract<Entry, { kind: 'signed' }>;

/** The channels that the journal knows to be further than the database, as they then are. */
export function aheadOf(ground: JournalGround): Carried[] {
  return newestIn(ground.dataDir)
    .map((newest) => raised(ground, newest))
    .filter((one) => one !== undefined);
}

function newestIn(dataDir: string): Newest[] {
  const channels = new Map<string, Newest>();
  for (const bytes of journalEntries(dataDir)) {
    const entry = readEntry(bytes);
    const key = `${entry.device}${entry.channel}`;
    const device = toBase64url(entry.device) as DeviceId;
    const newest = channels.get(key) ?? { device, number: entry.channel as ChannelNumber, payword: undefined, signed: undefined };
    channels.set(key, newest);
    if (entry.units <= (newest[entry.kind]?.units ?? 0)) continue;
    if (entry.kind === 'payword') newest.payword = entry;
    else newest.signed = entry;
  }
  return [...channels.values()];
}

/** Carries it into the database; a maximum, so it may be done at any time and by any process. */
export function carryJournal(store: JournalHome, nowSeconds: number): void {
  const ahead = aheadOf(store);
  if (ahead.length === 0) return;
  store.atomically(() => {
    for (const { device, channel } of ahead) store.channels.carry(device, channel, nowSeconds);
  });
}

function raised(ground: JournalGround, { device, number, payword, signed }: Newest): Carried | undefined {
  const stored = ground.channels.find(device, number);
  if (stored === undefined) return undefined;
  const withPayword = payword === undefined ? stored : raisedByPayword(device, stored, payword);
  const channel = signed === undefined ? withPayword : raisedBySigned(ground, device, withPayword, signed);
  if (channel.acceptedUnits <= stored.acceptedUnits) return undefined;
  const chargedMicros = chargeOf(channel.tariff, NO_SEGMENTS, channel.acceptedUnits);
  return chargedMicros === undefined ? undefined : { device, channel: { ...channel, chargedMicros } };
}

/** As it was, if the entry's proof does not hold. */
function raisedByPayword(device: DeviceId, channel: Channel, { units, link }: PaywordEntry): Channel {
  const { terms, linkUnits, acceptedUnits } = channel;
  if (units <= linkUnits || units > terms.limitUnits) return channel;
  if (!linkReaches(chainSalt(device, terms.channel), link, units, channel.link, linkUnits, sha256)) return channel;
  const highest = Math.max(units, acceptedUnits) as Units;
  return { ...channel, acceptedUnits: highest, linkUnits: units as Units, link };
}

/** The same; what was signed is put together again, since a payload has one encoding [W-2]. A lower one than the payword is kept, too: it is the highest that was signed. */
function raisedBySigned({ hub, devices }: JournalGround, device: DeviceId, channel: Channel, entry: SignedEntry): Channel {
  const row = devices.find(device);
  const { terms, acceptedUnits } = channel;
  if (row === undefined || entry.units > terms.limitUnits || entry.units <= unitsSigned(channel)) return channel;
  const units = entry.units as Units;
  const payload = signedVoucherPayload(terms.channel, units, false);
  const message = signedBytes(PURPOSE_VOUCHER, { hub, device }, payload);
  if (!fastVerifiersOf(row.publicKey).verify(message, entry.signature)) return channel;
  const signed = { payload, signature: entry.signature };
  return { ...channel, signed, acceptedUnits: Math.max(units, acceptedUnits) as Units };
}

/** An entry may be older than what the judge has taken since: the highest stays. */
function unitsSigned({ signed }: Channel): number {
  if (signed === undefined) return 0;
  const read = readSignedVoucher({ payload: signed.payload, proof: signed.signature });
  if (typeof read === 'string') throw new Error(`a signed voucher was stored that cannot be read: ${read}`);
  return read.units;
}
