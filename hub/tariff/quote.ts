// A quote: what so many units would cost, with every step said. In: a tariff, a count, a moment. Out: the charge, its tax, and the steps that lead to it. It records nothing.

import { chargeOf, mostOf, taxOf } from '../../shared/charge.ts';
import type { Tariff } from '../../shared/tariff.ts';
import type { Units } from '../../shared/units.ts';
import { MAX_AMOUNT_MICROS } from '../../shared/units.ts';
import { elementInForceAt } from '../in-force.ts';
import { decimalText } from './decimal.ts';
import { momentText } from './moment.ts';
import type { PriceStep } from './price-steps.ts';
import { stepsOf } from './price-steps.ts';

export interface Quote {
  readonly units: number;
  readonly unit: string;
  readonly currency: string;
  readonly atSeconds: number;
  readonly steps: readonly PriceStep[];
  readonly chargeMicros: number;
  readonly taxMicros: number;
  /** The most that so many units could cost, whenever they are used. */
  readonly mostMicros: number | null;
  /** Why no channel can be opened under the tariff at that moment; null if one can. */
  readonly invalid: string | null;
}

/** Or why there is no amount. */
export function quoteOf(tariff: Tariff, units: Units, atSeconds: number): Quote | string {
  const element = tariff.kind === 'rich' ? elementInForceAt(tariff, atSeconds) : 0;
  const segments = units === 0 ? [] : [{ element, toUnits: units }];
  const chargeMicros = chargeOf(tariff, segments, units);
  if (chargeMicros === undefined)
    return `units: ${units} ${tariff.unit} cost more than ${decimalText(MAX_AMOUNT_MICROS)} ${tariff.currency}, the most that can be counted`;
  const steps = stepsOf(tariff, segments, units, chargeMicros);
  return {
    ...{ units, unit: tariff.unit, currency: tariff.currency, atSeconds, steps, chargeMicros },
    taxMicros: taxOf(tariff, chargeMicros),
    mostMicros: mostOf(tariff, units) ?? null,
    invalid: invalidAt(tariff, atSeconds),
  };
}

function invalidAt({ validFromSeconds, validUntilSeconds }: Tariff, atSeconds: number): string | null {
  if (atSeconds < validFromSeconds) return `the tariff is valid from ${momentText(validFromSeconds)}`;
  return atSeconds >= validUntilSeconds ? `the tariff was valid until ${momentText(validUntilSeconds)}` : null;
}
