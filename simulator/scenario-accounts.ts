// How the payers of a scenario pay: prepaid or with a credit, what is topped up and when, budgets, promotions. In: plain values. Out: the same, checked. Payers that are not named here have no
// terms, and pay as each of their devices may.

import { z } from 'zod';
import { isZone } from '../hub/zone.ts';
import { currency, duration, micros, share } from './scenario-values.ts';

const topUpsSchema = z.strictObject({
  /** At the beginning. */
  firstMicros: micros.default(0),
  /** Whenever less than `belowMicros` is available. */
  amountMicros: micros.min(1),
  belowMicros: micros.default(0),
  lookEvery: duration.default(3_600_000),
  /** So many are asked for once more under the same id, as by somebody who was not sure. */
  repeatShare: share.default(0.2),
});

const budgetSchema = z.strictObject({
  limitMicros: micros,
  /** Of each day there; of all time without it. */
  zone: z.string().refine(isZone, 'expected an IANA time zone such as Europe/Berlin').optional(),
  /** The label of one device, such as kiosk-1. */
  device: z.string().min(1).optional(),
  payee: z.string().min(1).optional(),
});

const promotionSchema = z.strictObject({
  amountMicros: micros.min(1),
  after: duration,
  /** Given again after so long. */
  every: duration.optional(),
  lasts: duration,
  /** Below 100 it is used before the account's own money. */
  priority: z.int().min(0).max(1000).default(50),
});

export const accountSchema = z
  .strictObject({
    /** As groups name it; with several `payers`, all of them, each with an account like this. */
    payer: z.string().min(1).max(50),
    kind: z.enum(['prepaid', 'post-paid']),
    currency,
    creditMicros: micros.default(0),
    topUps: topUpsSchema.optional(),
    budgets: z.array(budgetSchema).max(20).default([]),
    promotions: z.array(promotionSchema).max(20).default([]),
  })
  .refine(({ kind, creditMicros }) => kind === 'post-paid' || creditMicros === 0, {
    path: ['creditMicros'],
    message: 'expected none for a prepaid account',
  });

export type AccountSpec = z.output<typeof accountSchema>;
