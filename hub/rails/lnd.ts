// LND's REST interface, as much as a payout needs. In: requests. Out: what the node says of a payment, checked at the door. Only the node's own `NOT_FOUND` means that it does not know a payment: a proxy's
// error page says nothing.

import { z } from 'zod';
import type { Answer } from './exchange.ts';
import { exchange, jsonOf } from './exchange.ts';
import { RailUnavailable } from './rail.ts';
import type { Secret } from './secret.ts';

const msat = z.union([z.string().regex(/^\d{1,15}$/), z.int()]).transform(Number);

const paymentSchema = z.object({
  payment_hash: z.string().regex(/^[0-9a-f]{64}$/),
  status: z.string(),
  fee_msat: msat.optional().transform((value) => value ?? 0),
  failure_reason: z.string().optional(),
});
const decodedSchema = z.object({ payment_hash: z.string().regex(/^[0-9a-f]{64}$/), num_msat: msat });
const errorSchema = z.object({ code: z.int().optional(), grpc_code: z.int().optional() });
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
/** How long the node looks for a route. */
const ROUTE_SECONDS = 60;

export type LndPayment = z.infer<typeof paymentSchema>;

export interface Lnd {
  /** The payment as it stands right after it was begun; or as it stands already, when there is one under this hash. */
  send(request: object, hash: string): Promise<LndPayment>;
  /** `undefined`: the node has never begun it. */
  track(hash: string): Promise<LndPayment | undefined>;
  decode(invoice: string): Promise<{ readonly payment_hash: string; readonly num_msat: number }>;
}

interface LndOptions {
  readonly url: string;
  readonly macaroon: Secret;
  readonly certificate?: string | undefined;
  readonly timeoutMs: number;
}

export function lndOf({ url, macaroon, certificate, timeoutMs }: LndOptions): Lnd {
  const pinned = certificate === undefined ? {} : { certificate };

  async function call(path: string, body?: object): Promise<Answer> {
    const headers = { 'grpc-metadata-macaroon': macaroon.reveal(), 'content-type': 'application/json' };
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const method = body === undefined ? 'GET' : 'POST';
    return exchange({ url: new URL(path, url), method, headers, timeoutMs, firstLine: true, ...pinned, ...content });
  }

  async function track(hash: string): Promise<LndPayment | undefined> {
    const answer = await call(`/v2/router/track/${Buffer.from(hash, 'hex').toString('base64url')}`);
    if (codeOf(answer) === NOT_FOUND) return undefined;
    return paymentOf(answer, hash);
  }

  return {
    track,
    async send(request, hash) {
      const answer = await call('/v2/router/send', { ...request, timeout_seconds: ROUTE_SECONDS });
      if (codeOf(answer) !== ALREADY_EXISTS) return paymentOf(answer, hash);
      const begun = await track(hash);
      if (begun === undefined) throw new RailUnavailable('lightning: the node has this payment already and does not show it');
      return begun;
    },
    async decode(invoice) {
      const answer = await call(`/v1/payreq/${invoice}`);
      const decoded = decodedSchema.safeParse(answer.status === 200 ? jsonOf(answer) : undefined).data;
      if (decoded === undefined) throw new RailUnavailable(`lightning: the node does not read the invoice (${answer.status})`);
      return decoded;
    },
  };
}

function codeOf(answer: Answer): number | undefined {
  const json = jsonOf(answer);
  const holder = z.object({ error: errorSchema }).safeParse(json).data?.error ?? errorSchema.safeParse(json).data;
  return holder?.code ?? holder?.grpc_code;
}

function paymentOf(answer: Answer, hash: string): LndPayment {
  const json = z.object({ result: paymentSchema }).safeParse(jsonOf(answer)).data;
  if (answer.status === 200 && json?.result.payment_hash === hash) return json.result;
  if (answer.status === 401 || answer.status === 403) throw new RailUnavailable('lightning: the node refused the macaroon');
  const code = codeOf(answer);
  throw new RailUnavailable(`lightning: no usable answer (${answer.status}${code === undefined ? '' : `, code ${code}`})`);
}
