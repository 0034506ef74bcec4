// The rail of Stripe: `pay` is a transfer to a connected account; `collect` a payment by a card or mandate that the payer has left with the operator, an invoice over it, or usage for Stripe to
// price. In: payouts. Out: what Stripe says of each. The payout's id is the idempotency key and stands in the object, because Stripe forgets keys after a day: so before anything is
// asked for again, it looks for what may be there already.

import { z } from 'zod';
import type { RailWorld } from './attempts.ts';
import { assertMovable, pollEach, submitEach } from './attempts.ts';
import { stripeUnitOf } from './minor-units.ts';
import type { Destination, Direction, FeeModel, Payout, Rail } from './rail.ts';
import { RailUnavailable } from './rail.ts';
import type { Secret } from './secret.ts';
import { stripeClient } from './stripe-client.ts';
import type { CollectBy } from './stripe-collect-by.ts';
import { COLLECT_BY } from './stripe-collect-by.ts';
import { collections } from './stripe-collect.ts';
import { invoices } from './stripe-invoice.ts';
import { activeMeters, meterEvents } from './stripe-meter.ts';
import { transfers } from './stripe-transfer.ts';
import type { StripeWay } from './stripe-way.ts';
import { wayByObject } from './stripe-way.ts';

export interface StripeOptions {
  readonly secretKey: Secret;
  /** Stripe's own, unless said. */
  readonly url?: string | undefined;
  readonly directions: readonly Direction[];
  readonly collectBy: CollectBy;
  /** For meter events: by unit of the tariffs, the name of the meter's events. */
  readonly meters: Readonly<Record<string, string>>;
  readonly currencies: readonly string[];
  readonly fee: FeeModel;
  readonly maxMicros: number;
  readonly timeoutMs: number;
}

export function stripeRail(options: StripeOptions, world: RailWorld): Rail {
  const client = stripeClient(options);
  const paying = wayByObject(transfers(client));
  const collecting: Readonly<Record<CollectBy, StripeWay>> = {
    payments: wayByObject(collections(client)),
    invoices: invoices(client),
    'meter-events': meterEvents(client, options.meters, world),
  };
  // By what was frozen with the payout: one that began as a payment must not go on as an invoice when the configuration has changed.
  const wayOf = ({ direction, destination }: Payout): StripeWay =>
    direction === 'pay' ? paying : collecting[COLLECT_BY.find((by) => by === destination.by) ?? 'payments'];
  const rail: Rail = {
    name: 'stripe',
    directions: options.directions,
    fee: options.fee,
    maxMicros: options.maxMicros,
    unitMicros: (currency) => (options.currencies.includes(currency) ? stripeUnitOf(currency).unitMicros : undefined),
    destinationOf: (particulars, direction) => destinationOf(particulars, direction === 'pay' ? 'pay' : options.collectBy),
    async submit(payouts, memory, partsOf = () => []) {
      assertMovable(rail, payouts);
      return submitEach(payouts, memory, world, (payout, before) => wayOf(payout).submit(payout, { before, memory, partsOf }));
    },
    async poll(payouts, memory) {
      return pollEach(payouts, memory, (payout) => wayOf(payout).poll(payout, memory));
    },
  };
  return rail;
}

function destinationOf(particulars: Readonly<Record<string, string>>, by: 'pay' | CollectBy): Destination | string {
  const { stripeAccount = '', stripeCustomer: customer = '', stripePaymentMethod: method = '' } = particulars;
  if (by === 'pay') {
    if (/^acct_[A-Za-z0-9]{1,64}$/.test(stripeAccount)) return { account: stripeAccount };
    return `stripeAccount: expected a connected account such as acct_1032D82eZvKYlo2C, got ${said(stripeAccount)}`;
  }
  if (!/^cus_[A-Za-z0-9]{1,64}$/.test(customer)) {
    return `stripeCustomer: expected a customer such as cus_9s6XKzkNRiz8i3, got ${said(customer)}`;
  }
  if (by === 'meter-events' || (by === 'invoices' && method === '')) return { customer, by };
  if (!(by === 'invoices' ? /^pm_[A-Za-z0-9]{1,64}$/ : /^(?:pm|card|src|ba)_[A-Za-z0-9]{1,64}$/).test(method)) {
    return `stripePaymentMethod: expected a saved payment method such as pm_1MqLiJLkdIwHu7ix, got ${said(method)}`;
  }
  return by === 'payments' ? { customer, method } : { customer, method, by };
}

const said = (text: string): string => (text === '' ? 'none' : `"${text}"`);

/** Looks at the balance, and at the meters that usage would go to. */
export async function probeStripe(options: StripeOptions): Promise<string> {
  const client = stripeClient(options);
  const answer = await client.balance.retrieve().catch((error: unknown) => {
    throw new RailUnavailable(`stripe: ${(error as { type?: string }).type ?? 'no answer'}`);
  });
  const balance = z.object({ available: z.array(z.object({ amount: z.int(), currency: z.string() })) }).safeParse(answer).data;
  if (balance === undefined) throw new RailUnavailable('stripe: answered with something else than a balance');
  const funds = balance.available.map(({ amount, currency }) => `${amount} ${currency}`).join(', ');
  const meters = options.collectBy === 'meter-events' ? [...(await activeMeters(client, options.meters)).keys()] : [];
  const metered = meters.length === 0 ? '' : `; meters are there for ${meters.join(', ')}`;
  return `the key is taken; available: ${funds} (in the smallest units)${metered}`;
}
