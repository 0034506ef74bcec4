// A collection by Stripe as an invoice: one per payer and batch, with an item for each device and payee, finalised and charged at once without the payer. In: payouts and their parts. Out: what has become
// of the invoice. It goes on where it stands at Stripe: what is missing of a draft is added, and only an invoice over exactly the payout's amount is finalised and paid. Finalising, paying and
// voiding need no idempotency key: an invoice's state lets each happen once. One that was declined is voided before it counts as refused, so that nobody pays it another day.

import Stripe from 'stripe';
import type { z } from 'zod';
import { minorOf, stripeUnitOf } from './minor-units.ts';
import type { Outcome, Payout, RailMemory } from './rail.ts';
import { RailUnavailable } from './rail.ts';
import type { Intent, Invoice } from './stripe-answers.ts';
import { checked, checkedList, intentSchema, invoiceLineSchema, invoicePaymentSchema, invoiceSchema } from './stripe-answers.ts';
import { declineOf, INTENT_EXPAND, paidOutcome } from './stripe-collect.ts';
import type { InvoiceItem } from './stripe-invoice-items.ts';
import { itemsOf } from './stripe-invoice-items.ts';
import type { Refusal, StripeWay } from './stripe-way.ts';
import { answered, objectKey, refusalOf } from './stripe-way.ts';

const DAY_SECONDS = 86_400;
const PAGE = 100;

export function invoices(client: Stripe): StripeWay {
  return {
    async submit(payout, { before, memory, partsOf }) {
      const there = before.tries === 0 ? undefined : await answered(() => known(client, payout, memory));
      const invoice = there ?? (await drafted(client, payout));
      if ('kind' in invoice) return invoice;
      memory.put(objectKey(payout.id), invoice.id);
      const items = itemsOf(payout, partsOf(payout));
      if (invoice.status === 'draft') await answered(() => complete(client, invoice, payout, items, before.tries > 0));
      return answered(() => brought(client, payout, memory));
    },
    async poll(payout, memory) {
      const invoice = await answered(() => known(client, payout, memory));
      return invoice === undefined ? undefined : answered(() => standing(client, invoice, payout));
    },
  };
}

const keyOf = (payout: Payout, what: string): { idempotencyKey: string } => ({
  idempotencyKey: `tallystick-${what}-${payout.id}`,
});

/** Refused for good is only what was never begun: a draft that Stripe does not let us complete waits for a person. */
async function drafted(client: Stripe, payout: Payout): Promise<Invoice | Refusal> {
  try {
    return checked(invoiceSchema, await client.invoices.create(paramsOf(payout), keyOf(payout, 'invoice')));
  } catch (error) {
    return refusalOf(error);
  }
}

/** By the memory's reference, or by what stands in it. */
async function known(client: Stripe, payout: Payout, memory: RailMemory): Promise<Invoice | undefined> {
  const reference = memory.get(objectKey(payout.id));
  if (reference !== undefined) return assertSame(checked(invoiceSchema, await client.invoices.retrieve(reference)), payout);
  const since = { customer: payout.destination.customer ?? '', created: { gte: payout.createdAtSeconds - DAY_SECONDS } };
  for await (const invoice of each(invoiceSchema, (page) => client.invoices.list({ ...since, ...page })))
    if (invoice.metadata?.tallystick_payout === payout.id) return assertSame(invoice, payout);
  return undefined;
}

/** Adds the items that it lacks, and finalises it. */
async function complete(
  client: Stripe,
  { id }: Invoice,
  payout: Payout,
  items: readonly InvoiceItem[],
  isOld: boolean,
): Promise<void> {
  const there = new Set<string | undefined>();
  if (isOld)
    for await (const { metadata } of each(invoiceLineSchema, (page) => client.invoices.listLineItems(id, page)))
      there.add(metadata.tallystick_item);
  const { customer = '' } = payout.destination;
  const common = { invoice: id, customer, currency: payout.currency.toLowerCase(), discountable: false };
  for (const [at, { description, minor }] of items.entries()) {
    if (there.has(String(at))) continue;
    const metadata = { tallystick_payout: payout.id, tallystick_item: String(at) };
    await client.invoiceItems.create({ ...common, amount: minor, description, metadata }, keyOf(payout, `item-${at}`));
  }
  const whole = checked(invoiceSchema, await client.invoices.retrieve(id));
  assertAmount(whole, payout);
  if (whole.status === 'draft') await client.invoices.finalizeInvoice(id, { auto_advance: false });
}

/** Paid, unless it has come to its end or is on its way. */
async function brought(client: Stripe, payout: Payout, memory: RailMemory): Promise<Outcome> {
  const invoice = (await known(client, payout, memory)) as Invoice;
  const before = await standing(client, invoice, payout);
  if (before !== undefined || invoice.status !== 'open') return before ?? { kind: 'sent' };
  assertAmount(invoice, payout);
  const { method } = payout.destination;
  try {
    await client.invoices.pay(invoice.id, { off_session: true, ...(method === undefined ? {} : { payment_method: method }) });
  } catch (error) {
    const refused = error instanceof Stripe.errors.StripeCardError ? undefined : refusalOf(error);
    if (refused !== undefined) return voided(client, invoice, refused.why);
  }
  const after = assertSame(checked(invoiceSchema, await client.invoices.retrieve(invoice.id)), payout);
  return (await standing(client, after, payout)) ?? { kind: 'sent' };
}

/** `undefined`: it is to be gone on with. */
async function standing(client: Stripe, invoice: Invoice, payout: Payout): Promise<Outcome | undefined> {
  const reference = invoice.id;
  switch (invoice.status) {
    case 'paid': {
      const intent = await intentOf(client, invoice);
      return intent === undefined ? { kind: 'settled', reference } : paidOutcome(client, intent, reference);
    }
    case 'void':
      return { kind: 'rejected', why: `Stripe: ${await whyOf(client, invoice)}` };
    case 'open':
    case 'uncollectible':
      return openOutcome(client, invoice);
    case 'draft':
      return undefined;
    default:
      throw new RailUnavailable(`stripe: expected a state of invoice ${reference} for ${payout.id}, got "${invoice.status}"`);
  }
}

async function openOutcome(client: Stripe, invoice: Invoice): Promise<Outcome | undefined> {
  const intent = await intentOf(client, invoice);
  if (intent?.status === 'processing' || intent?.status === 'succeeded') return { kind: 'accepted', reference: invoice.id };
  const declined = intent?.status === 'requires_action' || (intent?.last_payment_error ?? undefined) !== undefined;
  return declined || invoice.status === 'uncollectible'
    ? voided(client, invoice, `Stripe: ${await whyOf(client, invoice)}`)
    : undefined;
}

async function voided(client: Stripe, { id }: Invoice, why: string): Promise<Outcome> {
  const after = checked(invoiceSchema, await client.invoices.voidInvoice(id));
  if (after.status !== 'void') throw new RailUnavailable(`stripe: expected invoice ${id} to be void, got ${after.status}`);
  return { kind: 'rejected', why };
}

async function whyOf(client: Stripe, invoice: Invoice): Promise<string> {
  const intent = await intentOf(client, invoice);
  return intent === undefined ? `the invoice is ${invoice.status}` : declineOf(intent);
}

/** The payment that Stripe has made for the invoice when it was finalised. */
async function intentOf(client: Stripe, { id }: Invoice): Promise<Intent | undefined> {
  const { data } = checkedList(invoicePaymentSchema, await client.invoicePayments.list({ invoice: id, limit: 10 }));
  const reference = (data.find(({ is_default }) => is_default) ?? data[0])?.payment.payment_intent;
  if (reference === undefined || reference === null) return undefined;
  return checked(intentSchema, await client.paymentIntents.retrieve(reference, { expand: INTENT_EXPAND }));
}

function paramsOf({ id, batch, account, currency, destination: { customer = '', method } }: Payout): Stripe.InvoiceCreateParams {
  return {
    customer,
    currency: currency.toLowerCase(),
    collection_method: 'charge_automatically',
    ...(method === undefined ? {} : { default_payment_method: method }),
    // It takes nothing that others have prepared for the customer, and Stripe does nothing with it by itself.
    auto_advance: false,
    pending_invoice_items_behavior: 'exclude',
    discounts: '',
    description: `Usage of ${account}, settled in batch ${batch}`,
    metadata: { tallystick_payout: id, tallystick_batch: batch },
  };
}

function assertSame(invoice: Invoice, payout: Payout): Invoice {
  const { customer = '' } = payout.destination;
  if (
    invoice.customer === customer &&
    invoice.currency === payout.currency.toLowerCase() &&
    invoice.metadata?.tallystick_payout === payout.id
  )
    return invoice;
  throw new RailUnavailable(`stripe: expected invoice ${invoice.id} in ${payout.currency} for ${customer}, got another one`);
}

function assertAmount({ id, total }: Invoice, { amountMicros, currency }: Payout): void {
  const minor = minorOf(amountMicros, stripeUnitOf(currency));
  if (total !== minor)
    throw new RailUnavailable(
      `stripe: expected invoice ${id} over ${minor}, got ${total}; look at what was added to it, or void it`,
    );
}

/** Every object of a list, page by page. */
async function* each<T extends { readonly id: string }>(
  schema: z.ZodType<T>,
  ask: (page: { limit: number; starting_after?: string }) => PromiseLike<unknown>,
): AsyncGenerator<T> {
  for (let page: { limit: number; starting_after?: string } | undefined = { limit: PAGE }; page !== undefined;) {
    const { data, has_more }: { readonly data: readonly T[]; readonly has_more: boolean } = checkedList(schema, await ask(page));
    yield* data;
    const last = data.at(-1);
    page = has_more && last !== undefined ? { limit: PAGE, starting_after: last.id } : undefined;
  }
}
