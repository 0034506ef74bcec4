// The guard in front of the broker: the broker itself bounds neither packets nor connections. In: TCP connections, plain or under TLS. Out: sockets whose every packet is
// within the limit; all others are destroyed, before what they announced is held in memory. It must never look into a packet.

import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Logger } from 'pino';
import type { FrameLimits } from './frames.ts';
import { frameScanner } from './frames.ts';
import { HubRefused } from './refused.ts';

export interface GuardLimits extends FrameLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** The first packet must have come whole within this. */
  readonly connectMs: number;
  /** A peer that leaves so much unread is cut. */
  readonly unreadBytes: number;
  /** Of one device, on average; see pace.ts. */
  readonly messagesPerSecond: number;
}

export const GUARD_LIMITS: GuardLimits = {
  firstBytes: 512,
  laterBytes: 1024,
  connections: 10_000,
  connectionsPerAddress: 4096,
  connectMs: 10_000,
  unreadBytes: 65_536,
  messagesPerSecond: 1000,
};

export interface Guard {
  readonly port: number;
  close(): Promise<void>;
}

/** What the hub shows to those who connect, as PEM. Boards under Espruino check neither. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

export interface GuardOptions {
  /** Plain TCP without it. */
  readonly tls?: TlsIdentity | undefined;
  readonly host: string;
  readonly port: number;
  readonly limits: GuardLimits;
  readonly log: Logger;
  /** False if whoever takes the sockets bounds their packets. */
  readonly watches: boolean;
  pass(socket: Socket): void;
}

export async function openGuard(options: GuardOptions): Promise<Guard> {
  const sockets = new Set<Socket>();
  const perAddress = new Map<string, number>();
  const server = options.tls === undefined ? createServer({ noDelay: true }) : tlsServer(options.tls, options);
  server.on('connection', (socket: Socket) => admit(socket, options, sockets, perAddress));
  await listen(server, options);
  server.on('error', (error) => options.log.error({ err: error }, 'the listening socket failed'));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Connections are counted before their handshake, and what they say is watched after it. */
function tlsServer({ cert, key }: TlsIdentity, options: GuardOptions): Server {
  let server: Server;
  try {
    server = createTlsServer({ cert, key, minVersion: 'TLSv1.2', handshakeTimeout: options.limits.connectMs, noDelay: true });
  } catch (error) {
    throw new HubRefused('unusable-tls', `the TLS certificate or its key cannot be used: ${(error as Error).message}`, error);
  }
  server.on('secureConnection', (socket: Socket) => watchAndPass(socket, options));
  server.on('tlsClientError', (error: Error, socket: Socket) => {
    options.log.debug({ address: socket.remoteAddress, why: error.message }, 'a TLS handshake failed');
    socket.destroy();
  });
  return server;
}

function listen(server: Server, { host, port }: GuardOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => reject(listenRefusal(error, host, port));
    server.once('error', refuse);
    server.listen({ host, port }, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}

function listenRefusal(error: NodeJS.ErrnoException, host: string, port: number): HubRefused {
  if (error.code === 'EADDRINUSE') {
    return new HubRefused(
      'port-in-use',
      `port ${port} on ${host} is in use by another program; stop it or choose another port`,
      error,
    );
  }
  return new HubRefused(
    'unusable-address',
    `cannot listen on ${host}:${port} (${error.message}); choose another address or port`,
    error,
  );
}

function admit(socket: Socket, options: GuardOptions, sockets: Set<Socket>, perAddress: Map<string, number>): void {
  const { limits, log } = options;
  const address = socket.remoteAddress ?? '';
  const ofAddress = (perAddress.get(address) ?? 0) + 1;
  socket.on('error', () => {}); // a peer that resets is no event; 'close' follows
  if (sockets.size >= limits.connections || ofAddress > limits.connectionsPerAddress) {
    log.warn({ address, open: sockets.size, ofAddress }, 'refused a connection: too many are open');
    socket.destroy();
    return;
  }
  sockets.add(socket);
  perAddress.set(address, ofAddress);
  socket.once('close', () => {
    sockets.delete(socket);
    const left = (perAddress.get(address) ?? 1) - 1;
    if (left > 0) perAddress.set(address, left);
    else perAddress.delete(address);
  });
  if (options.tls === undefined) watchAndPass(socket, options);
}

function watchAndPass(socket: Socket, options: GuardOptions): void {
  socket.on('error', () => {}); // as above: under TLS it is another socket
  if (options.watches) watch(socket, socket.remoteAddress ?? '', options);
  options.pass(socket);
}

/** Sees every chunk on its way from the socket to the broker's parser, without copying or holding it. */
function watch(socket: Socket, address: string, { limits, log }: GuardOptions): void {
  const frames = frameScanner(limits);
  const cut = (why: string): void => {
    log.warn({ address, why }, 'cut a connection');
    socket.destroy();
  };
  const timer = setTimeout(() => cut(`no whole CONNECT within ${limits.connectMs} ms`), limits.connectMs);
  socket.once('close', () => clearTimeout(timer));
  const read = socket.read.bind(socket);
  socket.read = (size?: number): unknown => {
    const chunk: unknown = read(size);
    if (!(chunk instanceof Uint8Array)) return chunk;
    const fault = frames.scan(chunk);
    if (fault !== undefined) {
      cut(fault);
      return null;
    }
    if (frames.hasFirst()) clearTimeout(timer);
    return chunk;
  };
}
