// The behaviour that a scenario describes: when people come, by an arrival process whose rate follows the hour and the day, and what they then do. In: a
// description, randomness, and the world's time. Out: an endless series of uses. It must never know of vouchers or money.

import type { Behaviour, Use } from './behaviour.ts';
import type { Random } from './random.ts';
import type { BehaviourSpec, Curve } from './scenario.ts';

/** Seconds since 1970 in the world. */
export type NowSeconds = () => number;

type Spec<Kind extends BehaviourSpec['kind']> = Extract<BehaviourSpec, { kind: Kind }>;

export function behaviourBy(spec: BehaviourSpec, random: Random, now: NowSeconds): Behaviour {
  switch (spec.kind) {
    case 'bursts':
      return inBursts(spec, random, now);
    case 'charging':
      return chargingCars(spec, random, now);
    case 'interval':
      return inIntervals(spec, random);
    case 'arrivals':
      return arriving(spec, random, now);
  }
}

/** 1970 began on a Thursday; the week of a curve begins on Monday. */
const FIRST_DAY = 3;
const HOUR_SECONDS = 3600;

export function weightAt(curve: Curve | undefined, atSeconds: number): number {
  const hours = Math.floor(atSeconds / HOUR_SECONDS);
  const hour = curve?.hours?.[hours % 24] ?? 1;
  const day = curve?.days?.[(Math.floor(hours / 24) + FIRST_DAY) % 7] ?? 1;
  return hour * day;
}

/** A curve without a single open hour would never let anybody come. */
const MOST_HOURS_AHEAD = 24 * 7;

/**
 * Seconds to the next arrival of a Poisson process whose mean gap is stretched by the hour's weight: what is left of the draw at the end of an hour
 * goes on in the next one, at that hour's rate.
 */
export function nextArrival(meanSeconds: number, curve: Curve | undefined, random: Random, fromSeconds: number): number {
  let left = random.exponential(meanSeconds);
  if (curve === undefined) return left;
  let at = fromSeconds;
  for (let hours = 0; hours < MOST_HOURS_AHEAD; hours++) {
    const untilHour = HOUR_SECONDS - (at % HOUR_SECONDS);
    const weight = weightAt(curve, at);
    if (weight > 0 && left <= untilHour * weight) return at + left / weight - fromSeconds;
    left -= untilHour * weight;
    at += untilHour;
  }
  return at - fromSeconds;
}

function inBursts(spec: Spec<'bursts'>, random: Random, now: NowSeconds): Behaviour {
  let left = 0;
  const vend = (afterSeconds: number): Use => {
    const succeeds = random.next() >= spec.failureShare;
    return { kind: 'vend', afterSeconds, takesSeconds: 1 + random.next(), succeeds };
  };
  return () => {
    if (left > 0) {
      left--;
      return vend(4 + random.exponential(spec.gap / 1000));
    }
    left = random.integer(0, spec.most - 1);
    return vend(nextArrival(spec.every / 1000, spec.curve, random, now()));
  };
}

/** From this share of the need on the power falls, to a tenth at the end. */
const FULL_POWER_SHARE = 0.8;
const LEAST_POWER_SHARE = 0.1;

function chargingCars(spec: Spec<'charging'>, random: Random, now: NowSeconds): Behaviour {
  const tickSeconds = spec.tick / 1000;
  let needWh = 0;
  let deliveredWh = 0;
  let fractionWh = 0;
  return () => {
    if (deliveredWh >= needWh) {
      needWh = random.integer(Math.ceil(spec.leastWh), Math.ceil(spec.mostWh));
      deliveredWh = 0;
      return { kind: 'pulses', afterSeconds: nextArrival(spec.pause / 1000, spec.curve, random, now()), units: 0 };
    }
    const left = (1 - deliveredWh / needWh) / (1 - FULL_POWER_SHARE);
    const energyWh = fractionWh + (spec.powerWatts * Math.min(1, Math.max(LEAST_POWER_SHARE, left)) * tickSeconds) / 3600;
    const units = Math.floor(energyWh);
    fractionWh = energyWh - units;
    deliveredWh += units;
    return { kind: 'pulses', afterSeconds: tickSeconds, units };
  };
}

function inIntervals(spec: Spec<'interval'>, random: Random): Behaviour {
  const everySeconds = spec.every / 1000;
  // The first one anywhere in the interval: a field of nodes is not switched on in one moment.
  let first = spec.jitterShare > 0;
  return () => {
    const shift = spec.jitterShare * (2 * random.next() - 1);
    const afterSeconds = first ? everySeconds * random.next() : everySeconds * (1 + shift);
    first = false;
    return { kind: 'pulses', afterSeconds, units: 1 };
  };
}

function arriving(spec: Spec<'arrivals'>, random: Random, now: NowSeconds): Behaviour {
  return () => ({ kind: 'pulses', afterSeconds: nextArrival(spec.every / 1000, spec.curve, random, now()), units: spec.units });
}
