// Adding a tariff: it is recorded under the hash of its content. In: the store, a tariff that went through its door. Out: its id, and whether it was new; or why it cannot be added. Nothing uses it
// yet: devices are enrolled under it, and their commitments freeze it.

import { toHex } from '../../shared/bytes.ts';
import type { TariffId } from '../../shared/identity.ts';
import type { Tariff } from '../../shared/tariff.ts';
import { tariffIdOf } from '../ids.ts';
import type { Store } from '../store.ts';

export type Added =
  { readonly kind: 'added' | 'known'; readonly id: TariffId } | { readonly kind: 'refused'; readonly why: string };

export function addTariff(store: Store, tariff: Tariff): Added {
  const id = tariffIdOf(tariff);
  return store.atomically((): Added => {
    if (store.devices.findTariff(id) !== undefined) return { kind: 'known', id };
    if (tariff.kind === 'rich' && tariff.replaces !== '') {
      const replaced = store.devices.findTariff(tariff.replaces);
      if (replaced === undefined)
        return refused(`replaces: expected a tariff that was added before, got ${toHex(tariff.replaces)}`);
      if (replaced.currency !== tariff.currency || replaced.unit !== tariff.unit)
        return refused(
          `replaces: expected a tariff in ${tariff.currency} per ${tariff.unit}, got one in ${replaced.currency} per ${replaced.unit}`,
        );
    }
    store.devices.tariff(tariff);
    return { kind: 'added', id };
  });
}

function refused(why: string): Added {
  return { kind: 'refused', why };
}
