// The price of a group, as a scenario file writes it: one price in micros, or a tariff as the hub's own tariff files have it, with tiers, times of day, minimum and maximum. In: plain
// values. Out: the same, checked, because a scenario must read the same when it is written down; and the tariff that they say.

import { z } from 'zod';
import { parseTariff } from '../hub/tariff/tariff-file.ts';
import { MAX_PER_UNITS, MAX_PRICE_MICROS } from '../shared/price.ts';
import type { FlatTariff, Tariff } from '../shared/tariff.ts';
import type { Micros } from '../shared/units.ts';
import { currency } from './scenario-values.ts';

const flatSchema = z.strictObject({
  currency,
  unit: z.string().min(1).max(16),
  priceMicros: z.int().min(0).max(MAX_PRICE_MICROS),
  perUnits: z.int().min(1).max(MAX_PER_UNITS).default(1),
  validFrom: z.iso.datetime().optional(),
  validUntil: z.iso.datetime().optional(),
});

const writtenSchema = z.record(z.string(), z.json());

export const tariffSchema = writtenSchema.transform((given, context) => {
  if ('priceMicros' in given) {
    const flat = flatSchema.safeParse(given);
    for (const issue of flat.error?.issues ?? []) context.addIssue({ ...issue, path: [...issue.path] });
  } else {
    const tariff = parseTariff(given);
    if (typeof tariff === 'string') context.addIssue({ code: 'custom', message: tariff });
  }
  return given;
});

/** What it leaves open is as the profile's own tariff has it. */
export function tariffOf(given: z.output<typeof tariffSchema>, usual: FlatTariff): Tariff {
  if ('priceMicros' in given) return flatOf(flatSchema.parse(given), usual);
  const tariff = parseTariff(given);
  if (typeof tariff === 'string') throw new Error(`a scenario's tariff was let in and is none: ${tariff}`);
  return tariff;
}

function flatOf({ validFrom, validUntil, priceMicros, ...rest }: z.output<typeof flatSchema>, usual: FlatTariff): FlatTariff {
  return {
    ...rest,
    priceMicros: priceMicros as Micros,
    validFromSeconds: validFrom === undefined ? usual.validFromSeconds : Date.parse(validFrom) / 1000,
    validUntilSeconds: validUntil === undefined ? usual.validUntilSeconds : Date.parse(validUntil) / 1000,
  };
}
