// Charges by shared/ beside the second opinion's, on random cases. In: how many, and a seed. Out: how many of each kind there were, or an exception that shows the first case on which the
// two do not agree.

import { chargeOf, mostOf, taxOf } from '../../shared/charge.ts';
import type { Units } from '../../shared/units.ts';
import { seededRandom } from '../../simulator/random.ts';
import type { Size } from './random-tariff.ts';
import { randomSegments, randomTariff, randomUnits } from './random-tariff.ts';
import { secondCharge, secondMost, secondTax } from '../../simulator/audit/second-charge.ts';

export interface Agreement {
  readonly cases: number;
  byVolume: number;
  timed: number;
  inSteps: number;
  bounded: number;
  net: number;
  aboveHighest: number;
}

const SIZES: readonly Size[] = ['looped', 'looped', 'looped', 'ordinary', 'bound'];

export function agree(cases: number, seed: number, onCase: (done: number) => void = () => {}): Agreement {
  const random = seededRandom(seed, 'tariffs');
  const seen: Agreement = { cases, byVolume: 0, timed: 0, inSteps: 0, bounded: 0, net: 0, aboveHighest: 0 };
  for (let i = 0; i < cases; i++) {
    const size = SIZES[i % SIZES.length] as Size;
    const tariff = randomTariff(random, size);
    const last = randomUnits(random, size);
    const segments = randomSegments(random, tariff, last);
    // Of what was accepted: all, or less, as claims and settlements have it.
    const units = (random.next() < 0.7 ? last : random.integer(0, last)) as Units;
    const charge = chargeOf(tariff, segments, units);
    const most = mostOf(tariff, units);
    const same =
      charge === secondCharge(tariff, segments, units) &&
      most === secondMost(tariff, units) &&
      (charge === undefined || taxOf(tariff, charge) === secondTax(tariff, charge));
    if (!same || (most !== undefined && (charge === undefined || charge > most))) {
      const got = { charge, second: secondCharge(tariff, segments, units), most, secondMost: secondMost(tariff, units) };
      throw new Error(`seed ${seed}, case ${i}: ${JSON.stringify({ ...got, units, segments, tariff })}`);
    }
    if (tariff.byVolume) seen.byVolume++;
    if (segments.length > 0) seen.timed++;
    if (tariff.stepUnits > 1) seen.inSteps++;
    if (charge === tariff.minimumMicros || charge === tariff.maximumMicros) seen.bounded++;
    if (!tariff.taxIncluded) seen.net++;
    if (charge === undefined) seen.aboveHighest++;
    onCase(i + 1);
  }
  return seen;
}
