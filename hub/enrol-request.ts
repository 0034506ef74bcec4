// The door for an enrolment: what the operator asks for, checked field by field. In: a request in any state. Out: a request whose every field is within bounds
// and whose limit can be paid for, or the field's path and what was expected there.

import { z } from 'zod';
import { mostOf } from '../shared/charge.ts';
import type { InputConfig, MeterConfig, OutputConfig, WifiConfig } from '../shared/config.ts';
import { MAX_PER_UNITS, MAX_PRICE_MICROS } from '../shared/price.ts';
import type { Tariff } from '../shared/tariff.ts';
import { readTariff, writeTariff } from '../shared/tariff.ts';
import type { Units } from '../shared/units.ts';
import { MAX_CHAIN_UNITS, MAX_UNITS } from '../shared/units.ts';
import { isKnownCurrency } from './tariff/currency.ts';
import { faultSentence } from './known-keys.ts';
import { OWN_PREFIX } from './ledger.ts';
import { ERASED_PREFIX } from './pseudonym.ts';
import type { PlaceChange } from './place.ts';
import { placeSchema } from './place.ts';
import { inputSchema, meterSchema, outputSchema, wifiSchema, wiringFault } from './wiring.ts';

export interface EnrolRequest {
  readonly profile: string;
  readonly label: string;
  /** The name of the account that is charged. */
  readonly payer: string;
  /** The name of the account that is credited. */
  readonly payee: string;
  readonly tariff: Tariff;
  readonly limitUnits: number;
  readonly chainUnits: number;
  readonly meter: MeterConfig;
  readonly host: string;
  readonly port: number;
  readonly wifi?: WifiConfig;
  /** As in the board's configuration. */
  readonly tls?: string;
  readonly issueEveryMs: number;
  readonly keepaliveSeconds: number;
  /** Prepaid, and so many units granted at once; post-paid without it. */
  readonly prepaidUnits?: number;
  readonly output?: OutputConfig;
  readonly button?: InputConfig;
  readonly lowBalanceUnits?: number;
  /** The most that one channel may owe; what the unit limit costs, unless given. */
  readonly creditMicros?: number;
  /** Where it stands and what it sells, for insight. */
  readonly place?: PlaceChange;
}

/** A request that was refused: one sentence that begins with the field's path. */
export class EnrolmentRefused extends Error {}

/** One million of the currency: some thousand channels at their limit still sum to an exact integer. */
export const MAX_CREDIT_MICROS = 1_000_000_000_000;
export const MAX_KEEPALIVE_SECONDS = 3600;
/** It lies in the board's memory: a certificate with an RSA key of 4096 bits has some 1,900. */
const MAX_CERTIFICATE_CHARACTERS = 4096;

const name = (max: number): z.ZodString =>
  z
    .string()
    .regex(
      new RegExp(`^[\\x21-\\x7e](?:[\\x20-\\x7e]{0,${max - 2}}[\\x21-\\x7e])?$`),
      `expected 1 to ${max} printable ASCII characters`,
    );

const accountName = name(64)
  .refine(
    (text) => !text.startsWith(OWN_PREFIX),
    `expected a name that does not begin with ${OWN_PREFIX}: such accounts are the operator's own`,
  )
  .refine(
    (text) => !text.startsWith(ERASED_PREFIX),
    `expected a name that does not begin with ${ERASED_PREFIX}: it stands for one that was erased`,
  );

/** What is wrong with a name that somebody wants to give an account. */
export function accountNameFault(text: string): string | undefined {
  return accountName.safeParse(text).error?.issues[0]?.message;
}

const tariffSchema = z.strictObject({
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'expected a currency as three capital letters, such as EUR')
    .refine(isKnownCurrency, 'expected a currency of ISO 4217 that is in use, such as EUR'),
  unit: name(16),
  priceMicros: z.int().min(0).max(MAX_PRICE_MICROS),
  perUnits: z.int().min(1).max(MAX_PER_UNITS),
  validFromSeconds: z.int().min(0),
  validUntilSeconds: z.int().min(1),
});

const requestSchema = z.strictObject({
  profile: name(32),
  label: name(64),
  payer: accountName,
  payee: accountName,
  tariff: tariffSchema,
  limitUnits: z.int().min(1).max(MAX_UNITS),
  chainUnits: z.int().min(0).max(MAX_CHAIN_UNITS),
  meter: meterSchema,
  output: outputSchema.optional(),
  button: inputSchema.optional(),
  lowBalanceUnits: z.int().min(1).max(MAX_UNITS).optional(),
  prepaidUnits: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65535),
  wifi: wifiSchema.optional(),
  tls: z.base64().max(MAX_CERTIFICATE_CHARACTERS).optional(),
  issueEveryMs: z.int().min(0).max(86_400_000),
  keepaliveSeconds: z.int().min(5).max(MAX_KEEPALIVE_SECONDS),
  creditMicros: z.int().min(0).max(MAX_CREDIT_MICROS).optional(),
  place: placeSchema.optional(),
});

/** A tariff of the second layout comes from a tariff file or the database, through doors of its own. */
const richRequestSchema = requestSchema.extend({
  tariff: z.custom<Tariff>((value) => typeof readTariff(writeTariff(value as Tariff)) !== 'string', 'expected a tariff'),
});

export interface CheckedRequest extends EnrolRequest {
  readonly creditMicros: number;
}

export function checkRequest(request: EnrolRequest): CheckedRequest {
  const schema = request.tariff.kind === 'rich' ? richRequestSchema : requestSchema;
  const parsed = schema.safeParse(request);
  if (!parsed.success) throw new EnrolmentRefused(faultSentence(schema, parsed.error, 'request', shown(request, parsed.error)));
  const fault = wiringFault(request);
  if (fault !== undefined) throw new EnrolmentRefused(fault);
  return { ...request, creditMicros: checkedCredit(request) };
}

/** What may be repeated to the operator: the radio's password is asked for without being shown. */
function shown(request: EnrolRequest, error: z.ZodError): EnrolRequest | undefined {
  return error.issues[0]?.path[0] === 'wifi' ? undefined : request;
}

/** The rules between fields; the answer is the channel's credit limit. */
function checkedCredit({ payer, payee, tariff, limitUnits, chainUnits, creditMicros }: EnrolRequest): number {
  if (payer === payee) throw new EnrolmentRefused(`payee: expected another account than the payer's, got ${payee} for both`);
  if (chainUnits > limitUnits)
    throw new EnrolmentRefused(`chainUnits: expected at most the unit limit ${limitUnits}, got ${chainUnits}`);
  if (tariff.validUntilSeconds <= tariff.validFromSeconds) {
    const got = `${tariff.validUntilSeconds} after ${tariff.validFromSeconds}`;
    throw new EnrolmentRefused(`tariff.validUntilSeconds: expected a time after validFromSeconds, got ${got}`);
  }
  const limitMicros = mostOf(tariff, limitUnits as Units);
  if (limitMicros === undefined || limitMicros > MAX_CREDIT_MICROS) {
    const got = limitMicros === undefined ? 'more than can be counted' : `${limitMicros} micros`;
    throw new EnrolmentRefused(
      `limitUnits: expected a limit that costs at most ${MAX_CREDIT_MICROS} micros, got ${limitUnits} units for ${got}`,
    );
  }
  if (creditMicros !== undefined && limitMicros > creditMicros) {
    const got = `${limitUnits} units for ${limitMicros}`;
    throw new EnrolmentRefused(`limitUnits: expected a limit within the credit of ${creditMicros} micros, got ${got}`);
  }
  return creditMicros ?? limitMicros;
}
