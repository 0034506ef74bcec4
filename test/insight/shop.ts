// A business at the level of the store, for tests of insight: machines at places, and sales at times of the test's choosing. In: machines and what they sell. Out: a store whose
// channels, claims and books are the hub's own, and the raw events beside them. Only the proofs are left out: insight never looks at one.

import type { Channel } from '../../hub/channel.ts';
import { drawClaims } from '../../hub/draw.ts';
import { enrol } from '../../hub/enrol.ts';
import type { PlaceChange } from '../../hub/place.ts';
import type { Store } from '../../hub/store.ts';
import { NO_CHAIN } from '../../shared/commitment.ts';
import type { DeviceId } from '../../shared/identity.ts';
import type { FlatTariff } from '../../shared/tariff.ts';
import { amountOf } from '../../shared/tariff.ts';
import type { ChannelNumber, Micros, Units } from '../../shared/units.ts';
import { requestOf, startStore } from '../hub/fixture.ts';

export interface Machine {
  readonly label: string;
  readonly payer?: string;
  readonly payee?: string;
  readonly priceMicros?: number;
  readonly currency?: string;
  readonly unit?: string;
  readonly place?: PlaceChange;
}

/** What really happened, as the test itself writes it down. */
export interface Event {
  readonly label: string;
  readonly atSeconds: number;
  readonly units: number;
  readonly micros: number;
}

export interface Shop {
  readonly store: Store;
  readonly events: readonly Event[];
  add(machine: Machine): DeviceId;
  deviceOf(label: string): DeviceId;
  /** Accepted at that moment, and claimed at the next `draw`. */
  sell(label: string, units: number, atSeconds: number): void;
  draw(atSeconds: number): void;
  /** The machine's next channel has this price. */
  reprice(label: string, priceMicros: number): void;
}

interface Selling {
  readonly device: DeviceId;
  tariff: FlatTariff;
  channel: Channel | undefined;
}

const LIMIT_UNITS = 100_000 as Units;

function tariffOf(machine: Machine): FlatTariff {
  const { currency = 'EUR', unit = 'vend', priceMicros = 10_000 } = machine;
  return { ...(requestOf(1).tariff as FlatTariff), currency, unit, priceMicros: priceMicros as Micros };
}

export function openShop(store = startStore()): Shop {
  const selling = new Map<string, Selling>();
  const events: Event[] = [];
  const of = (label: string): Selling => {
    const one = selling.get(label);
    if (one === undefined) throw new Error(`no machine ${label} was added`);
    return one;
  };
  return {
    store,
    events,
    add(machine) {
      const { label, payer = 'alice', payee = 'bob', place } = machine;
      const tariff = tariffOf(machine);
      const request = { ...requestOf(1), label, payer, payee, tariff, limitUnits: 1000 };
      const { device } = enrol(store, place === undefined ? request : { ...request, place }, 0);
      selling.set(label, { device, tariff, channel: undefined });
      return device;
    },
    deviceOf: (label) => of(label).device,
    sell(label, units, atSeconds) {
      const one = of(label);
      const before = one.channel ?? opened(store, one, atSeconds);
      const acceptedUnits = (before.acceptedUnits + units) as Units;
      const chargedMicros = amountOf(one.tariff, acceptedUnits) as Micros;
      one.channel = { ...before, acceptedUnits, chargedMicros };
      store.atomically(() => store.channels.advance(one.device, one.channel as Channel, atSeconds));
      events.push({ label, atSeconds, units, micros: chargedMicros - before.chargedMicros });
    },
    draw: (atSeconds) => void drawClaims(store, atSeconds),
    reprice(label, priceMicros) {
      const one = of(label);
      one.tariff = { ...one.tariff, priceMicros: priceMicros as Micros };
      one.channel = undefined;
    },
  };
}

function opened(store: Store, { device, tariff }: Selling, atSeconds: number): Channel {
  const row = store.devices.find(device);
  if (row === undefined) throw new Error(`${device} is not enrolled`);
  const number = (store.channels.highest(device) + 1) as ChannelNumber;
  return store.atomically(() => {
    const terms = {
      channel: number,
      payee: row.payee,
      tariff: store.devices.tariff(tariff),
      limitUnits: LIMIT_UNITS,
      anchor: NO_CHAIN,
      chainUnits: 0 as Units,
      openedRegisterUnits: 0,
    };
    const commitment = { payload: '', signature: '\x00'.repeat(64) };
    const counts = { acceptedUnits: 0 as Units, chargedMicros: 0 as Micros, linkUnits: 0 as Units };
    const channel = { terms, tariff, commitment, ...counts, link: NO_CHAIN, signed: undefined, closed: false, timed: undefined };
    store.channels.open(device, row.payer, channel, atSeconds);
    return channel;
  });
}
