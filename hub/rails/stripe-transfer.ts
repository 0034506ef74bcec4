// A payout by Stripe as a transfer from the operator's balance to a connected account. In: payouts. Out: the transfer, which is made at once or not at all. The transfer's group
// is the payout's id, and transfers can be listed by it.

import type Stripe from 'stripe';
import { minorOf, stripeUnitOf } from './minor-units.ts';
import type { Payout } from './rail.ts';
import { RailUnavailable } from './rail.ts';
import type { Found, ObjectWay } from './stripe-way.ts';
import type { Transfer } from './stripe-answers.ts';
import { checked, checkedList, transferSchema } from './stripe-answers.ts';

export function transfers(client: Stripe): ObjectWay {
  return {
    async make(payout) {
      const params = {
        ...termsOf(payout),
        transfer_group: payout.id,
        metadata: { tallystick_payout: payout.id, tallystick_batch: payout.batch },
      };
      return foundOf(
        checked(transferSchema, await client.transfers.create(params, { idempotencyKey: `tallystick-${payout.id}` })),
        payout,
      );
    },
    async find(payout) {
      const [transfer] = checkedList(transferSchema, await client.transfers.list({ transfer_group: payout.id, limit: 2 })).data;
      return transfer === undefined ? undefined : foundOf(transfer, payout);
    },
    retrieve: async (reference, payout) => foundOf(checked(transferSchema, await client.transfers.retrieve(reference)), payout),
  };
}

function termsOf({ amountMicros, currency, destination }: Payout): { amount: number; currency: string; destination: string } {
  return {
    amount: minorOf(amountMicros, stripeUnitOf(currency)),
    currency: currency.toLowerCase(),
    destination: destination.account ?? '',
  };
}

function foundOf(transfer: Transfer, payout: Payout): Found {
  const terms = termsOf(payout);
  if (transfer.amount !== terms.amount || transfer.currency !== terms.currency || transfer.destination !== terms.destination) {
    throw new RailUnavailable(
      `stripe: expected transfer ${transfer.id} of ${terms.amount} ${terms.currency} to ${terms.destination}, got another one`,
    );
  }
  const reference = transfer.id;
  // One that is reversed in part is still settled: what came back of it is the operator's to book.
  if (transfer.reversed) return { reference, outcome: { kind: 'reversed', reference, why: 'Stripe: the transfer was reversed' } };
  return { reference, outcome: { kind: 'settled', reference } };
}
