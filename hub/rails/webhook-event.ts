// A payout as a message: a CloudEvent in its structured form, with the headers of Standard Webhooks. In: a payout, secrets and the time. Out: body and headers. The body is the same bytes at every
// attempt; the id says which payout it is, and only the time of the attempt is new.

import { CloudEvent, HTTP } from 'cloudevents';
import { Webhook } from 'standardwebhooks';
import { decimalTextOf } from './minor-units.ts';
import type { Payout } from './rail.ts';
import type { Secret } from './secret.ts';

const EVENT_TYPE = 'tallystick.payout.requested';

export function eventOf(payout: Payout, source: string): string {
  const { id, batch, direction, account, currency, amountMicros, destination, createdAtSeconds } = payout;
  const amount = decimalTextOf(amountMicros, { decimals: 6, unitMicros: 1 });
  const event = new CloudEvent({
    id,
    source,
    type: EVENT_TYPE,
    time: new Date(createdAtSeconds * 1000).toISOString(),
    subject: id,
    datacontenttype: 'application/json',
    data: { payout: id, batch, direction, account, receiver: destination.receiver, currency, amount, amountMicros },
  });
  return HTTP.structured(event).body as string;
}

export function signedHeaders(payout: Payout, body: string, secrets: readonly Secret[], nowMs: number): Record<string, string> {
  const id = `payout_${payout.id}`;
  const at = new Date(nowMs);
  return {
    'content-type': 'application/cloudevents+json; charset=utf-8',
    accept: 'application/json',
    'user-agent': 'tallystick',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(nowMs / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret.reveal()).sign(id, at, body)).join(' '),
  };
}
