// Stripe's meters, as its reference describes them, as far as the rail goes: events are taken at once and counted later, identifiers are known for a day, and only sums can be read. In: requests. Out: answers, and
// what was counted.

import type { Answered, Asked } from './faulty-server.ts';
import type { Form } from './stripe-things.ts';
import { failed, invalid, missing, ok } from './stripe-things.ts';

const DAY_MS = 86_400_000;

export interface MeterEvent {
  readonly name: string;
  readonly identifier: string;
  readonly customer: string;
  readonly value: number;
  readonly atSeconds: number;
  readonly takenAtMs: number;
  isCounted: boolean;
}

export interface Metering {
  readonly meters: Array<{ id: string; event_name: string; formula: string; window: string | null }>;
  readonly events: MeterEvent[];
  /** Those that were taken are counted now; what they are of nobody is dropped. */
  readonly count: () => MeterEvent[];
  readonly route: (asked: Asked, form: Form) => Answered | undefined;
}

export function metering(nowMs: () => number, isGone: (customer: string) => boolean): Metering {
  const meters: Metering['meters'] = [];
  const events: MeterEvent[] = [];

  function take(form: Form): Answered {
    const { event_name: name = '', identifier = '', timestamp = '' } = form;
    if (!meters.some((meter) => meter.event_name === name)) return invalid(`No active meter found for event name ${name}`);
    const value = form['payload[amount]'];
    if (value === undefined || !/^\d+$/.test(value)) return invalid('payload');
    const atSeconds = Number(timestamp);
    if (atSeconds * 1000 > nowMs() + 300_000 || atSeconds * 1000 < nowMs() - 35 * DAY_MS)
      return invalid('The timestamp is out of range');
    if (events.some((event) => event.identifier === identifier && nowMs() - event.takenAtMs < DAY_MS))
      return invalid(`An event already exists with identifier ${identifier}.`);
    const customer = form['payload[stripe_customer_id]'] ?? '';
    events.push({ name, identifier, customer, value: Number(value), atSeconds, takenAtMs: nowMs(), isCounted: false });
    return ok({
      object: 'billing.meter_event',
      event_name: name,
      identifier,
      created: Math.floor(nowMs() / 1000),
      livemode: false,
    });
  }

  function summaries(id: string, form: Form): Answered {
    const meter = meters.find((one) => one.id === id);
    const [from, to] = [Number(form.start_time), Number(form.end_time)];
    if (meter === undefined || from % 60 !== 0 || to % 60 !== 0)
      return failed(400, { type: 'invalid_request_error', message: 'minutes' });
    const counted = events.filter(
      ({ name, customer, atSeconds, isCounted }) =>
        isCounted && name === meter.event_name && customer === form.customer && atSeconds >= from && atSeconds < to,
    );
    const aggregated_value = counted.reduce((sum, { value }) => sum + value, 0);
    const data =
      counted.length === 0
        ? []
        : [
            {
              id: 'mtrusg_1',
              object: 'billing.meter_event_summary',
              aggregated_value,
              start_time: from,
              end_time: to,
              meter: id,
            },
          ];
    return ok({ object: 'list', data, has_more: false });
  }

  return {
    meters,
    events,
    count() {
      const fresh = events.filter(({ isCounted, customer }) => !isCounted && !isGone(customer));
      for (const event of fresh) event.isCounted = true;
      return fresh;
    },
    route(asked, form) {
      const { pathname } = asked.url;
      const [, customer] = /^\/v1\/customers\/(\w+)$/.exec(pathname) ?? [];
      if (customer !== undefined)
        return isGone(customer) ? missing(`customer: '${customer}'`) : ok({ id: customer, object: 'customer' });
      const [, meter] = /^\/v1\/billing\/meters\/(\w+)\/event_summaries$/.exec(pathname) ?? [];
      if (meter !== undefined) return summaries(meter, form);
      if (pathname === '/v1/billing/meter_events') return take(form);
      if (pathname !== '/v1/billing/meters') return undefined;
      const data = meters.map(({ id, event_name, formula, window }) => ({
        ...{ id, object: 'billing.meter', event_name, event_time_window: window, status: 'active' },
        ...{ default_aggregation: { formula }, customer_mapping: { type: 'by_id', event_payload_key: 'stripe_customer_id' } },
        value_settings: { event_payload_key: 'amount' },
      }));
      return ok({ object: 'list', data, has_more: false });
    },
  };
}
