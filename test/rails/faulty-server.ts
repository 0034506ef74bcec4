// A local server that stands in for a rail's counterpart, with faults that networks and servers have. In: how the counterpart answers a request. Out: its address, and
// faults on order. A request that nobody answers may have had its effect before, may have it later, twice, or never.

import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '../hub/certificate.ts';

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answered {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Effect = () => Promise<Answered>;

/** What may happen to a request: `undefined` is no answer at all. */
const FATES: Readonly<Record<string, (effect: Effect, later: Effect[]) => Promise<Answered | undefined | 'hang'>>> = {
  'lost before': () => Promise.resolve(undefined),
  'lost after': async (effect) => void (await effect()),
  late: (effect, later) => {
    later.push(effect);
    return Promise.resolve(undefined);
  },
  twice: async (effect) => {
    await effect();
    return effect();
  },
  'no answer before': () => Promise.resolve('hang'),
  'no answer after': async (effect) => {
    await effect();
    return 'hang';
  },
  '500 before': () => Promise.resolve({ status: 500, body: 'Internal Server Error' }),
  '500 after': async (effect) => {
    await effect();
    return { status: 500, body: '{}' };
  },
  '429': () => Promise.resolve({ status: 429, body: '{"error":{"message":"slow down"}}', headers: { 'retry-after': '7' } }),
  '503': () => Promise.resolve({ status: 503, body: '<html>maintenance</html>' }),
  'garbage before': () => Promise.resolve({ status: 200, body: '<html>sign in to the hotel network</html>' }),
  'garbage after': async (effect) => {
    await effect();
    return { status: 200, body: '{"status":' };
  },
  'strange answer': () => Promise.resolve({ status: 200, body: '{"state":"QUANTUM","status":"QUANTUM","id":"?"}' }),
  '404 page': () => Promise.resolve({ status: 404, body: '<html>not found</html>' }),
  redirect: () => Promise.resolve({ status: 307, body: '', headers: { location: '/elsewhere' } }),
};

export const FAULTS = Object.keys(FATES);
/** The same, met by a request that only reads: those that differ then. */
export const READ_FAULTS = FAULTS.filter((fault) => !/^(?:lost after|late|twice|no answer after)$/.test(fault)).map(
  (fault) => `reading: ${fault}`,
);

export interface FaultyServer {
  readonly url: string;
  readonly port: number;
  /** The next request that moves money (or with `reading: ` that only reads) meets this. */
  readonly meet: (fault: string) => void;
  /** No more faults; and what was late arrives now. */
  readonly calm: () => void;
  readonly arrive: () => Promise<void>;
  /** How many requests it has seen. */
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

export interface Counter {
  answer(asked: Asked): Answered | Promise<Answered>;
  moves(asked: Asked): boolean;
}

export async function faultyServer(counterpart: Counter, certificate?: Certificate): Promise<FaultyServer> {
  let orders: string[] = [];
  let later: Effect[] = [];
  let requests = 0;
  const take = (asked: Asked): string | undefined => {
    const moves = counterpart.moves(asked);
    const at = orders.findIndex((order) => order.startsWith('reading: ') !== moves);
    return at < 0 ? undefined : orders.splice(at, 1)[0]?.replace('reading: ', '');
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    requests++;
    void readAsked(request)
      .then((asked) => {
        const fault = take(asked);
        const effect = async (): Promise<Answered> => counterpart.answer(asked);
        return fault === undefined ? effect() : (FATES[fault] as (typeof FATES)[string])(effect, later);
      })
      .then((answered) => respond(response, answered));
  };
  const server: Server = certificate === undefined ? createServer(listener) : createTlsServer(certificate, listener);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const arrive = async (): Promise<void> => {
    const effects = later;
    later = [];
    for (const effect of effects) await effect();
  };
  return {
    port,
    url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    meet: (fault) => void orders.push(fault),
    calm: () => void (orders = []),
    arrive,
    requests: () => requests,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

async function readAsked(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = 'GET', headers } = request;
  return { method, headers, url: new URL(request.url ?? '/', 'http://server'), body: Buffer.concat(chunks).toString('utf8') };
}

function respond(response: ServerResponse, answered: Answered | undefined | 'hang'): void {
  if (answered === 'hang') return;
  if (answered === undefined) return void response.destroy();
  response.writeHead(answered.status, { 'content-type': 'application/json', ...answered.headers });
  response.end(answered.body);
}
