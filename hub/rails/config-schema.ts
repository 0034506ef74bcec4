// What may stand in the configuration of rails, field by field, with defaults. In: values of a file, and the environment. Out: options as the rails take them. Fees are what a rail costs
// the operator: the defaults (list-prices.ts) are nobody's contract, so they must be checked and set.

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { getAddress, isAddress } from 'viem';
import { z } from 'zod';
import { addressFault } from './address-guard.ts';
import { faultOf } from '../known-keys.ts';
import { LIST_PRICES, STRIPE_COLLECTS } from './list-prices.ts';
import { PAYPAL_CURRENCIES } from './minor-units.ts';
import type { FeeModel } from './rail.ts';
import { RAIL_NAMES } from './rail.ts';
import type { Environment } from './secret.ts';
import { Secret } from './secret.ts';
import { sepaSchema } from './sepa/config.ts';
import type { CollectBy } from './stripe-collect-by.ts';
import { COLLECT_BY } from './stripe-collect-by.ts';

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const micros = z.int('expected a whole number of micros').min(0, 'expected 0 or more').max(Number.MAX_SAFE_INTEGER);
const currency = z.string().regex(/^[A-Z]{3}$/, 'expected a currency as three capital letters, such as EUR');
const currencies = z.array(currency).min(1, 'expected one currency or more');
const directions = z.array(z.enum(['pay', 'collect'])).min(1);
const timeoutMs = z.int().min(100).max(120_000).default(30_000);

const feeSchema = (fee: Partial<FeeModel>): z.ZodType<FeeModel> =>
  z
    .strictObject({
      perBatchMicros: micros.default(fee.perBatchMicros ?? 0),
      fixedMicros: micros.default(fee.fixedMicros ?? 0),
      shareMillionths: z
        .int()
        .min(0)
        .max(1_000_000)
        .default(fee.shareMillionths ?? 0),
      minMicros: micros.default(fee.minMicros ?? 0),
      maxMicros: micros.optional(),
    })
    .prefault({})
    .transform((given) => ({ ...given, maxMicros: given.maxMicros ?? fee.maxMicros }));

/** A text, or `env:NAME`. */
function secretSchema(environment: Environment, pattern: RegExp, expected: string): z.ZodType<Secret> {
  return z.string(`expected ${expected}, or env:NAME`).transform((text, context) => {
    const name = /^env:([A-Za-z_][A-Za-z0-9_]*)$/.exec(text)?.[1];
    const value = name === undefined ? text : environment[name];
    const fault =
      value === undefined
        ? `expected the environment variable ${name ?? ''} to be set`
        : pattern.test(value)
          ? undefined
          : `expected ${expected}, got something else`;
    if (fault === undefined) return new Secret(value as string);
    context.addIssue({ code: 'custom', message: fault });
    return z.NEVER;
  });
}

/** https, or this machine itself. */
const serviceUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  return (
    url !== null &&
    url.username === '' &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname)))
  );
}, 'expected https://... (or http:// on this machine)');

const evmAddress = z
  .string()
  .refine((text) => isAddress(text, { strict: true }), 'expected 0x and 40 hex digits whose capitals are right')
  .transform((text) => getAddress(text));

const certificate = z.string().transform((path, context) => {
  try {
    const pem = readFileSync(path, 'utf8');
    new X509Certificate(pem);
    return pem;
  } catch {
    context.addIssue({ code: 'custom', message: `expected the path of a PEM certificate, got "${path}"` });
    return z.NEVER;
  }
});

function webhookSchema(environment: Environment) {
  const secret = secretSchema(environment, /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'whsec_ and at least 24 bytes in base64');
  return z
    .strictObject({
      url: z.string(),
      secrets: z.array(secret).min(1, 'expected one secret or more').max(5),
      allow: z.array(z.string().regex(/^[^/\s]+$/, 'expected host or host:port')).default([]),
      directions: directions.default(['pay']),
      currencies,
      unitMicros: micros.min(1).default(10_000),
      maxMicros: micros.min(1).default(1_000_000_000_000),
      fee: feeSchema(LIST_PRICES.webhook),
      timeoutMs,
      source: z.string().min(1).max(200).default('/tallystick'),
      settledBy: z.enum(['answer', 'delivery']).default('answer'),
      askAgainMs: z.int().min(60_000).default(3_600_000),
    })
    .superRefine(({ url, allow }, context) => {
      const parsed = URL.parse(url);
      const fault = parsed === null ? 'expected an address such as https://pay.example.com/hook' : addressFault(parsed, allow);
      if (fault !== undefined) context.addIssue({ code: 'custom', path: ['url'], message: fault });
    });
}

function stripeSchema(environment: Environment) {
  const base = {
    secretKey: secretSchema(environment, /^[sr]k_(?:test|live)_\w+$/, 'a secret or restricted key, sk_... or rk_...'),
    url: serviceUrl.optional(),
    currencies,
    maxMicros: micros.min(1).default(999_999_990_000),
    timeoutMs,
  };
  const collecting = (fee: Partial<FeeModel>) =>
    z
      .strictObject({
        ...base,
        directions: directions.refine((all) => all.includes('collect')),
        fee: feeSchema(fee),
        collectBy: z.enum(COLLECT_BY).default('payments'),
        meters: z.record(z.string().min(1).max(16), z.string().min(1).max(100)).default({}),
      })
      .superRefine(({ collectBy, meters }, context) => {
        const message = metersFault(collectBy, Object.values(meters));
        if (message !== undefined) context.addIssue({ code: 'custom', path: ['meters'], message });
      });
  const paying = z.strictObject({
    ...base,
    directions: z.array(z.literal('pay')).min(1).max(1).default(['pay']),
    fee: feeSchema(LIST_PRICES.stripe),
    collectBy: z.literal('payments', 'expected payments, because directions is without collect').default('payments'),
    meters: z.strictObject({}).default({}),
  });
  const isCollecting = (value: unknown): boolean => {
    const given = (value as { directions?: unknown } | null)?.directions;
    return Array.isArray(given) && given.includes('collect');
  };
  return z.unknown().transform((value, context) => {
    // An event of a meter costs nothing by itself; what Stripe takes of the bill is not this rail's.
    const isMetered = (value as { collectBy?: unknown } | null)?.collectBy === 'meter-events';
    const schema = isCollecting(value) ? collecting(isMetered ? {} : STRIPE_COLLECTS) : paying;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const { path, message } = faultOf(schema, parsed.error);
    context.addIssue({ code: 'custom', path: [...path], message });
    return z.NEVER;
  });
}

/** Two units on one meter could not be told apart in its sums. */
function metersFault(collectBy: CollectBy, names: readonly string[]): string | undefined {
  if (collectBy !== 'meter-events')
    return names.length === 0 ? undefined : `expected none unless collectBy is meter-events, got ${names.length}`;
  if (names.length === 0) return "expected, for each unit of your tariffs, the name of a meter's events, such as { vend: vends }";
  return new Set(names).size === names.length ? undefined : 'expected a meter of its own for each unit';
}

function paypalSchema(environment: Environment) {
  const text = /^[\x21-\x7e]{8,200}$/;
  return z.strictObject({
    url: serviceUrl.default('https://api-m.paypal.com'),
    clientId: secretSchema(environment, text, 'the client id of a PayPal application'),
    clientSecret: secretSchema(environment, text, 'the secret of a PayPal application'),
    currencies: currencies.refine(
      (all) => all.every((one) => PAYPAL_CURRENCIES.includes(one)),
      `expected currencies of PayPal's: ${PAYPAL_CURRENCIES.join(' ')}`,
    ),
    fee: feeSchema(LIST_PRICES.paypal),
    maxMicros: micros.min(1).default(20_000_000_000),
    timeoutMs,
    subject: z.string().min(1).max(255).default('You have a payout'),
  });
}

function lightningSchema(environment: Environment) {
  return z.strictObject({
    url: serviceUrl.default('https://127.0.0.1:8080'),
    macaroon: secretSchema(environment, /^(?:[0-9a-fA-F]{2}){16,}$/, 'a macaroon in hex'),
    certificate: certificate.optional(),
    network: z.enum(['bc', 'tb', 'tbs', 'bcrt']).default('bc'),
    fee: feeSchema(LIST_PRICES.lightning),
    maxMicros: micros.min(1000).default(1_000_000_000_000),
    timeoutMs,
    feeLimitMillionths: z.int().min(0).max(500_000).default(10_000),
    giveUpMs: z.int().min(3_600_000).default(86_400_000),
  });
}

function erc20Schema(environment: Environment) {
  const token = z.strictObject({ address: evmAddress, decimals: z.int().min(0).max(36), contract: evmAddress.optional() });
  return z.strictObject({
    url: secretSchema(
      environment,
      /^(?:https:\/\/|http:\/\/(?:localhost|127\.0\.0\.1)[:/])\S+$/,
      'https://... of a node (or http:// on this machine)',
    ),
    chainId: z.int().min(1),
    privateKey: secretSchema(environment, /^0x[0-9a-fA-F]{64}$/, '0x and 64 hex digits'),
    tokens: z.record(currency, token).refine((all) => Object.keys(all).length > 0, 'expected one token or more, by currency'),
    confirmations: z.int().min(1).max(10_000).default(12),
    maxFeeWei: z
      .union([z.int(), z.string().regex(/^\d{1,30}$/)])
      .default(200_000_000_000)
      .transform(BigInt),
    raiseAfterMs: z.int().min(30_000).default(600_000),
    fee: feeSchema(LIST_PRICES.erc20),
    maxMicros: micros.min(1).default(1_000_000_000_000),
    timeoutMs,
  });
}

const thresholdSchema = z.strictObject({
  minMicros: micros.default(0),
  maxFeeShareMillionths: z.int().min(0).max(1_000_000).default(10_000),
});

export function railsSchema(environment: Environment) {
  return z.strictObject({
    approval: z.enum(['none', 'required']).default('none'),
    /** By rail, then by currency. */
    thresholds: z.partialRecord(z.enum(RAIL_NAMES), z.record(currency, thresholdSchema)).default({}),
    retryAfterSeconds: z.int().min(60).default(86_400),
    watchDays: z.int().min(0).max(400).default(30),
    sepa: sepaSchema.optional(),
    webhook: webhookSchema(environment).optional(),
    stripe: stripeSchema(environment).optional(),
    paypal: paypalSchema(environment).optional(),
    lightning: lightningSchema(environment).optional(),
    erc20: erc20Schema(environment).optional(),
  });
}

export type RailsConfig = z.infer<ReturnType<typeof railsSchema>>;
