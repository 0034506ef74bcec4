// Accounts that owe each other, without boards or sockets: what settlement begins with. In: a store. Out: channels in it that have accepted so many units. Their commitments
// are not real ones; settlement never looks at them.

import { createHash } from 'node:crypto';
import { hexOf } from '../../hub/blob.ts';
import type { Channel } from '../../hub/channel.ts';
import { accountIdOf, deviceIdOf } from '../../hub/ids.ts';
import type { Store } from '../../hub/store.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { DeviceId } from '../../shared/identity.ts';
import type { Tariff } from '../../shared/tariff.ts';
import type { ChannelNumber, Micros, Units } from '../../shared/units.ts';

export interface Owing {
  readonly payer: string;
  readonly payee: string;
  readonly currency: string;
  readonly priceMicros: number;
}

export interface OwingChannel {
  readonly device: DeviceId;
  /** So many units are accepted now; each costs the price. */
  accept(units: number, nowSeconds: number): void;
  acceptedUnits(): number;
}

const LIMIT = 1_000_000_000;

function bytesFrom(text: string): Bytes {
  return createHash('sha256').update(text).digest('binary');
}

export function openChannel(
  store: Store,
  name: string,
  { payer, payee, currency, priceMicros }: Owing,
  nowSeconds = 1,
): OwingChannel {
  const publicKey = bytesFrom(`key ${name}`);
  const device = deviceIdOf(publicKey);
  const tariff: Tariff = {
    ...{ currency, unit: 'use', priceMicros: priceMicros as Micros, perUnits: 1 },
    ...{ validFromSeconds: 0, validUntilSeconds: 4_000_000_000 },
  };
  const channel = store.atomically(() => {
    const ids = { payer: store.devices.account(payer, nowSeconds), payee: store.devices.account(payee, nowSeconds) };
    const tariffId = store.devices.tariff(tariff);
    const secrets = { publicKey, macKey: bytesFrom(`mac ${name}`), passwordSha256: bytesFrom(`password ${name}`) };
    store.devices.insert(
      { device, ...secrets, label: name, profile: 'vending', ...ids, tariff: tariffId, creditMicros: LIMIT },
      nowSeconds,
    );
    const link = bytesFrom(`link ${name}`).substring(0, 16);
    const terms = { channel: 1, payee: ids.payee, tariff: tariffId, limitUnits: LIMIT, anchor: link };
    const commitment = { payload: `commitment ${hexOf(link)}`, signature: publicKey + publicKey };
    const opened = { terms, tariff, commitment, link, linkUnits: 0, signed: undefined, closed: false } as unknown as Channel;
    store.channels.open(device, ids.payer, opened, nowSeconds);
    return opened;
  });
  let acceptedUnits = 0;
  return {
    device,
    acceptedUnits: () => acceptedUnits,
    accept(units, atSeconds) {
      acceptedUnits += units;
      const counts = { acceptedUnits: acceptedUnits as Units, chargedMicros: (acceptedUnits * priceMicros) as Micros };
      store.atomically(() => store.channels.advance(device, { ...channel, ...counts }, atSeconds));
    },
  };
}

export function settledUnits(store: Store, channel: OwingChannel): number {
  return store.channels.standing(channel.device, 1 as ChannelNumber).settledUnits;
}

export function balanceOf(store: Store, name: string, currency = 'EUR'): number {
  return store.books.balanceMicros(accountIdOf(name), currency);
}
