// One bounded HTTP exchange, for rails that talk to servers. In: a call. Out: the server's answer, whatever its status. It follows no redirect, reads no more than
// it was told to, waits no longer than it was told to, and its errors hold neither headers nor bodies nor the query of an address: secrets live there.

import type { IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { X509Certificate } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import { RailUnavailable } from './rail.ts';

export interface Call {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole of it, from the look-up of the name to the last byte. */
  readonly timeoutMs: number;
  /** 1 MiB unless said. */
  readonly maxBytes?: number;
  /** Connect there and nowhere else, whatever the name says. */
  readonly address?: string;
  /** PEM: the server must show exactly this certificate, whatever name it bears. */
  readonly certificate?: string;
  /** The answer is a stream of lines: its first line is enough. */
  readonly firstLine?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const MAX_BYTES = 1_048_576;

export function exchange(call: Call): Promise<Answer> {
  return new Promise((answered, failed) => {
    const fail = (error: Error): void => failed(new RailUnavailable(`${placeOf(call.url)}: no answer (${reasonOf(error)})`));
    const request = (call.url.protocol === 'https:' ? tlsRequest : plainRequest)(call.url, optionsOf(call), (response) => {
      readAnswer(response, call).then(answered, fail);
    });
    const timer = setTimeout(() => request.destroy(new Error(`not within ${call.timeoutMs} ms`)), call.timeoutMs);
    request.on('close', () => clearTimeout(timer));
    request.on('error', fail);
    request.end(call.body);
  });
}

function optionsOf(
  call: Call,
): RequestOptions & { ca?: string; checkServerIdentity?: (host: string, peer: { raw: Buffer }) => Error | undefined } {
  const length = call.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(call.body)) };
  const base = { method: call.method, headers: { ...call.headers, ...length } };
  const fixed = call.address === undefined ? {} : { lookup: fixedLookup(call.address) };
  // A socket from a pool might lead to where an earlier call was sent, or have been made under another certificate.
  const own = call.address === undefined && call.certificate === undefined ? {} : { agent: false as const };
  return { ...base, ...fixed, ...own, ...pinned(call.certificate) };
}

function fixedLookup(address: string): LookupFunction {
  const family = address.includes(':') ? 6 : 4;
  return (_name, options, done) => {
    if (options.all === true) (done as unknown as (error: null, all: object[]) => void)(null, [{ address, family }]);
    else done(null, address, family);
  };
}

function pinned(certificate: string | undefined): ReturnType<typeof optionsOf> {
  if (certificate === undefined) return {};
  const expected = new X509Certificate(certificate).raw;
  return {
    ca: certificate,
    checkServerIdentity: (_host, peer) => (peer.raw.equals(expected) ? undefined : new Error('expected the pinned certificate')),
  };
}

function readAnswer(response: IncomingMessage, call: Call): Promise<Answer> {
  const maxBytes = call.maxBytes ?? MAX_BYTES;
  return new Promise((read, failed) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = (text: string): void => read({ status: response.statusCode ?? 0, headers: response.headers, text });
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > maxBytes) response.destroy(new Error(`more than ${maxBytes} bytes`));
      else if (call.firstLine === true && chunk.includes('\n')) {
        end(Buffer.concat(chunks).toString('utf8').split('\n')[0] as string);
        response.destroy();
      }
    });
    response.on('end', () => end(Buffer.concat(chunks).toString('utf8')));
    response.on('error', failed);
    response.on('close', () => failed(new Error('the connection ended within the answer')));
  });
}

/** Where a call went, without what may be secret in its address. */
function placeOf(url: URL): string {
  return `${url.protocol}//${url.host}`;
}

function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error.message : code;
}

/** The answer's JSON, or `undefined` where it has none. */
export function jsonOf(answer: Answer): unknown {
  try {
    return JSON.parse(answer.text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
