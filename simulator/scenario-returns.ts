// What customers want back, in a scenario: refunds, and disputes that are resolved some time later. In: plain values. Out: the same, checked.

import { z } from 'zod';
import { duration, share } from './scenario-values.ts';

const rate = z.number().min(0).max(10_000);

export const returnsSchema = z.strictObject({
  refunds: z.strictObject({ perDay: rate }).optional(),
  /** `takes`: from the dispute to its resolution, on average; so many are won by the payer. */
  disputes: z.strictObject({ perDay: rate, takes: duration.default(14_400_000), payerWins: share.default(0.5) }).optional(),
  /** So many are asked for once more under the same id, as by somebody who was not sure. */
  repeatShare: share.default(0.2),
  /** So many want more than the channel could ever have cost, and are to be refused. */
  greedyShare: share.default(0.1),
});

export type ReturnsSpec = z.output<typeof returnsSchema>;
