// An LND node's REST interface, as its reference describes it, on this machine: payments by hash, one of which is never made twice unless it has failed. In: requests. Out: streams of one line,
// and a ledger of what arrived where.

import { createHash } from 'node:crypto';
import type { Movement } from './conformance.ts';
import type { Answered } from './faulty-server.ts';
import type { Serving } from './served.ts';

interface Payment {
  readonly hash: string;
  readonly node: string;
  readonly msat: number;
  status: 'IN_FLIGHT' | 'SUCCEEDED' | 'FAILED';
  reason: string;
}

interface Invoice {
  readonly hash: string;
  readonly node: string;
  readonly msat: number;
}

interface SendRequest {
  readonly payment_request?: string;
  readonly dest?: string;
  readonly amt_msat?: string;
  readonly payment_hash?: string;
  readonly dest_custom_records?: Readonly<Record<string, string>>;
  readonly fee_limit_msat?: string;
}

export interface LndServer extends Serving {
  readonly moved: Movement[];
  readonly payments: Map<string, Payment>;
  readonly invoices: Map<string, Invoice>;
  /** What comes of payments to a node: why they fail, and how often before they go through. */
  readonly failing: Map<string, { reason: string; times: number }>;
}

export function lndServer(macaroon: string): LndServer {
  const server: LndServer = {
    moved: [],
    payments: new Map(),
    invoices: new Map(),
    failing: new Map(),
    work() {
      for (const payment of server.payments.values()) if (payment.status === 'IN_FLIGHT') arrive(payment);
    },
    moves: (asked) => asked.method === 'POST',
    answer(asked) {
      if (asked.headers['grpc-metadata-macaroon'] !== macaroon) return failed(500, 2, 'verification failed: signature mismatch');
      const { pathname } = asked.url;
      if (pathname === '/v2/router/send') return send(JSON.parse(asked.body) as SendRequest);
      if (pathname.startsWith('/v2/router/track/')) return track(pathname.slice('/v2/router/track/'.length));
      if (pathname === '/v1/getinfo')
        return { status: 200, body: JSON.stringify({ identity_pubkey: '02'.padEnd(66, '0'), chains: [{ network: 'regtest' }] }) };
      const invoice = server.invoices.get(pathname.replace('/v1/payreq/', ''));
      if (invoice === undefined) return failed(500, 2, 'checksum failed');
      return {
        status: 200,
        body: JSON.stringify({
          destination: invoice.node,
          payment_hash: invoice.hash,
          num_msat: String(invoice.msat),
          expiry: '3600',
        }),
      };
    },
  };

  function arrive(payment: Payment): void {
    const failing = server.failing.get(payment.node);
    if (failing !== undefined && failing.times > 0) {
      failing.times--;
      payment.status = 'FAILED';
      payment.reason = failing.reason;
      return;
    }
    payment.status = 'SUCCEEDED';
    server.moved.push({ direction: 'pay', address: payment.node, currency: 'SAT', amountMicros: payment.msat * 1000 });
  }

  function send(request: SendRequest): Answered {
    const asked = request.payment_request === undefined ? keysend(request) : server.invoices.get(request.payment_request);
    if (asked === undefined) return failed(400, 3, 'invalid payment request');
    const known = server.payments.get(asked.hash);
    if (known?.status === 'SUCCEEDED') return failed(409, 6, 'invoice is already paid');
    if (known?.status === 'IN_FLIGHT') return failed(409, 6, 'payment is in transition');
    const payment: Payment = { ...asked, status: 'IN_FLIGHT', reason: 'FAILURE_REASON_NONE' };
    server.payments.set(asked.hash, payment);
    return result(payment);
  }

  function track(path: string): Answered {
    const payment = server.payments.get(Buffer.from(path, 'base64url').toString('hex'));
    return payment === undefined ? failed(404, 5, "payment isn't initiated") : result(payment);
  }

  return server;
}

function keysend(request: SendRequest): Invoice | undefined {
  const hash = Buffer.from(request.payment_hash ?? '', 'base64').toString('hex');
  const preimage = Buffer.from(request.dest_custom_records?.['5482373484'] ?? '', 'base64');
  if (createHash('sha256').update(preimage).digest('hex') !== hash) return undefined;
  return { hash, node: Buffer.from(request.dest ?? '', 'base64').toString('hex'), msat: Number(request.amt_msat) };
}

function result(payment: Payment): Answered {
  const { hash: payment_hash, status, reason: failure_reason, msat } = payment;
  return {
    status: 200,
    body: `${JSON.stringify({ result: { payment_hash, value_msat: String(msat), fee_msat: '1200', status, failure_reason } })}\n`,
  };
}

function failed(status: number, code: number, message: string): Answered {
  return { status, body: `${JSON.stringify({ error: { code, message, details: [] } })}\n` };
}
