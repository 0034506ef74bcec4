// What Stripe answers, checked at the door: its library believes whatever bears no error, also what a broken proxy says. In: what the library gave. Out: transfers, payment intents, invoices and meters with the
// fields that the rail goes by, or `RailUnavailable`: who answers something else has said nothing.

import { z } from 'zod';
import { RailUnavailable } from './rail.ts';

const named = z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]);

export const transferSchema = z.object({
  id: z.string().startsWith('tr_'),
  amount: z.int(),
  currency: z.string(),
  destination: named.nullable(),
  reversed: z.boolean(),
});

const costSchema = z.object({ fee: z.int(), currency: z.string() });
const chargeSchema = z.object({
  refunded: z.boolean(),
  disputed: z.boolean(),
  balance_transaction: z.union([z.string(), costSchema]).nullish(),
});

export const intentSchema = z.object({
  id: z.string().startsWith('pi_'),
  status: z.string(),
  amount: z.int(),
  currency: z.string(),
  customer: named.nullable(),
  metadata: z.record(z.string(), z.string()),
  cancellation_reason: z.string().nullish(),
  last_payment_error: z.object({ code: z.string().nullish(), decline_code: z.string().nullish() }).nullish(),
  latest_charge: z.union([z.string(), chargeSchema]).nullish(),
});

export const disputeSchema = z.object({ status: z.string() });

export const invoiceSchema = z.object({
  id: z.string().startsWith('in_'),
  status: z.string(),
  total: z.int(),
  currency: z.string(),
  customer: named.nullable(),
  metadata: z.record(z.string(), z.string()).nullable(),
});

export const invoiceLineSchema = z.object({ id: z.string(), metadata: z.record(z.string(), z.string()) });

export const invoicePaymentSchema = z.object({
  id: z.string(),
  is_default: z.boolean(),
  payment: z.object({ payment_intent: named.nullish() }),
});

export const customerSchema = z.object({ id: z.string().startsWith('cus_'), deleted: z.boolean().default(false) });

export const meterSchema = z.object({
  id: z.string(),
  event_name: z.string(),
  event_time_window: z.string().nullish(),
  default_aggregation: z.object({ formula: z.string() }),
  customer_mapping: z.object({ event_payload_key: z.string() }),
  value_settings: z.object({ event_payload_key: z.string() }),
});

export const meterEventSchema = z.object({ object: z.literal('billing.meter_event'), identifier: z.string() });

export const meterSummarySchema = z.object({ aggregated_value: z.number() });

export type Transfer = z.infer<typeof transferSchema>;
export type Intent = z.infer<typeof intentSchema>;
export type Invoice = z.infer<typeof invoiceSchema>;
export type Meter = z.infer<typeof meterSchema>;

export function checked<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (!parsed.success)
    throw new RailUnavailable(`stripe: answered something else (${parsed.error.issues[0]?.path.join('.') ?? ''})`);
  return parsed.data;
}

export function checkedList<T>(
  schema: z.ZodType<T>,
  answer: unknown,
): { readonly data: readonly T[]; readonly has_more: boolean } {
  return checked(z.object({ data: z.array(schema), has_more: z.boolean() }), answer);
}
