// How the machines of each profile are used: when their meters pulse, and when people ask for a vend. In: randomness. Out: an endless series of
// uses, "after so many seconds, this", in the machine's own time; the fleet decides how fast that time runs. It must know nothing of vouchers or money.

import type { Profile } from '../hub/profiles.ts';
import type { Random } from './random.ts';

export type Use =
  | { readonly kind: 'pulses'; readonly afterSeconds: number; readonly units: number }
  | { readonly kind: 'vend'; readonly afterSeconds: number; readonly takesSeconds: number; readonly succeeds: boolean };

export type Behaviour = () => Use;

export function behaviourOf(profile: Profile, random: Random): Behaviour {
  switch (profile) {
    case 'vending':
      return sellingInBursts(random);
    case 'charging':
      return chargingCars(random);
    case 'sensor':
      return reporting(random, 60);
    case 'generic':
      return reporting(random, 10);
  }
}

/** One in so many vends fails: the product sticks. */
const VENDS_PER_FAILURE = 25;

/** People come in groups: about every four minutes one to five sales, a few seconds apart; now and then a product sticks. */
function sellingInBursts(random: Random): Behaviour {
  let left = 0;
  const vend = (afterSeconds: number): Use => {
    const succeeds = random.integer(1, VENDS_PER_FAILURE) > 1;
    return { kind: 'vend', afterSeconds, takesSeconds: 1 + random.next(), succeeds };
  };
  return () => {
    if (left > 0) {
      left--;
      return vend(4 + random.exponential(6));
    }
    left = random.integer(0, 4);
    return vend(random.exponential(240));
  };
}

const CHARGE_TICK_SECONDS = 5;
const FULL_POWER_WATTS = 22_000;

/**
 * A car comes, needs 5 to 40 kWh, charges at full power up to 80 % of its need, then ever more slowly; then the point stands free for
 * about ten minutes. Fractions of a Wh are carried over, as a real meter's register does.
 */
function chargingCars(random: Random): Behaviour {
  let needWh = 0;
  let deliveredWh = 0;
  let fractionWh = 0;
  return () => {
    if (deliveredWh >= needWh) {
      needWh = random.integer(5_000, 40_000);
      deliveredWh = 0;
      return { kind: 'pulses', afterSeconds: random.exponential(600), units: 0 };
    }
    const share = deliveredWh / needWh;
    const powerWatts = share < 0.8 ? FULL_POWER_WATTS : FULL_POWER_WATTS * Math.max(0.1, (1 - share) * 5);
    const energyWh = fractionWh + (powerWatts * CHARGE_TICK_SECONDS) / 3600;
    const units = Math.floor(energyWh);
    fractionWh = energyWh - units;
    deliveredWh += units;
    return { kind: 'pulses', afterSeconds: CHARGE_TICK_SECONDS, units };
  };
}

/** One paid message per interval, with the jitter that keeps a field of nodes from speaking at once. */
function reporting(random: Random, everySeconds: number): Behaviour {
  return () => ({ kind: 'pulses', afterSeconds: everySeconds * (0.9 + 0.2 * random.next()), units: 1 });
}
