// What rails cost unless their configuration says otherwise. In: nothing. Out: one fee model per rail. They are guesses for comparing rails, in the size of what is
// published: they differ by country and contract, so whoever configures a rail puts his own there.

import type { FeeModel, RailName } from './rail.ts';

const FREE: FeeModel = { perBatchMicros: 0, fixedMicros: 0, shareMillionths: 0, minMicros: 0, maxMicros: undefined };

/** A card payment of the United States. */
export const STRIPE_COLLECTS: FeeModel = { ...FREE, fixedMicros: 300_000, shareMillionths: 29_000 };

export const LIST_PRICES: Readonly<Record<RailName, FeeModel>> = {
  ledger: FREE,
  csv: FREE,
  /** A transfer in a business account's file. */
  sepa: { ...FREE, fixedMicros: 100_000 },
  webhook: FREE,
  /** A quarter of a per cent and a quarter dollar for a payout to a connected account; the two dollars a month for each active account are not in it. */
  stripe: { ...FREE, fixedMicros: 250_000, shareMillionths: 2500 },
  /** Two per cent is what PayPal calls typical (developer.paypal.com/payouts/fees); its cap depends on the country, this one is that of international payouts. */
  paypal: { ...FREE, shareMillionths: 20_000, maxMicros: 20_000_000 },
  /** Of a currency whose unit is the satoshi: a base fee and half a per cent for the way. */
  lightning: { ...FREE, fixedMicros: 1_000_000, shareMillionths: 5000 },
  /** On a chain of the second layer; on the first it may be a hundred times that. */
  erc20: { ...FREE, fixedMicros: 50_000 },
};
