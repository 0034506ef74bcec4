// What rails cost unless their configuration says otherwise. In: nothing. Out: one fee model per rail. They are list prices as remembered when this was written, not checked against
// the providers' pages of today, and differ by country and contract: whoever configures a rail must look at his own.

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
  /** A payout to a connected account. */
  stripe: { ...FREE, fixedMicros: 250_000, shareMillionths: 2500 },
  paypal: { ...FREE, shareMillionths: 20_000, minMicros: 250_000, maxMicros: 20_000_000 },
  /** Of a currency whose unit is the satoshi: a base fee and half a per cent for the way. */
  lightning: { ...FREE, fixedMicros: 1_000_000, shareMillionths: 5000 },
  /** On a chain of the second layer; on the first it may be a hundred times that. */
  erc20: { ...FREE, fixedMicros: 50_000 },
};
