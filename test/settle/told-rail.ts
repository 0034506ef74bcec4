// A rail that answers what a test has told it to, and remembers what it was asked. In: outcomes by account. Out: a rail in cents, with a fee.

import type { FeeModel, Outcome, Payout, PayoutId, Rail } from '../../hub/rails/rail.ts';
import { RailUnavailable } from '../../hub/rails/rail.ts';

export interface ToldRail extends Rail {
  /** Whatever is answered next for an account; nothing: the rail has not said. */
  readonly says: Map<string, Outcome>;
  readonly submitted: Payout[][];
  isGone: boolean;
}

const FREE: FeeModel = { perBatchMicros: 0, fixedMicros: 0, shareMillionths: 0, minMicros: 0, maxMicros: undefined };

export function toldRail(changes: Partial<Rail> = {}): ToldRail {
  const says = new Map<string, Outcome>();
  const submitted: Payout[][] = [];
  const answers = (payouts: readonly Payout[]): Map<PayoutId, Outcome> => {
    if (rail.isGone) throw new RailUnavailable('expected an answer from the bank, got none');
    return new Map(payouts.flatMap(({ id, account }) => (says.has(account) ? [[id, says.get(account) as Outcome]] : [])));
  };
  const rail: ToldRail = {
    ...{ name: 'sepa', directions: ['pay', 'collect'], fee: FREE, maxMicros: 1_000_000_000_000 },
    unitMicros: (currency) => (currency === 'EUR' ? 10_000 : undefined),
    destinationOf: () => ({ to: 'somewhere' }),
    submit: (payouts) => {
      submitted.push([...payouts]);
      return Promise.resolve().then(() => answers(payouts));
    },
    poll: (payouts) => Promise.resolve().then(() => answers(payouts)),
    ...changes,
    says,
    submitted,
    isGone: false,
  };
  return rail;
}
