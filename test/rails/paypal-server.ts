// PayPal's Payouts API as its reference describes it, on this machine: tokens, batches of one `sender_batch_id` each for 30 days, items that go from PENDING to their
// end. In: requests. Out: answers, and a ledger of what was paid.

import type { Movement } from './conformance.ts';
import type { Answered, Asked } from './faulty-server.ts';
import type { Serving } from './served.ts';

const REMEMBERED_MS = 30 * 86_400_000;

interface Item {
  readonly recipient_type: string;
  readonly receiver: string;
  readonly amount: { readonly value: string; readonly currency: string };
  readonly sender_item_id: string;
}

interface Batch {
  readonly id: string;
  readonly senderId: string;
  readonly madeAtMs: number;
  readonly item: Item;
  status: string;
}

export interface PaypalServer extends Serving {
  /** What becomes of the items of a receiver, instead of SUCCESS. */
  readonly ends: Map<string, string>;
  setStatus(senderId: string, status: string): void;
  batches(): readonly { readonly senderId: string; readonly status: string }[];
}

export function paypalServer(nowMs: () => number, credentials: string): PaypalServer {
  const batches: Batch[] = [];
  const tokens = new Map<string, number>();
  const moved: Movement[] = [];
  const ends = new Map<string, string>();

  function token(asked: Asked): Answered {
    const basic = `Basic ${Buffer.from(credentials).toString('base64')}`;
    if (asked.headers.authorization !== basic || asked.body !== 'grant_type=client_credentials')
      return json(401, { error: 'invalid_client', error_description: 'Client Authentication failed' });
    const access_token = `A21AA${tokens.size}`;
    tokens.set(access_token, nowMs() + 32_400_000);
    return json(200, { scope: 'payouts', access_token, token_type: 'Bearer', expires_in: 32_400 });
  }

  function create(asked: Asked): Answered {
    const { sender_batch_header: header, items } = JSON.parse(asked.body) as {
      sender_batch_header: { sender_batch_id: string };
      items: Item[];
    };
    const twin = batches.find((one) => one.senderId === header.sender_batch_id && nowMs() - one.madeAtMs < REMEMBERED_MS);
    if (twin !== undefined) return duplicate(twin);
    const [item] = items as [Item];
    const fault = faultOf(item);
    if (fault !== undefined) return json(400, { name: 'VALIDATION_ERROR', debug_id: 'd1', details: [fault] });
    const id = `BATCH${batches.length}`;
    batches.push({ id, senderId: header.sender_batch_id, madeAtMs: nowMs(), item, status: 'PENDING' });
    return json(201, { batch_header: { payout_batch_id: id, batch_status: 'PENDING', sender_batch_header: header } });
  }

  function show(id: string): Answered {
    const batch = batches.find((one) => one.id === id);
    if (batch === undefined) return json(404, { name: 'INVALID_RESOURCE_ID', message: 'Requested resource ID was not found.' });
    const fee = { currency: batch.item.amount.currency, value: '0.25' };
    const item = { payout_item_id: `ITEM${id}`, transaction_status: batch.status, payout_item_fee: fee, payout_item: batch.item };
    return json(200, {
      batch_header: { payout_batch_id: id, batch_status: batch.status === 'PENDING' ? 'PENDING' : 'SUCCESS' },
      items: [item],
    });
  }

  return {
    moved,
    ends,
    batches: () => batches,
    setStatus(senderId, status) {
      for (const batch of batches) if (batch.senderId === senderId) batch.status = status;
    },
    work() {
      for (const batch of batches.filter(({ status }) => status === 'PENDING')) {
        batch.status = ends.get(batch.item.receiver) ?? 'SUCCESS';
        const { receiver: address, amount } = batch.item;
        const amountMicros = Math.round(Number(amount.value) * 1_000_000);
        if (batch.status === 'SUCCESS') moved.push({ direction: 'pay', address, currency: amount.currency, amountMicros });
      }
    },
    moves: (asked) => asked.method === 'POST' && asked.url.pathname === '/v1/payments/payouts',
    answer(asked) {
      if (asked.url.pathname === '/v1/oauth2/token') return token(asked);
      const until = tokens.get(asked.headers.authorization?.replace('Bearer ', '') ?? '') ?? 0;
      if (until <= nowMs()) return json(401, { name: 'AUTHENTICATION_FAILURE' });
      if (this.moves(asked)) return create(asked);
      const match = /^\/v1\/payments\/payouts\/([A-Z0-9]+)$/.exec(asked.url.pathname);
      return match === null ? json(404, {}) : show(match[1] as string);
    },
  };
}

function duplicate(twin: Batch): Answered {
  const issue = `Batch with given sender_batch_id already exists`;
  const link = [{ href: `https://api.paypal.com/v1/payments/payouts/${twin.id}`, rel: 'self', method: 'GET' }];
  return json(400, {
    name: 'USER_BUSINESS_ERROR',
    message: 'User business error.',
    details: [{ field: 'SENDER_BATCH_ID', issue, link }],
  });
}

function faultOf(item: Item): object | undefined {
  if (!/^\d+(\.\d\d)?$/.test(item.amount.value)) return { field: 'items[0].amount.value', issue: 'Value is invalid' };
  if (item.recipient_type === 'EMAIL' && !item.receiver.includes('@'))
    return { field: 'items[0].receiver', issue: 'Receiver is invalid or does not match with type' };
  return undefined;
}

function json(status: number, body: object): Answered {
  return { status, body: JSON.stringify(body) };
}
