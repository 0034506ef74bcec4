// The shape of a tariff of OCPI 2.2.1 and 2.3, as far as this program reads it, and the door for one. In: JSON in any state. Out: fields of their kinds, or a sentence that begins with the field's
// path. Fields that carry a price or a condition and are not known are refused: nothing may be charged otherwise than it was meant.

import { z } from 'zod';
import { MAX_PRICE_MICROS } from '../../shared/price.ts';
import { MAX_AMOUNT_MICROS } from '../../shared/units.ts';
import { faultSentence } from '../known-keys.ts';
import { isKnownCurrency } from './currency.ts';
import { decimal } from './decimal.ts';

const clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'expected a time such as 13:30');
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a date such as 2026-12-24');
const quantity = decimal(MAX_AMOUNT_MICROS);

const componentSchema = z.strictObject({
  type: z.enum(['ENERGY', 'FLAT', 'PARKING_TIME', 'TIME']),
  price: decimal(MAX_PRICE_MICROS),
  vat: decimal(100_000_000).optional(),
  step_size: z.int().min(0).max(1_000_000),
});

const restrictionsSchema = z.strictObject({
  start_time: clock.optional(),
  end_time: clock.optional(),
  start_date: date.optional(),
  end_date: date.optional(),
  min_kwh: quantity.optional(),
  max_kwh: quantity.optional(),
  min_current: quantity.optional(),
  max_current: quantity.optional(),
  min_power: quantity.optional(),
  max_power: quantity.optional(),
  min_duration: z.int().min(0).optional(),
  max_duration: z.int().min(0).optional(),
  day_of_week: z.array(z.enum(['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'])).optional(),
  reservation: z.string().optional(),
});

/** 2.2.1 says excl_vat and incl_vat, 2.3 before_taxes and after_taxes. */
const limitSchema = z.strictObject({
  excl_vat: decimal(MAX_AMOUNT_MICROS).optional(),
  incl_vat: decimal(MAX_AMOUNT_MICROS).optional(),
  before_taxes: decimal(MAX_AMOUNT_MICROS).optional(),
  after_taxes: decimal(MAX_AMOUNT_MICROS).optional(),
});

const tariffSchema = z.looseObject({
  currency: z.string().refine(isKnownCurrency, 'expected a currency of ISO 4217 that is in use'),
  tariff_alt_text: z.array(z.strictObject({ language: z.string().regex(/^[A-Za-z]{2}$/), text: z.string().min(1) })).default([]),
  min_price: limitSchema.optional(),
  max_price: limitSchema.optional(),
  elements: z
    .array(z.strictObject({ price_components: z.array(componentSchema).min(1), restrictions: restrictionsSchema.optional() }))
    .min(1),
  tax_included: z.enum(['YES', 'NO', 'N/A']).optional(),
  start_date_time: z.string().optional(),
  end_date_time: z.string().optional(),
});

export type OcpiTariff = z.infer<typeof tariffSchema>;
export type OcpiComponent = z.infer<typeof componentSchema>;
export type OcpiRestrictions = z.infer<typeof restrictionsSchema>;
export type OcpiLimit = z.infer<typeof limitSchema>;

export function parseOcpi(json: unknown): OcpiTariff | string {
  const parsed = tariffSchema.safeParse(json);
  return parsed.success ? parsed.data : faultSentence(tariffSchema, parsed.error, 'tariff', json);
}
