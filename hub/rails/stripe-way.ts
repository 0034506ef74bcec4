// The two kinds of objects at Stripe by which a payout is made, seen alike. In: payouts. Out: the object's reference and what has become of it. It is found by what is written in it, and not by
// a memory that may be lost.

import type { Outcome, Payout } from './rail.ts';

export interface StripeWay {
  make(payout: Payout): Promise<Found>;
  find(payout: Payout): Promise<Found | undefined>;
  retrieve(reference: string, payout: Payout): Promise<Found>;
}

export interface Found {
  readonly reference: string;
  readonly outcome: Outcome;
}
