// An operator who looks at payouts before they go out, and keeps some back. In: what the books say is prepared, and how often there is a doubt. Out: payouts withheld, by the hub's own function; and, for the auditor, which ones
// must never reach a counterpart.

import type { PayoutId } from '../../hub/rails/rail.ts';
import { withhold } from '../../hub/withhold.ts';
import type { Random } from '../random.ts';
import type { Counterpart } from './counterpart.ts';
import type { World } from './world.ts';

/** So often that each payout is seen between its batch and its sending, mostly. */
const LOOKS_PER_SENDING = 4;

export function lookAtPayouts(world: World): void {
  for (const counterpart of world.counterparts) {
    const { withholds, sendEvery, name } = counterpart.spec;
    if (withholds === 0) continue;
    const random = world.random(`withholding ${name}`);
    const seen = new Set<PayoutId>();
    const look = (): void => {
      if (world.calm) return;
      lookOnce(world, counterpart, random, seen);
      world.clock.after(sendEvery / LOOKS_PER_SENDING, look);
    };
    world.clock.after(sendEvery / LOOKS_PER_SENDING, look);
  }
}

function lookOnce(world: World, counterpart: Counterpart, random: Random, seen: Set<PayoutId>): void {
  const store = world.site.store() === undefined ? undefined : world.eyes(); // a look from beside the hub
  const prepared = store?.payouts.ofRail(counterpart.spec.name).filter(({ state }) => state === 'prepared') ?? [];
  for (const { id } of prepared) {
    if (seen.has(id)) continue;
    seen.add(id);
    if (random.next() < counterpart.spec.withholds) keepBack(world, counterpart, id);
  }
}

/** Where the hub dies over it nobody knows, and it may be either. */
function keepBack(world: World, { doubted, withheld }: Counterpart, id: PayoutId): void {
  doubted.add(id);
  world.site.attempt((store) => {
    const tooLate = withhold(store, id, 'operator', world.site.nowSeconds());
    if (tooLate !== undefined) return;
    withheld.add(id);
    world.fault('payout withheld', id);
  });
}
