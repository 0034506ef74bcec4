// The operator's own bank account, and what its bank agreed to. In: JSON of the rails' configuration. Out: a configuration whose every field is checked and
// written as it goes to the bank. It holds no secret: whoever wants money moved signs at the bank.

import { isSEPACountry } from 'ibantools';
import { z } from 'zod';
import type { ParticularField } from '../../particulars.ts';
import { checkParticular } from '../../particulars.ts';
import { LIST_PRICES } from '../list-prices.ts';
import { inEpcSet, isInEpcSet } from './characters.ts';

const particular = (field: ParticularField): z.ZodType<string> =>
  z.string().transform((text, context) => {
    const checked = checkParticular(field, text);
    if (typeof checked !== 'string') return checked.kept;
    context.addIssue({ code: 'custom', message: checked.replace(`${field}: `, '') });
    return z.NEVER;
  });

const words = (field: ParticularField, max: number): z.ZodType<string> =>
  particular(field).pipe(
    z
      .string()
      .transform((text) => inEpcSet(text, max))
      .refine((text) => /[A-Za-z0-9]/.test(text), 'expected a text that can be written in letters from a to z'),
  );

const iban = particular('iban').refine((text) => isSEPACountry(text.slice(0, 2)), 'expected an IBAN of a country of SEPA');

const CREDITOR_ID = /^[A-Z]{2}\d{2}[A-Z0-9]{3}[A-Z0-9+?/:().,'-]{1,28}$/;

/** ISO 7064, modulus 97-10, over the national part and the country, without the three characters for the business. */
export function isCreditorId(text: string): boolean {
  if (!CREDITOR_ID.test(text)) return false;
  const counted = (text.slice(7) + text.slice(0, 4)).replaceAll(/[^A-Z0-9]/g, '');
  const digits = counted.replaceAll(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return BigInt(digits) % 97n === 1n;
}

const micros = z.int().min(0).max(1_000_000_000);

const feeSchema = z.strictObject({
  perBatchMicros: micros.default(0),
  fixedMicros: micros.default(LIST_PRICES.sepa.fixedMicros),
  shareMillionths: z.int().min(0).max(1_000_000).default(0),
  minMicros: micros.default(0),
  maxMicros: micros.optional(),
});

export const sepaSchema = z.strictObject({
  name: words('holder', 70),
  iban,
  bic: particular('bic').optional(),
  address: z
    .strictObject({
      street: words('street', 70).optional(),
      building: words('building', 16).optional(),
      postcode: words('postcode', 16).optional(),
      town: words('town', 35),
      country: particular('country'),
    })
    .optional(),
  /** Without one nothing can be collected. */
  creditorId: z
    .string()
    .transform((text) => text.replaceAll(' ', '').toUpperCase())
    .refine(isCreditorId, 'expected a creditor identifier whose check digits fit, such as DE98ZZZ09999999999')
    .optional(),
  scheme: z.enum(['CORE', 'B2B']).default('CORE'),
  /** One booking for all payments of a file. Without it the bank books each, and its notifications name each. */
  batchBooking: z.boolean().default(false),
  /** Business days from the day of writing to the day on which the bank is to act. */
  payInDays: z.int().min(0).max(30).default(1),
  collectInDays: z.int().min(1).max(30).default(3),
  maxTransactions: z.int().min(1).max(50_000).default(10_000),
  /** What ends a payout: the bank's booking (camt.054), or already its word that it is done (pain.002). */
  settledBy: z.enum(['booking', 'status']).default('booking'),
  /** What the other side reads on its statement, with the batch's id behind it. */
  text: z.string().max(100).refine(isInEpcSet, "expected letters, digits, spaces and /-?:().,'+").default('Settlement'),
  fee: feeSchema.prefault({}),
});

export type SepaConfig = z.infer<typeof sepaSchema>;
