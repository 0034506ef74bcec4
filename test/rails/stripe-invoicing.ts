// Stripe's invoices, as its reference describes them, as far as the rail goes: a draft takes items, finalising makes it open with a payment of its own, paying it happens once, voiding ends it. In: requests. Out:
// answers; what is paid is charged by the server.

import type { Answered, Asked } from './faulty-server.ts';
import type { Form, Thing } from './stripe-things.ts';
import { failed, invalid, listed, metadataOf, missing, ok } from './stripe-things.ts';

interface Invoicing {
  readonly invoices: Thing[];
  readonly items: Thing[];
  readonly route: (asked: Asked, form: Form) => Answered | undefined;
}

interface Till {
  readonly nowMs: () => number;
  /** A payment that nobody has tried yet. */
  readonly intent: (form: Form) => Thing;
  /** The error, where it is declined. */
  readonly charge: (intent: Thing, method: string) => object | undefined;
  readonly isGone: (target: string) => boolean;
}

export function invoicing({ nowMs, intent, charge, isGone }: Till): Invoicing {
  const invoices: Thing[] = [];
  const items: Thing[] = [];
  const payments = new Map<string, Thing>();
  const itemsOf = (id: string): Thing[] => items.filter((one) => one.invoice === id);
  const shown = (invoice: Thing): Answered => {
    const total = itemsOf(invoice.id).reduce((sum, { amount }) => sum + amount, 0);
    return ok(Object.assign(invoice, { total, amount_due: total }));
  };

  function create(form: Form): Answered {
    const { customer = '', currency = '', default_payment_method: method = '' } = form;
    if (isGone(customer)) return missing(`customer: '${customer}'`);
    if (form.pending_invoice_items_behavior !== 'exclude' || form.auto_advance !== 'false')
      return invalid('this server wants it said');
    const made = {
      id: `in_${invoices.length}`,
      object: 'invoice',
      amount: 0,
      currency,
      customer,
      default_payment_method: method,
      status: 'draft',
    };
    const invoice: Thing = {
      ...made,
      created: Math.floor(nowMs() / 1000),
      metadata: metadataOf(form),
      description: form.description,
    };
    invoices.push(invoice);
    return shown(invoice);
  }

  function add(form: Form): Answered {
    const invoice = invoices.find(({ id }) => id === form.invoice);
    if (invoice?.status !== 'draft') return invalid('You can only add items to draft invoices');
    if (itemsOf(invoice.id).length === 250) return invalid('at most 250 items');
    const amount = Number(form.amount);
    const made = { id: `ii_${items.length}`, amount, currency: form.currency ?? '', created: 0, metadata: metadataOf(form) };
    items.push({ ...made, invoice: invoice.id, description: form.description });
    return ok({ object: 'invoiceitem', ...items.at(-1) });
  }

  function finalize(invoice: Thing): Answered {
    if (invoice.status !== 'draft')
      return failed(400, { type: 'invalid_request_error', code: 'invoice_not_editable', message: 'finalized' });
    if (itemsOf(invoice.id).length === 0) return invalid('nothing to invoice');
    shown(invoice);
    const payment = intent({ amount: String(invoice.total), currency: invoice.currency, customer: String(invoice.customer) });
    payments.set(invoice.id, payment);
    invoice.status = 'open';
    return shown(invoice);
  }

  function pay(invoice: Thing, form: Form): Answered {
    if (invoice.status !== 'open') return invalid(`Invoice is already ${String(invoice.status)}`);
    const payment = payments.get(invoice.id) as Thing;
    if (payment.status === 'processing') return invalid('a payment is processing');
    const method = form.payment_method ?? String(invoice.default_payment_method);
    if (isGone(method)) return missing(`PaymentMethod: '${method}'`);
    const error = charge(payment, method);
    if (error !== undefined) return failed(402, error);
    return shown(refreshed(invoice));
  }

  /** One whose payment has come through since is paid. */
  function refreshed(invoice: Thing): Thing {
    if (invoice.status === 'open' && payments.get(invoice.id)?.status === 'succeeded') invoice.status = 'paid';
    return invoice;
  }

  function end(invoice: Thing): Answered {
    const payment = payments.get(invoice.id);
    if (!['open', 'uncollectible'].includes(invoice.status ?? '') || payment?.status === 'processing')
      return invalid("You can only pass in open invoices. This invoice isn't open.");
    invoice.status = 'void';
    if (payment !== undefined) payment.status = 'canceled';
    return shown(invoice);
  }

  function paymentsOf(id: string | undefined): Answered {
    const payment = payments.get(id ?? '');
    const data =
      payment === undefined
        ? []
        : [{ id: `inpay_${payment.id}`, is_default: true, payment: { type: 'payment_intent', payment_intent: payment.id } }];
    return ok({ object: 'list', data, has_more: false });
  }

  function one(asked: Asked, form: Form, id: string, verb: string | undefined): Answered {
    const invoice = invoices.find((each) => each.id === id);
    if (invoice === undefined) return missing('invoice');
    refreshed(invoice);
    if (verb === 'lines') return listed(itemsOf(id), form);
    if (asked.method === 'GET') return shown(invoice);
    const ways: Readonly<Record<string, () => Answered>> = {
      finalize: () => finalize(invoice),
      pay: () => pay(invoice, form),
      void: () => end(invoice),
    };
    return ways[verb ?? '']?.() ?? invalid('Unrecognized request URL');
  }

  return {
    invoices,
    items,
    route(asked, form) {
      const [, resource = '', id, verb] = /^\/v1\/(\w+)(?:\/(\w+))?(?:\/(\w+))?$/.exec(asked.url.pathname) ?? [];
      if (resource === 'invoiceitems') return add(form);
      if (resource === 'invoice_payments') return paymentsOf(form.invoice);
      if (resource !== 'invoices') return undefined;
      if (id !== undefined) return one(asked, form, id, verb);
      return asked.method === 'POST'
        ? create(form)
        : listed(
            invoices.filter(({ customer }) => customer === form.customer),
            form,
          );
    },
  };
}
