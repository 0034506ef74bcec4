// What a hub that died had in its journal, carried into the database. In: the data folder's journal. Out: channels at least as high as the journal says. An entry is believed
// for its proof, not for where it stands: its payword must lead to the link that the row knows.

import { toBase64url } from '../shared/bytes.ts';
import { chargeOf, NO_SEGMENTS } from '../shared/charge.ts';
import type { DeviceId } from '../shared/identity.ts';
import { chainSalt, linkReaches } from '../shared/payword.ts';
import type { ChannelNumber, Units } from '../shared/units.ts';
import type { Channel } from './channel.ts';
import type { Entry } from './journal.ts';
import { journalEntries, readEntry } from './journal.ts';
import { sha256 } from './proofs.ts';
import type { ChannelRows } from './store-channels.ts';

export interface Carried {
  readonly device: DeviceId;
  readonly channel: Channel;
}

/** The part of a store that this needs. */
export interface JournalHome {
  readonly dataDir: string;
  readonly channels: Pick<ChannelRows, 'find' | 'carry'>;
  atomically<T>(write: () => T): T;
}

/** The channels that the journal knows to be further than the database, as they then are. */
export function aheadOf(channels: Pick<ChannelRows, 'find'>, dataDir: string): Carried[] {
  const highest = new Map<string, Entry>();
  for (const bytes of journalEntries(dataDir)) {
    const entry = readEntry(bytes);
    const key = `${entry.device}${entry.channel}`;
    if (entry.units > (highest.get(key)?.units ?? 0)) highest.set(key, entry);
  }
  return [...highest.values()].map((entry) => raised(channels, entry)).filter((one) => one !== undefined);
}

/** Carries it into the database; a maximum, so it may be done at any time and by any process. */
export function carryJournal(store: JournalHome, nowSeconds: number): void {
  const ahead = aheadOf(store.channels, store.dataDir);
  if (ahead.length === 0) return;
  store.atomically(() => {
    for (const { device, channel } of ahead) store.channels.carry(device, channel, nowSeconds);
  });
}

function raised(channels: Pick<ChannelRows, 'find'>, { device: id, channel: number, units, link }: Entry): Carried | undefined {
  const device = toBase64url(id) as DeviceId;
  const channel = channels.find(device, number as ChannelNumber);
  if (channel === undefined || units <= channel.acceptedUnits || units > channel.terms.limitUnits) return undefined;
  const salt = chainSalt(device, channel.terms.channel);
  if (!linkReaches(salt, link, units, channel.link, channel.linkUnits, sha256)) return undefined;
  const chargedMicros = chargeOf(channel.tariff, NO_SEGMENTS, units as Units);
  if (chargedMicros === undefined) return undefined;
  return { device, channel: { ...channel, acceptedUnits: units as Units, linkUnits: units as Units, link, chargedMicros } };
}
