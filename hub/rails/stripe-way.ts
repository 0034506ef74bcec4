// The ways in which a payout goes through Stripe, seen alike. In: payouts. Out: what has become of each. Most ways make one object at Stripe per payout, which is found by what is written in it,
// and not by a memory that may be lost.

import Stripe from 'stripe';
import type { Attempts } from './attempts.ts';
import type { Outcome, PartsOf, Payout, PayoutId, RailMemory } from './rail.ts';
import { RailUnavailable } from './rail.ts';

/** What is at hand when a payout is asked for. */
export interface Asking {
  readonly before: Attempts;
  readonly memory: RailMemory;
  readonly partsOf: PartsOf;
}

export interface StripeWay {
  /** Begins with it, or goes on. */
  submit(payout: Payout, asking: Asking): Promise<Outcome>;
  /** Begins nothing. */
  poll(payout: Payout, memory: RailMemory): Promise<Outcome | undefined>;
}

/** A way that makes one object, in one call. */
export interface ObjectWay {
  make(payout: Payout): Promise<Found>;
  find(payout: Payout): Promise<Found | undefined>;
  retrieve(reference: string, payout: Payout): Promise<Found>;
}

export interface Found {
  readonly reference: string;
  readonly outcome: Outcome;
}

export type Refusal = Outcome & { readonly kind: 'rejected' };

/** Where the memory keeps the object's reference. */
export const objectKey = (id: PayoutId): string => `object:${id}`;

export function wayByObject(way: ObjectWay): StripeWay {
  return {
    async submit(payout, { before, memory }) {
      const there = before.tries === 0 ? undefined : await answered(() => way.find(payout));
      try {
        const found = there ?? (await way.make(payout));
        memory.put(objectKey(payout.id), found.reference);
        return found.outcome;
      } catch (error) {
        return refusalOf(error);
      }
    },
    async poll(payout, memory) {
      const reference = memory.get(objectKey(payout.id));
      const found = await answered(() => (reference === undefined ? way.find(payout) : way.retrieve(reference, payout)));
      return found?.outcome;
    },
  };
}

/** What cannot become better by itself: under this id no object was made, nor will be. Anything else that Stripe refuses is waited for. */
const FINAL_CODES = [
  'resource_missing',
  'account_invalid',
  'account_closed',
  'amount_too_small',
  'amount_too_large',
  'insufficient_capabilities_for_transfer',
  'payment_method_unactivated',
  'payment_method_customer_decline',
  'payment_method_unexpected_state',
];

/** Why what was to be made was refused for good; whatever else was thrown is thrown on, as a rail that has not said. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  if (error instanceof Stripe.errors.StripeInvalidRequestError && FINAL_CODES.includes(error.code ?? '')) {
    return { kind: 'rejected', why: `Stripe: ${error.code ?? ''}, ${error.message}` };
  }
  throw unavailable(error);
}

/** When only looking, no refusal says anything about the payout. */
export async function answered<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof Stripe.errors.StripeError ? unavailable(error) : error;
  }
}

/** Stripe's own words only where they cannot hold a part of the key. */
function unavailable(error: Stripe.errors.StripeError): RailUnavailable {
  if (error instanceof Stripe.errors.StripeAuthenticationError || error instanceof Stripe.errors.StripePermissionError) {
    return new RailUnavailable('stripe: refused the secret key; check secretKey and what it is allowed');
  }
  if (error.code === 'balance_insufficient') return new RailUnavailable("stripe: the operator's balance is too low; add funds");
  return new RailUnavailable(`stripe: no usable answer (${error.type}${error.code === undefined ? '' : `, ${error.code}`})`);
}
