// Stripe's API as its reference describes it, on this machine, as far as the rail goes: transfers, payment intents, invoices, meters, idempotency keys that keep the first answer for a day, also a bad one, and
// compare what is asked. In: requests. Out: answers, and a ledger of what was paid.

import type { Movement } from './conformance.ts';
import type { Answered, Asked } from './faulty-server.ts';
import type { Serving } from './served.ts';
import { invoicing } from './stripe-invoicing.ts';
import type { Metering } from './stripe-metering.ts';
import { metering } from './stripe-metering.ts';
import type { Form, Thing } from './stripe-things.ts';
import { failed, formOf, listed, metadataOf, missing, ok } from './stripe-things.ts';

const DAY_MS = 86_400_000;
/** What Stripe charges for a unit of any meter. */
export const PRICE_MICROS = 10_000;

interface Kept {
  readonly params: string;
  readonly answer: Answered;
  readonly atMs: number;
}

export interface StripeServer extends Serving {
  readonly moved: Movement[];
  readonly transfers: Thing[];
  readonly intents: Thing[];
  readonly invoices: Thing[];
  readonly items: Thing[];
  readonly metering: Metering;
  /** By payment method or account: what becomes of it. */
  readonly fates: Map<string, 'card_declined' | 'authentication_required' | 'processing' | 'resource_missing'>;
  /** The next execution ends in an error of 500, which is kept under its key; with or without its effect. */
  failNext(withEffect: boolean): void;
  balanceMinor: number;
}

export function stripeServer(nowMs: () => number, key: string): StripeServer {
  const keys = new Map<string, Kept>();
  const isGone = (target: string): boolean => server.fates.get(target) === 'resource_missing';
  const bills = invoicing({ nowMs, intent: intentOf, charge, isGone });
  const meters = metering(nowMs, isGone);
  let failure: { readonly withEffect: boolean } | undefined;

  const server: StripeServer = {
    moved: [],
    transfers: [],
    intents: [],
    invoices: bills.invoices,
    items: bills.items,
    metering: meters,
    fates: new Map(),
    balanceMinor: Number.MAX_SAFE_INTEGER,
    failNext: (withEffect) => void (failure = { withEffect }),
    work() {
      for (const intent of server.intents.filter(({ status }) => status === 'processing')) succeed(intent);
      for (const { customer, value } of meters.count())
        server.moved.push({ direction: 'collect', address: customer, currency: 'EUR', amountMicros: value * PRICE_MICROS });
    },
    moves: (asked) => asked.method === 'POST',
    answer(asked) {
      if (asked.headers.authorization !== `Bearer ${key}`)
        return failed(401, { type: 'invalid_request_error', message: `Invalid API Key provided: ${key.slice(0, 6)}` });
      const form = formOf(asked);
      const name = asked.headers['idempotency-key'];
      return asked.method === 'POST' && typeof name === 'string' ? once(name, asked, form) : route(asked, form);
    },
  };

  function once(name: string, asked: Asked, form: Form): Answered {
    const kept = keys.get(name);
    if (kept !== undefined && nowMs() - kept.atMs < DAY_MS) {
      if (kept.params === asked.url.pathname + asked.body) return { ...kept.answer, headers: { 'idempotent-replayed': 'true' } };
      return failed(400, {
        type: 'idempotency_error',
        message: 'Keys for idempotent requests can only be used with the same parameters.',
      });
    }
    const invalid = invalidity(asked, form);
    if (invalid !== undefined) return invalid;
    const broken = failure;
    failure = undefined;
    const answer = broken?.withEffect === false ? undefined : route(asked, form);
    const kept500 = failed(500, { type: 'api_error', message: 'An error occurred.' });
    const given = broken === undefined ? (answer as Answered) : kept500;
    keys.set(name, { params: asked.url.pathname + asked.body, answer: given, atMs: nowMs() });
    return given;
  }

  /** Found before the execution begins, and kept under no key. */
  function invalidity(asked: Asked, form: Form): Answered | undefined {
    const target = form.destination ?? form.payment_method ?? '';
    if (server.fates.get(target) === 'resource_missing') {
      return failed(400, {
        type: 'invalid_request_error',
        code: 'resource_missing',
        message: `No such object: '${target}'`,
        param: 'destination',
      });
    }
    if (!/\/(?:transfers|payment_intents|invoiceitems)$/.test(asked.url.pathname)) return undefined;
    return /^(?:0|[1-9]\d{0,7})$/.test(form.amount ?? '')
      ? undefined
      : failed(400, { type: 'invalid_request_error', code: 'parameter_invalid_integer', message: 'Invalid integer' });
  }

  function route(asked: Asked, form: Form): Answered {
    const [, resource = '', id, verb] = /^\/v1\/(\w+)(?:\/(\w+))?(?:\/(\w+))?$/.exec(asked.url.pathname) ?? [];
    const billed = bills.route(asked, form) ?? meters.route(asked, form);
    if (billed !== undefined) return billed;
    if (resource === 'transfers')
      return asked.method === 'POST' ? transfer(form) : read(server.transfers, id, form, 'transfer_group');
    if (resource === 'payment_intents' && verb === 'cancel') return cancel(id);
    if (resource === 'payment_intents') return asked.method === 'POST' ? pay(form) : read(server.intents, id, form, 'customer');
    if (resource === 'disputes')
      return ok({
        object: 'list',
        data: server.intents.filter((one) => one.id === form.payment_intent && one.lost === true).map(() => ({ status: 'lost' })),
        has_more: false,
      });
    if (resource === 'balance') return ok({ object: 'balance', available: [{ amount: server.balanceMinor, currency: 'eur' }] });
    return failed(404, { type: 'invalid_request_error', message: 'Unrecognized request URL' });
  }

  function transfer(form: Form): Answered {
    const made = {
      ...thingOf('tr', form),
      object: 'transfer',
      destination: form.destination,
      transfer_group: form.transfer_group,
      reversed: false,
    };
    if (made.amount > server.balanceMinor)
      return failed(400, {
        type: 'invalid_request_error',
        code: 'balance_insufficient',
        message: 'You have insufficient funds in your Stripe account.',
      });
    server.balanceMinor -= made.amount;
    server.transfers.push(made);
    record('pay', form.destination ?? '', made);
    return ok(made);
  }

  function pay(form: Form): Answered {
    const intent = intentOf(form);
    const error = charge(intent, form.payment_method ?? '');
    return error === undefined ? ok(intent) : failed(402, error);
  }

  function intentOf(form: Form): Thing {
    const { customer = '', payment_method: method = '' } = form;
    const made = { object: 'payment_intent', customer, payment_method: method, status: 'requires_payment_method' };
    const intent: Thing = { ...thingOf('pi', form), ...made, last_payment_error: null, latest_charge: null };
    server.intents.push(intent);
    return intent;
  }

  /** The error, where the payment is declined. */
  function charge(intent: Thing, method: string): object | undefined {
    const fate = server.fates.get(method);
    if (fate === 'processing') intent.status = 'processing';
    else if (fate === undefined) succeed(intent);
    else {
      const why = { decline_code: 'insufficient_funds', message: 'Your card was declined.' };
      intent.status = 'requires_payment_method';
      intent.last_payment_error = { type: 'card_error', code: fate, ...why };
      return { ...(intent.last_payment_error as object), payment_intent: intent };
    }
    return undefined;
  }

  function cancel(id: string | undefined): Answered {
    const intent = server.intents.find((one) => one.id === id);
    if (intent === undefined)
      return failed(404, { type: 'invalid_request_error', code: 'resource_missing', message: 'No such payment_intent' });
    if (intent.status === 'succeeded')
      return failed(400, {
        type: 'invalid_request_error',
        code: 'payment_intent_unexpected_state',
        message: 'already succeeded',
      });
    intent.status = 'canceled';
    return ok(intent);
  }

  function succeed(intent: Thing): void {
    intent.status = 'succeeded';
    const fee = Math.ceil(intent.amount * 0.015) + 25;
    intent.latest_charge = {
      object: 'charge',
      refunded: false,
      disputed: false,
      balance_transaction: { object: 'balance_transaction', fee, currency: intent.currency },
    };
    record('collect', String(intent.customer), intent);
  }

  function record(direction: Movement['direction'], address: string, { amount, currency }: Thing): void {
    server.moved.push({ direction, address, currency: currency.toUpperCase(), amountMicros: amount * 10_000 });
  }

  function thingOf(prefix: string, form: Form): Thing {
    const number = server.transfers.length + server.intents.length;
    return {
      id: `${prefix}_${number}`,
      amount: Number(form.amount),
      currency: form.currency ?? '',
      created: Math.floor(nowMs() / 1000),
      metadata: metadataOf(form),
    };
  }

  return server;
}

function read(things: readonly Thing[], id: string | undefined, form: Form, by: string): Answered {
  if (id === undefined)
    return listed(
      things.filter((one) => one[by] === form[by]),
      form,
    );
  const thing = things.find((one) => one.id === id);
  return thing === undefined ? missing('object') : ok(thing);
}
