// Stripe's library on this project's own exchange. In: where Stripe is, and the secret key. Out: a client that asks once, in bounded time and size, and follows no redirect: the
// library's own transport asks a second time after a closed connection, whatever it is told, and takes an error without a body for success.

import Stripe from 'stripe';
import type { Answer } from './exchange.ts';
import { exchange } from './exchange.ts';
import { RailUnavailable } from './rail.ts';
import type { Secret } from './secret.ts';

interface ClientOptions {
  readonly secretKey: Secret;
  readonly url?: string | undefined;
  readonly timeoutMs: number;
}

export function stripeClient({ secretKey, url, timeoutMs }: ClientOptions): Stripe {
  const { protocol, hostname, port } = new URL(url ?? 'https://api.stripe.com');
  const where = {
    protocol: protocol === 'http:' ? ('http' as const) : ('https' as const),
    host: hostname,
    port: port === '' ? 443 : port,
  };
  const httpClient: Stripe.HttpClient = {
    getClientName: () => 'tallystick',
    async makeRequest(host, atPort, path, method, headers, body, scheme) {
      const target = new URL(path, `${scheme}://${host}:${atPort}`);
      const content = method === 'POST' ? { body } : {};
      const sent = Object.entries(headers).flatMap(([name, value]) =>
        /^content-length$/i.test(name) ? [] : [[name, String(value)]],
      );
      return responseOf(
        await exchange({
          url: target,
          method: method === 'POST' ? 'POST' : 'GET',
          headers: Object.fromEntries(sent) as Record<string, string>,
          timeoutMs,
          ...content,
        }),
      );
    },
  };
  return new Stripe(secretKey.reveal(), { ...where, httpClient, timeout: timeoutMs, maxNetworkRetries: 0, telemetry: false });
}

function responseOf(answer: Answer): Stripe.HttpClientResponse {
  if (answer.status >= 300 && answer.status < 400)
    throw new RailUnavailable(`stripe: answered with a redirect (${answer.status})`);
  const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
  return {
    getStatusCode: () => answer.status,
    getHeaders: () => headers,
    getRawResponse: () => answer,
    toStream: () => {
      throw new Error('expected no call for a stream');
    },
    toJSON: () => Promise.resolve(withError(answer)),
  };
}

/** The library knows an error by its body alone. */
function withError(answer: Answer): unknown {
  const json = JSON.parse(answer.text) as unknown;
  if (answer.status < 400 || (typeof json === 'object' && json !== null && 'error' in json)) return json;
  return { error: { type: 'api_error', message: `status ${answer.status} without an error` } };
}
