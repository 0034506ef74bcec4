// The shape of a tariff as people write it, JSON or YAML that was parsed to it. In: anything. Out: fields of their kinds. What fields say together is for tariff-file.ts.

import { z } from 'zod';
import { MAX_PER_UNITS, MAX_PRICE_MICROS } from '../../shared/price.ts';
import { MAX_ELEMENTS, MAX_TAX_MILLIONTHS, MAX_TIERS } from '../../shared/rich-tariff.ts';
import { MAX_AMOUNT_MICROS, MAX_UNITS } from '../../shared/units.ts';
import { isZone } from '../zone.ts';
import { isKnownCurrency } from './currency.ts';
import { decimal } from './decimal.ts';
import { dayOf, minuteOf, WEEKDAYS } from './local-times.ts';

/** Millionths of a percent in a millionth. */
export const PER_PERCENT = 100;

const price = decimal(MAX_PRICE_MICROS);
const amount = decimal(MAX_AMOUNT_MICROS);
const units = z.int().min(0).max(MAX_UNITS);

const clock = z.string().transform((text, context) => {
  const minute = minuteOf(text);
  if (minute !== undefined) return minute;
  context.addIssue({ code: 'custom', message: `expected a time of day such as 07:30, got ${text}` });
  return z.NEVER;
});
const date = z.string().transform((text, context) => {
  const day = dayOf(text);
  if (day !== undefined) return day;
  context.addIssue({ code: 'custom', message: `expected a date such as 2026-12-24, got ${text}` });
  return z.NEVER;
});

const pricing = {
  price: price.optional(),
  tiers: z
    .array(z.strictObject({ from: units.optional(), to: units.optional(), price }))
    .min(1)
    .max(MAX_TIERS)
    .optional(),
};

const periodSchema = z.strictObject({
  days: z.array(z.enum(WEEKDAYS)).min(1).optional(),
  from: clock.optional(),
  until: clock.optional(),
  fromDate: date.optional(),
  untilDate: date.optional(),
  ...pricing,
});

export const tariffSchema = z.strictObject({
  currency: z.string().refine(isKnownCurrency, 'expected a currency of ISO 4217 that is in use, such as EUR'),
  unit: z.string().regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,14}[\x21-\x7e])?$/, 'expected 1 to 16 printable ASCII characters'),
  per: z.int().min(1).max(MAX_PER_UNITS).default(1),
  ...pricing,
  by: z.enum(['tier', 'volume']).default('tier'),
  periods: z
    .array(periodSchema)
    .max(MAX_ELEMENTS - 1)
    .default([]),
  step: z.int().min(1).max(MAX_PER_UNITS).default(1),
  free: units.default(0),
  base: amount.default(0),
  minimum: amount.default(0),
  maximum: amount.default(MAX_AMOUNT_MICROS),
  tax: z.strictObject({ percent: decimal(MAX_TAX_MILLIONTHS * PER_PERCENT), included: z.boolean() }).optional(),
  zone: z.string().refine(isZone, 'expected an IANA time zone such as Europe/Berlin').optional(),
  validFrom: z.string().optional(),
  validUntil: z.string().optional(),
  replaces: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'expected the id of a tariff, 32 hex digits')
    .optional(),
  texts: z.record(z.string().regex(/^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$/), z.string().min(1)).default({}),
});

export type Written = z.infer<typeof tariffSchema>;
export type Period = z.infer<typeof periodSchema>;
