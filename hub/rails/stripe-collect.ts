// A collection by Stripe as a payment intent that is confirmed at once, without the payer. In: payouts that collect. Out: what has become of the payment. One that was declined or that wants
// the payer's presence is cancelled before it counts as refused: else it could still be paid another day.

import Stripe from 'stripe';
import { minorOf, stripeUnitOf } from './minor-units.ts';
import type { Outcome, Payout } from './rail.ts';
import { RailUnavailable } from './rail.ts';
import type { Intent } from './stripe-answers.ts';
import { checked, checkedList, disputeSchema, intentSchema } from './stripe-answers.ts';
import type { Found, ObjectWay } from './stripe-way.ts';

export const INTENT_EXPAND = ['latest_charge.balance_transaction'];
const DAY_SECONDS = 86_400;

export function collections(client: Stripe): ObjectWay {
  async function foundOf(intent: Intent, payout: Payout): Promise<Found> {
    assertSame(intent, payout);
    const reference = intent.id;
    switch (intent.status) {
      case 'succeeded':
        return { reference, outcome: await paidOutcome(client, intent, reference) };
      case 'canceled':
        return { reference, outcome: { kind: 'rejected', why: `Stripe: ${declineOf(intent)}` } };
      case 'requires_action':
      case 'requires_confirmation':
      case 'requires_payment_method':
        return cancelled(intent, payout);
      default:
        return { reference, outcome: { kind: 'accepted', reference } };
    }
  }

  async function cancelled(intent: Intent, payout: Payout): Promise<Found> {
    const after = checked(intentSchema, await client.paymentIntents.cancel(intent.id));
    if (after.status !== 'canceled')
      throw new RailUnavailable(`stripe: expected ${intent.id} to be canceled, got ${after.status}`);
    return foundOf({ ...after, last_payment_error: after.last_payment_error ?? intent.last_payment_error }, payout);
  }

  const retrieve: ObjectWay['retrieve'] = async (reference, payout) =>
    foundOf(checked(intentSchema, await client.paymentIntents.retrieve(reference, { expand: INTENT_EXPAND })), payout);

  return {
    retrieve,
    async make(payout) {
      try {
        const answer = await client.paymentIntents.create(paramsOf(payout), { idempotencyKey: `tallystick-${payout.id}` });
        return await foundOf(checked(intentSchema, answer), payout);
      } catch (error) {
        const declined = error instanceof Stripe.errors.StripeCardError ? error.payment_intent : undefined;
        if (declined === undefined) throw error;
        return retrieve(declined.id, payout);
      }
    },
    async find(payout) {
      const since = {
        customer: payout.destination.customer ?? '',
        created: { gte: payout.createdAtSeconds - DAY_SECONDS },
        limit: 100,
      };
      const expand = INTENT_EXPAND.map((path) => `data.${path}`);
      for (let after = {}; ;) {
        const { data, has_more } = checkedList(intentSchema, await client.paymentIntents.list({ ...since, ...after, expand }));
        const intent = data.find(({ metadata }) => metadata.tallystick_payout === payout.id);
        if (intent !== undefined) return foundOf(intent, payout);
        const last = data.at(-1);
        if (!has_more || last === undefined) return undefined;
        after = { starting_after: last.id };
      }
    },
  };
}

function paramsOf(payout: Payout): Stripe.PaymentIntentCreateParams {
  const { id, batch, currency, destination } = payout;
  return {
    amount: minorOf(payout.amountMicros, stripeUnitOf(currency)),
    currency: currency.toLowerCase(),
    customer: destination.customer ?? '',
    payment_method: destination.method ?? '',
    off_session: true,
    confirm: true,
    metadata: { tallystick_payout: id, tallystick_batch: batch },
    expand: INTENT_EXPAND,
  };
}

function assertSame(intent: Intent, payout: Payout): void {
  const amount = minorOf(payout.amountMicros, stripeUnitOf(payout.currency));
  if (
    intent.amount !== amount ||
    intent.currency !== payout.currency.toLowerCase() ||
    intent.customer !== payout.destination.customer
  ) {
    throw new RailUnavailable(
      `stripe: expected payment ${intent.id} of ${amount} ${payout.currency} by ${payout.destination.customer ?? ''}, got another one`,
    );
  }
}

/** Of what bears the reference. Refunded in full, or charged back and lost: it came back. */
export async function paidOutcome(client: Stripe, intent: Intent, reference: string): Promise<Outcome> {
  const charge = typeof intent.latest_charge === 'string' ? null : intent.latest_charge;
  if (charge?.refunded === true) return { kind: 'reversed', reference, why: 'Stripe: the payment was refunded' };
  if (charge?.disputed === true) {
    const { data } = checkedList(disputeSchema, await client.disputes.list({ payment_intent: intent.id, limit: 10 }));
    if (data.some(({ status }) => status === 'lost'))
      return { kind: 'reversed', reference, why: 'Stripe: the payment was charged back' };
  }
  const cost = typeof charge?.balance_transaction === 'string' ? null : charge?.balance_transaction;
  if (cost === null || cost === undefined || cost.currency !== intent.currency) return { kind: 'settled', reference };
  const { decimals } = stripeUnitOf(cost.currency.toUpperCase());
  return { kind: 'settled', reference, feeMicros: cost.fee * 10 ** (6 - decimals) };
}

export function declineOf(intent: Intent): string {
  const { code, decline_code } = intent.last_payment_error ?? {};
  return [code ?? intent.cancellation_reason ?? 'canceled', decline_code]
    .filter((part) => part !== undefined && part !== null)
    .join(', ');
}
