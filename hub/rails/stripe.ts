// The rail of Stripe: `pay` is a transfer to a connected account, `collect` a payment by a card or mandate that the payer has left with the operator. In: payouts. Out: what
// Stripe says of each. The payout's id is the idempotency key and stands in the object, because Stripe forgets keys after a day: so before anything is
// asked for again, it looks for what may be there already.

import Stripe from 'stripe';
import { z } from 'zod';
import type { Attempts, RailWorld } from './attempts.ts';
import { assertMovable, pollEach, submitEach } from './attempts.ts';
import { stripeUnitOf } from './minor-units.ts';
import type { Destination, Direction, FeeModel, Outcome, Payout, PayoutId, Rail, RailMemory } from './rail.ts';
import { RailUnavailable } from './rail.ts';
import type { Secret } from './secret.ts';
import { stripeClient } from './stripe-client.ts';
import { collections } from './stripe-collect.ts';
import { transfers } from './stripe-transfer.ts';
import type { StripeWay } from './stripe-way.ts';

export interface StripeOptions {
  readonly secretKey: Secret;
  /** Stripe's own, unless said. */
  readonly url?: string | undefined;
  readonly directions: readonly Direction[];
  readonly currencies: readonly string[];
  readonly fee: FeeModel;
  readonly maxMicros: number;
  readonly timeoutMs: number;
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

export function stripeRail(options: StripeOptions, world: RailWorld): Rail {
  const client = stripeClient(options);
  const ways: Readonly<Record<Direction, StripeWay>> = { pay: transfers(client), collect: collections(client) };
  const rail: Rail = {
    name: 'stripe',
    directions: options.directions,
    fee: options.fee,
    maxMicros: options.maxMicros,
    unitMicros: (currency) => (options.currencies.includes(currency) ? stripeUnitOf(currency).unitMicros : undefined),
    destinationOf,
    async submit(payouts, memory) {
      assertMovable(rail, payouts);
      return submitEach(payouts, memory, world, (payout, before) => send(ways[payout.direction], payout, before, memory));
    },
    async poll(payouts, memory) {
      return pollEach(payouts, memory, (payout) => whatBecame(ways[payout.direction], payout, memory));
    },
  };
  return rail;
}

const objectKey = (id: PayoutId): string => `object:${id}`;

async function send(way: StripeWay, payout: Payout, before: Attempts, memory: RailMemory): Promise<Outcome> {
  const there = before.tries === 0 ? undefined : await answered(() => way.find(payout));
  try {
    const found = there ?? (await way.make(payout));
    memory.put(objectKey(payout.id), found.reference);
    return found.outcome;
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    if (error instanceof Stripe.errors.StripeInvalidRequestError && FINAL_CODES.includes(error.code ?? '')) {
      return { kind: 'rejected', why: `Stripe: ${error.code ?? ''}, ${error.message}` };
    }
    throw unavailable(error);
  }
}

async function whatBecame(way: StripeWay, payout: Payout, memory: RailMemory): Promise<Outcome | undefined> {
  const reference = memory.get(objectKey(payout.id));
  const found = await answered(() => (reference === undefined ? way.find(payout) : way.retrieve(reference, payout)));
  return found?.outcome;
}

/** When only looking, no refusal says anything about the payout. */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
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

function destinationOf(particulars: Readonly<Record<string, string>>, direction: Direction): Destination | string {
  const { stripeAccount = '', stripeCustomer = '', stripePaymentMethod = '' } = particulars;
  if (direction === 'pay') {
    if (/^acct_[A-Za-z0-9]{1,64}$/.test(stripeAccount)) return { account: stripeAccount };
    return `stripeAccount: expected a connected account such as acct_1032D82eZvKYlo2C, got ${said(stripeAccount)}`;
  }
  if (!/^cus_[A-Za-z0-9]{1,64}$/.test(stripeCustomer)) {
    return `stripeCustomer: expected a customer such as cus_9s6XKzkNRiz8i3, got ${said(stripeCustomer)}`;
  }
  if (!/^(?:pm|card|src|ba)_[A-Za-z0-9]{1,64}$/.test(stripePaymentMethod)) {
    return `stripePaymentMethod: expected a saved payment method such as pm_1MqLiJLkdIwHu7ix, got ${said(stripePaymentMethod)}`;
  }
  return { customer: stripeCustomer, method: stripePaymentMethod };
}

const said = (text: string): string => (text === '' ? 'none' : `"${text}"`);

/** Looks at the balance. */
export async function probeStripe(options: StripeOptions): Promise<string> {
  const answer = await stripeClient(options)
    .balance.retrieve()
    .catch((error: unknown) => {
      throw new RailUnavailable(`stripe: ${(error as { type?: string }).type ?? 'no answer'}`);
    });
  const balance = z.object({ available: z.array(z.object({ amount: z.int(), currency: z.string() })) }).safeParse(answer).data;
  if (balance === undefined) throw new RailUnavailable('stripe: answered with something else than a balance');
  return `the key is taken; available: ${balance.available.map(({ amount, currency }) => `${amount} ${currency}`).join(', ')} (in the smallest units)`;
}
