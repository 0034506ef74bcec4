// A service that takes webhooks as its side should be written: it checks the signature, moves each id once, says what it has done. In: requests. Out: answers, and a ledger of what
// it has moved.

import { HTTP } from 'cloudevents';
import { Webhook } from 'standardwebhooks';
import type { Movement } from './conformance.ts';
import type { Answered, Asked } from './faulty-server.ts';
import type { Serving } from './served.ts';

interface Order {
  readonly payout: string;
  readonly receiver: string;
  readonly currency: string;
  readonly amount: string;
  readonly amountMicros: number;
  readonly direction: 'pay' | 'collect';
}

export interface WebhookReceiver extends Serving {
  readonly moved: Movement[];
  readonly seen: Asked[];
  /** Moves an hour later, and says so only when asked again. */
  slow: boolean;
  /** What it answers instead, for the next requests. */
  readonly instead: Answered[];
  /** Whom it does not pay. */
  readonly strangers: Set<string>;
}

export function webhookReceiver(secret: string): WebhookReceiver {
  const orders = new Map<string, Order & { state: string }>();
  const receiver: WebhookReceiver = {
    moved: [],
    seen: [],
    slow: false,
    instead: [],
    strangers: new Set(),
    work() {
      for (const order of orders.values()) if (order.state === 'accepted') move(order);
    },
    moves: (asked) => asked.method === 'POST',
    answer(asked) {
      receiver.seen.push(asked);
      const instead = receiver.instead.shift();
      if (instead !== undefined) return instead;
      if (!isSigned(asked, secret)) return { status: 401, body: '{"error":"signature"}' };
      const event = HTTP.toEvent<Order>({ headers: asked.headers, body: asked.body });
      if (Array.isArray(event) || event.data === undefined) return { status: 400, body: '{}' };
      const order = orders.get(event.data.payout) ?? {
        ...event.data,
        state: receiver.strangers.has(event.data.receiver) ? 'rejected' : 'accepted',
      };
      orders.set(order.payout, order);
      if (order.state === 'accepted' && !receiver.slow) move(order);
      return {
        status: 202,
        body: JSON.stringify({ status: order.state, reference: `order ${order.payout.slice(0, 8)}`, why: 'unknown here' }),
      };
    },
  };

  function move(order: Order & { state: string }): void {
    order.state = 'settled';
    const { direction, receiver: address, currency, amount } = order;
    receiver.moved.push({ direction, address, currency, amountMicros: Math.round(Number(amount) * 1_000_000) });
  }

  return receiver;
}

export function isSigned(asked: Asked, secret: string): boolean {
  const { 'webhook-id': id = '', 'webhook-timestamp': seconds = '', 'webhook-signature': given = '' } = asked.headers;
  const expected = new Webhook(secret).sign(String(id), new Date(Number(seconds) * 1000), asked.body);
  return String(given).split(' ').includes(expected);
}
