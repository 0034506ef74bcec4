// Speaking with PayPal: a token for an hour or so, and calls under it. In: a path and a body. Out: PayPal's answer, other than "your token is old" and "not now", which
// are no answers. The token lives in this process only.

import { z } from 'zod';
import type { RailWorld } from './attempts.ts';
import type { Answer } from './exchange.ts';
import { exchange, jsonOf } from './exchange.ts';
import { RailUnavailable } from './rail.ts';
import { Secret } from './secret.ts';

export interface PaypalAccess {
  call(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer>;
}

interface AccessOptions {
  readonly url: string;
  readonly clientId: Secret;
  readonly clientSecret: Secret;
  readonly timeoutMs: number;
}

const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });
/** So long before its end a token is not used any more. */
const MARGIN_MS = 60_000;

export function paypalAccess(options: AccessOptions, world: RailWorld): PaypalAccess {
  const { url, clientId, clientSecret, timeoutMs } = options;
  let token: { readonly secret: Secret; readonly endsAtMs: number } | undefined;

  async function tokenNow(): Promise<Secret> {
    if (token !== undefined && world.nowMs() < token.endsAtMs) return token.secret;
    const basic = Buffer.from(`${clientId.reveal()}:${clientSecret.reveal()}`).toString('base64');
    const headers = {
      authorization: `Basic ${basic}`,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    };
    const body = 'grant_type=client_credentials';
    const answer = await exchange({ url: new URL('/v1/oauth2/token', url), method: 'POST', headers, body, timeoutMs });
    const made = tokenSchema.safeParse(answer.status === 200 ? jsonOf(answer) : undefined).data;
    if (made === undefined)
      throw new RailUnavailable(`paypal: gave no token (${answer.status}); check clientId and clientSecret`);
    token = { secret: new Secret(made.access_token), endsAtMs: world.nowMs() + made.expires_in * 1000 - MARGIN_MS };
    return token.secret;
  }

  return {
    async call(method, path, body) {
      const headers = {
        authorization: `Bearer ${(await tokenNow()).reveal()}`,
        'content-type': 'application/json',
        accept: 'application/json',
      };
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      const answer = await exchange({ url: new URL(path, url), method, headers, timeoutMs, ...content });
      if (answer.status === 401 || answer.status === 403) token = undefined;
      if ([401, 403, 408, 429].includes(answer.status) || answer.status >= 500)
        throw new RailUnavailable(`paypal: answered ${answer.status}`);
      return answer;
    },
  };
}
