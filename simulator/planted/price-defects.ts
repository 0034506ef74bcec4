// Defects of prices: a tariff that the hub reads otherwise than it was agreed, from the judge to the books alike, so that only another reckoning can tell; and the wrong hour. In: the shipped store, and what
// the judge looks up. Out: the same with a part of every tariff, or the choice of its element, exchanged.

import type { RichTariff } from '../../shared/rich-tariff.ts';
import type { Tariff } from '../../shared/tariff.ts';
import type { Micros } from '../../shared/units.ts';
import type { InForce } from '../../hub/segment.ts';
import type { Store } from '../../hub/store.ts';
import type { Defect } from './defect.ts';
import { inHub, inStore } from './defect.ts';

type Change = (tariff: RichTariff) => RichTariff;

/** Wherever the hub reads a tariff. */
function misread(change: Change): () => (store: Store) => Store {
  const seen = new WeakMap<Tariff, Tariff>();
  const other = (tariff: Tariff): Tariff => {
    if (tariff.kind !== 'rich') return tariff;
    const known = seen.get(tariff) ?? change(tariff);
    seen.set(tariff, known);
    return known;
  };
  const of = <Priced extends { readonly tariff: Tariff }>(priced: Priced): Priced => ({
    ...priced,
    tariff: other(priced.tariff),
  });
  const maybe = <Priced extends { readonly tariff: Tariff }>(priced: Priced | undefined): Priced | undefined =>
    priced === undefined ? undefined : of(priced);
  return () => (store) => ({
    ...store,
    devices: {
      ...store.devices,
      findTariff(id) {
        const tariff = store.devices.findTariff(id);
        return tariff === undefined ? undefined : other(tariff);
      },
    },
    channels: {
      ...store.channels,
      find: (device, number) => maybe(store.channels.find(device, number)),
      account: (device, number) => maybe(store.channels.account(device, number)),
      accounts: () => store.channels.accounts().map(of),
      *eachAccount() {
        for (const account of store.channels.eachAccount()) yield of(account);
      },
      accountsOf: (account) => store.channels.accountsOf(account).map(of),
      unclaimed: () => store.channels.unclaimed().map(of),
      unsettled: () => store.channels.unsettled().map(of),
    },
  });
}

function misjudged(id: string, what: string, change: (inForce: InForce) => InForce): Defect {
  return inHub({ id, room: 'judge', what }, () => ({
    known: (known) => ({ ...known, lookups: { ...known.lookups, inForce: change(known.lookups.inForce) } }),
  }));
}

export const PRICE_DEFECTS: readonly Defect[] = [
  inStore(
    { id: 'tier-one-too-late', room: 'judge', what: 'Each tier begins one unit too late.' },
    misread((tariff) => ({
      ...tariff,
      elements: tariff.elements.map((element) => ({
        ...element,
        tiers: element.tiers.map((tier) => ({ ...tier, fromUnits: tier.fromUnits === 0 ? 0 : tier.fromUnits + 1 })),
      })),
    })),
  ),
  inStore(
    { id: 'minimum-forgotten', room: 'judge', what: 'A channel costs less than the least.' },
    misread((tariff) => ({ ...tariff, minimumMicros: 0 as Micros })),
  ),
  inStore(
    { id: 'base-forgotten', room: 'judge', what: 'What is owed from the first unit on is not.' },
    misread((tariff) => ({ ...tariff, baseMicros: 0 as Micros })),
  ),
  inStore(
    { id: 'step-forgotten', room: 'judge', what: 'A step that was begun is not owed whole.' },
    misread((tariff) => ({ ...tariff, stepUnits: 1 })),
  ),
  inStore(
    { id: 'tax-forgotten', room: 'judge', what: 'Tax is not added.' },
    misread((tariff) => ({ ...tariff, taxIncluded: true })),
  ),
  misjudged('hour-of-another-zone', 'The price of the hour is chosen by UTC and not by the clock of the site.', (inForce) => {
    return (tariff, fromSeconds, untilSeconds) => inForce({ ...tariff, zone: 'UTC' }, fromSeconds, untilSeconds);
  }),
  misjudged('price-at-arrival', 'Units cost what is in force when they arrive, not the least since the last ones.', (inForce) => {
    return (tariff, _fromSeconds, untilSeconds) => inForce(tariff, untilSeconds, untilSeconds);
  }),
];
