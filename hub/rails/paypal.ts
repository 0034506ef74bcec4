// The rail of PayPal Payouts: the operator pays payees who have, or will open, an account there. In: payouts. Out: what PayPal says of each. Each payout is a PayPal
// batch of one item whose `sender_batch_id` is the payout's id: PayPal takes such an id once in 30 days and names the first batch to whoever comes
// again. It does not promise that for items of one batch, so batches of many are not made. After 29 days without an answer it never asks again.

import { z } from 'zod';
import type { Attempts, RailWorld } from './attempts.ts';
import { assertMovable, pollEach, submitEach } from './attempts.ts';
import { jsonOf } from './exchange.ts';
import { decimalTextOf, microsOfText, PAYPAL_CURRENCIES, paypalUnitOf } from './minor-units.ts';
import type { PaypalAccess } from './paypal-access.ts';
import { paypalAccess } from './paypal-access.ts';
import type { Destination, FeeModel, Outcome, Payout, PayoutId, Rail, RailMemory } from './rail.ts';
import { RailUnavailable } from './rail.ts';
import type { Secret } from './secret.ts';

export interface PaypalOptions {
  readonly url: string;
  readonly clientId: Secret;
  readonly clientSecret: Secret;
  readonly currencies: readonly string[];
  readonly fee: FeeModel;
  readonly maxMicros: number;
  readonly timeoutMs: number;
  /** The subject of the mail that PayPal sends to payees. */
  readonly subject: string;
}

/** A day less than PayPal remembers ids for. */
const REMEMBERED_MS = 29 * 86_400_000;

const itemSchema = z.object({
  payout_item_id: z.string(),
  transaction_status: z.string().optional(),
  payout_item_fee: z.object({ value: z.string() }).optional(),
  errors: z.object({ name: z.string() }).optional(),
});
const batchSchema = z.object({
  batch_header: z.object({ payout_batch_id: z.string().regex(/^[A-Z0-9]{1,64}$/), batch_status: z.string().optional() }),
  items: z.array(itemSchema).optional(),
});
const linkSchema = z.object({ href: z.string(), rel: z.string().optional() });
const errorSchema = z.object({
  name: z.string(),
  details: z
    .array(z.object({ field: z.string().optional(), issue: z.string().optional(), link: z.array(linkSchema).optional() }))
    .optional(),
  links: z.array(linkSchema).optional(),
});
type PaypalError = z.infer<typeof errorSchema>;

export function paypalRail(options: PaypalOptions, world: RailWorld): Rail {
  const access = paypalAccess(options, world);
  const rail: Rail = {
    name: 'paypal',
    directions: ['pay'],
    fee: options.fee,
    maxMicros: options.maxMicros,
    unitMicros: (currency) =>
      options.currencies.includes(currency) && PAYPAL_CURRENCIES.includes(currency)
        ? paypalUnitOf(currency).unitMicros
        : undefined,
    destinationOf,
    async submit(payouts, memory) {
      assertMovable(rail, payouts);
      return submitEach(payouts, memory, world, (payout, before) => send(payout, before, memory));
    },
    async poll(payouts, memory) {
      return pollEach(payouts, memory, async (payout) => {
        const batch = memory.get(batchKey(payout.id));
        return batch === undefined ? undefined : statusOf(access, batch);
      });
    },
  };

  async function send(payout: Payout, before: Attempts, memory: RailMemory): Promise<Outcome> {
    const known = memory.get(batchKey(payout.id));
    if (known !== undefined) return statusOf(access, known);
    if (before.tries > 0 && world.nowMs() - before.firstAtMs > REMEMBERED_MS) {
      throw new RailUnavailable(
        `paypal: payout ${payout.id} had no answer for 29 days and is not sent again; look for its id among PayPal's batches`,
      );
    }
    const answer = await access.call('POST', '/v1/payments/payouts', requestOf(payout, options.subject));
    if (answer.status === 200 || answer.status === 201) return accepted(payout, jsonOf(answer), memory);
    const error = errorSchema.safeParse(jsonOf(answer)).data;
    if (answer.status < 400 || answer.status >= 500 || error === undefined)
      throw new RailUnavailable(`paypal: answered ${answer.status}`);
    return refused(payout, error, memory);
  }

  function accepted(payout: Payout, json: unknown, memory: RailMemory): Outcome {
    const made = batchSchema.safeParse(json).data;
    if (made === undefined) throw new RailUnavailable('paypal: answered with something else than a batch');
    memory.put(batchKey(payout.id), made.batch_header.payout_batch_id);
    return { kind: 'accepted', reference: made.batch_header.payout_batch_id };
  }

  async function refused(payout: Payout, error: PaypalError, memory: RailMemory): Promise<Outcome> {
    const details = error.details ?? [];
    if (details.some(({ field, issue }) => field === 'SENDER_BATCH_ID' || /sender_batch_id|duplicate batch/i.test(issue ?? ''))) {
      const first = batchOf([...(error.links ?? []), ...details.flatMap(({ link }) => link ?? [])]);
      if (first === undefined) throw new RailUnavailable('paypal: has this payout already and does not say as which batch');
      memory.put(batchKey(payout.id), first);
      return statusOf(access, first);
    }
    const why = [error.name, ...details.map(({ issue }) => issue)].filter((part) => part !== undefined).join(', ');
    if (error.name !== 'VALIDATION_ERROR') throw new RailUnavailable(`paypal: refused for now (${why})`);
    return { kind: 'rejected', why: `PayPal: ${why}` };
  }

  return rail;
}

const batchKey = (id: PayoutId): string => `batch:${id}`;

function batchOf(links: readonly { readonly href: string }[]): string | undefined {
  return links.map(({ href }) => /\/payments\/payouts\/([A-Z0-9]{1,64})(?:\?|$)/.exec(href)?.[1]).find((id) => id !== undefined);
}

function requestOf(payout: Payout, subject: string): object {
  const { type, receiver } = payout.destination;
  const amount = { value: decimalTextOf(payout.amountMicros, paypalUnitOf(payout.currency)), currency: payout.currency };
  return {
    sender_batch_header: { sender_batch_id: payout.id, email_subject: subject },
    items: [{ recipient_type: type, receiver, amount, sender_item_id: payout.id }],
  };
}

async function statusOf(access: PaypalAccess, batch: string): Promise<Outcome> {
  const answer = await access.call('GET', `/v1/payments/payouts/${batch}`);
  const found = batchSchema.safeParse(answer.status === 200 ? jsonOf(answer) : undefined).data;
  if (found === undefined) throw new RailUnavailable(`paypal: answered ${answer.status} when asked for batch ${batch}`);
  const [item] = found.items ?? [];
  if (item === undefined && found.batch_header.batch_status === 'DENIED') return { kind: 'rejected', why: 'PayPal: DENIED' };
  return itemOutcome(batch, item);
}

/** What we do not know, we wait for. A payee has 30 days for what is UNCLAIMED; RETURNED means that it was not claimed, so that nothing has moved. */
function itemOutcome(batch: string, item: z.infer<typeof itemSchema> | undefined): Outcome {
  const status = item?.transaction_status;
  const why = `PayPal: ${[status, item?.errors?.name].filter((part) => part !== undefined).join(', ')}`;
  if (item === undefined) return { kind: 'accepted', reference: batch };
  if (status === 'SUCCESS') {
    const feeMicros = microsOfText(item.payout_item_fee?.value ?? '');
    return { kind: 'settled', reference: item.payout_item_id, ...(feeMicros === undefined ? {} : { feeMicros }) };
  }
  if (status === 'FAILED' || status === 'BLOCKED' || status === 'RETURNED' || status === 'DENIED')
    return { kind: 'rejected', why };
  if (status === 'REVERSED' || status === 'REFUNDED') return { kind: 'reversed', reference: item.payout_item_id, why };
  return { kind: 'accepted', reference: batch };
}

/** A mail address, a phone number, or the payee's own number at PayPal, which does not change when the address does. */
function destinationOf(particulars: Readonly<Record<string, string>>): Destination | string {
  const { paypalReceiver: receiver = '' } = particulars;
  if (/^[A-Z0-9]{13}$/.test(receiver)) return { type: 'PAYPAL_ID', receiver };
  if (/^\+[1-9]\d{6,14}$/.test(receiver)) return { type: 'PHONE', receiver };
  if (receiver.length <= 127 && z.email().safeParse(receiver).success) return { type: 'EMAIL', receiver };
  const got = receiver === '' ? 'none' : `"${receiver}"`;
  return `paypalReceiver: expected a mail address, a number such as +4930123456, or the 13 letters and digits of a PayPal account, got ${got}`;
}

/** Asks for a batch that there is not. */
export async function probePaypal(options: PaypalOptions, world: RailWorld): Promise<string> {
  const { status } = await paypalAccess(options, world).call('GET', '/v1/payments/payouts/NOSUCHBATCH');
  if (status !== 404) throw new RailUnavailable(`paypal: expected 404 for a batch that there is not, got ${status}`);
  return 'the client is taken, and may look at payouts';
}
