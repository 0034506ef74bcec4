// The reading of one bank's file: what it is read against, and what was found in it so far. In: what readers of single messages say. Out: replies, each once, and
// remarks. What does not fit in identity and amount never gets into the replies.

import type { Outcome, Payout, PayoutId, Reply } from '../rail.ts';
import { eurosOf } from './amount.ts';
import type { SepaConfig } from './config.ts';
import type { Plan } from './plan.ts';

export interface Reading {
  readonly config: SepaConfig;
  readonly payouts: ReadonlyMap<string, Payout>;
  /** What stood in which message. */
  readonly plans: readonly Plan[];
  readonly remarks: string[];
  readonly replies: Reply[];
  /** Replies as texts: the same said twice is said once. */
  readonly said: Set<string>;
}

export function say({ replies, said }: Reading, payout: PayoutId, outcome: Outcome): void {
  const key = payout + JSON.stringify(outcome);
  if (!said.has(key)) replies.push({ payout, outcome });
  said.add(key);
}

/** `undefined`, with a remark, when the bank speaks of no payout of ours or of another amount. */
export function payoutOf({ payouts, remarks }: Reading, id: string, micros: number | undefined): Payout | undefined {
  const payout = payouts.get(id);
  if (payout === undefined) {
    remarks.push(`payout ${id.slice(0, 40)}: not one that this hub waits for`);
    return undefined;
  }
  if (micros === undefined || micros === payout.amountMicros) return payout;
  remarks.push(`payout ${id}: expected ${eurosOf(payout.amountMicros)} EUR, the bank says ${eurosOf(micros)}`);
  return undefined;
}
