// Defects of the store: what is written is not what was judged, or not there when it is acknowledged. Where the shipped hub reads back what it wrote, the
// defect lies on reading, too: as a cache in front of a database would.

import type { Standing } from '../../hub/account.ts';
import type { Channel } from '../../hub/channel.ts';
import { isStorageFault } from '../../hub/storage-fault.ts';
import type { Store } from '../../hub/store.ts';
import type { DeviceId } from '../../shared/identity.ts';
import type { ChannelNumber, Micros, Units } from '../../shared/units.ts';

import type { Defect } from './defect.ts';
import { everyNth, inStore, JUDGED_PARTS } from './defect.ts';

type Advance = Store['channels']['advance'];

/** Changes what is written about a channel, and answers what should have been written. */
function writing(change: (channel: Channel) => Channel): (store: Store) => Store {
  return (store) => {
    const told = new Map<string, Channel>();
    const advance: Advance = (device, channel, nowSeconds) => {
      told.set(`${device}/${channel.terms.channel}`, channel);
      store.channels.advance(device, change(channel), nowSeconds);
    };
    return { ...store, channels: { ...store.channels, advance, standing: lyingStanding(store, told) } };
  };
}

function lyingStanding(store: Store, told: ReadonlyMap<string, Channel>): Store['channels']['standing'] {
  return (device: DeviceId, number: ChannelNumber): Standing => {
    const channel = told.get(`${device}/${number}`);
    const counts = { claimedUnits: 0, settledUnits: 0, claimedMicros: 0, settledMicros: 0 };
    if (channel === undefined) return store.channels.standing(device, number);
    return { ...counts, acceptedUnits: channel.acceptedUnits, chargedMicros: channel.chargedMicros };
  };
}

/** What is accepted is put off, and acknowledged at once. */
function late(): (store: Store) => Store {
  return (store) => {
    const told = new Map<string, Channel>();
    const held: Array<() => void> = [];
    const advance: Advance = (device, channel, nowSeconds) => {
      told.set(`${device}/${channel.terms.channel}`, channel);
      held.push(() => store.channels.advance(device, channel, nowSeconds));
    };
    return {
      ...store,
      channels: { ...store.channels, advance, standing: lyingStanding(store, told) },
      atomically: <T>(write: () => T): T =>
        store.atomically(() => {
          if (held.length > 5) for (const one of held.splice(0)) one();
          return write();
        }),
    };
  };
}

function swallowing(): (store: Store) => Store {
  return (store) => {
    const told = new Map<string, Channel>();
    const advance: Advance = (device, channel, nowSeconds) => {
      told.set(`${device}/${channel.terms.channel}`, channel);
      store.channels.advance(device, channel, nowSeconds);
    };
    return {
      ...store,
      channels: { ...store.channels, advance, standing: lyingStanding(store, told) },
      atomically<T>(write: () => T): T {
        try {
          return store.atomically(write);
        } catch (error) {
          if (!isStorageFault(error)) throw error;
          return undefined as T;
        }
      },
    };
  };
}

export const STORE_DEFECTS: readonly Defect[] = [
  inStore(
    {
      id: 'receipt-before-commit',
      room: 'store',
      what: 'Vouchers are gathered and stored by a later commit; receipts go out at once.',
    },
    late,
  ),
  {
    id: 'commit-not-flushed',
    room: 'disk',
    what: 'A commit is flushed to the disk only now and then, as with synchronous=NORMAL.',
    parts: () => ({ ...JUDGED_PARTS, disk: (disk) => void (disk.flushEveryCommits = 25) }),
  },
  inStore({ id: 'full-disk-swallowed', room: 'store', what: 'A commit that the full disk refused counts as done.' }, swallowing),
  inStore({ id: 'units-one-short', room: 'store', what: 'One unit less than accepted is stored.' }, () =>
    writing((channel) => {
      const acceptedUnits = Math.max(0, channel.acceptedUnits - 1) as Units;
      return { ...channel, acceptedUnits, linkUnits: Math.min(channel.linkUnits, acceptedUnits) as Units };
    }),
  ),
  inStore({ id: 'charge-rounded-up', room: 'store', what: 'The charge is rounded up to a whole cent.' }, () =>
    writing((channel) => ({
      ...channel,
      chargedMicros: (Math.ceil(channel.chargedMicros / 10_000) * 10_000 + 10_000) as Micros,
    })),
  ),
  inStore({ id: 'proof-not-kept', room: 'store', what: 'The units are stored, the link that proves them is not.' }, () =>
    writing((channel) => ({ ...channel, link: channel.terms.anchor })),
  ),
  inStore({ id: 'closing-not-kept', room: 'store', what: 'A closed channel is open again after a restart.' }, () =>
    writing((channel) => ({ ...channel, closed: false })),
  ),
  inStore({ id: 'advance-now-and-then', room: 'store', what: 'Every twentieth advance of a channel is not written.' }, () => {
    const skips = everyNth(20);
    return (store) => {
      const told = new Map<string, Channel>();
      const advance: Advance = (device, channel, nowSeconds) => {
        told.set(`${device}/${channel.terms.channel}`, channel);
        if (!skips()) store.channels.advance(device, channel, nowSeconds);
      };
      return { ...store, channels: { ...store.channels, advance, standing: lyingStanding(store, told) } };
    };
  }),
  inStore(
    { id: 'wrong-payee', room: 'store', what: 'A channel is opened in favour of another account than its commitment names.' },
    () => (store) => ({
      ...store,
      channels: {
        ...store.channels,
        open: (device, payer, channel, nowSeconds) =>
          store.channels.open(device, payer, { ...channel, terms: { ...channel.terms, payee: payer } }, nowSeconds),
      },
    }),
  ),
  inStore(
    { id: 'conflict-not-flagged', room: 'store', what: 'A device that signed two commitments under one number is not flagged.' },
    () => (store) => ({
      ...store,
      devices: { ...store.devices, flagConflict: () => undefined },
    }),
  ),
  inStore({ id: 'grant-not-stored', room: 'store', what: 'A top-up is answered and not written down.' }, () => (store) => ({
    ...store,
    grants: { ...store.grants, raise: () => undefined },
  })),
  inStore(
    { id: 'ceiling-doubled', room: 'store', what: 'A prepaid board is told twice what it was granted.' },
    () => (store) => ({
      ...store,
      grants: { ...store.grants, ceilingUnits: (device) => doubled(store.grants.ceilingUnits(device)) },
    }),
  ),
];

function doubled(units: number | undefined): number | undefined {
  return units === undefined ? undefined : units * 2;
}
