// The MQTT broker, embedded: it speaks MQTT and asks the hub about everything else. In: guarded sockets. Out: authenticated devices' messages, each with the
// callback that acknowledges it. What devices publish is for the hub alone and never enters the fan-out. No fault in a hook
// may reach the broker: it would end the process.

import type { Socket } from 'node:net';
import { Aedes } from 'aedes';
import type { AuthenticateError, Client, PublishPacket } from 'aedes';
import type { Logger } from 'pino';
import type { Bytes } from '../shared/bytes.ts';
import type { DeviceId } from '../shared/identity.ts';
import type { Status } from '../shared/status.ts';
import { readStatus } from '../shared/status.ts';
import { topicOf } from '../shared/topics.ts';
import { blobOf, bytesOf } from './blob.ts';
import type { Connection, Done } from './connection.ts';
import type { Entrance } from './entrance.ts';
import type { Refusal } from './greeting.ts';
import { deviceOf, MAX_SHOWN, NO_DEVICE, NOTHING_STORED } from './greeting.ts';
import { maySubscribe, publishRight, willFault } from './rights.ts';

export type { Connection, Done } from './connection.ts';

export interface BrokerOptions {
  readonly root: string;
  readonly log: Logger;
  /** The most that a device may ask the hub to wait for its next packet. */
  readonly keepaliveLimitSeconds: number;
  /** False while nothing can be stored: then nobody is let in, and is told to come back. */
  readonly isReady: () => boolean;
  readonly isDevice: (device: DeviceId, password: Bytes) => boolean;
  readonly onUp: (connection: Connection, message: Bytes, done: Done) => void;
  /** The device listens on its `down` from now on, on this connection. */
  readonly onListening: (connection: Connection) => void;
  readonly onStatus: (device: DeviceId, status: Status) => void;
  readonly onGone: (device: DeviceId) => void;
  /** A connection is let in while another one of the device is open, which it ends. */
  readonly onTakeOver: (device: DeviceId) => void;
  /** The fast way, which takes publications before the broker sees them. */
  readonly entrance?: Entrance;
}

export interface Broker {
  accept(socket: Socket): void;
  close(): Promise<void>;
}

/** A keepalive that is refused, in the broker's own number for it. */
const CONNACK_BAD_KEEPALIVE = Buffer.from([0x20, 2, 0, 6]);
const REFUSED_QOS = 128;

export async function openBroker(options: BrokerOptions): Promise<Broker> {
  const aedes = await Aedes.createBroker({
    concurrency: 0, // the default of 100 ends in a stack overflow under load
    keepaliveLimit: options.entrance === undefined ? options.keepaliveLimitSeconds : 0, // the entrance keeps that time
    maxTopicLevels: 8,
    drainTimeout: 10_000,
  });
  wireIdentity(aedes, options);
  wireMessages(aedes, options);
  aedes.on('clientError', (client, error) => options.log.debug({ device: client.id, why: error.message }, 'a connection failed'));
  aedes.on('connectionError', (_client, error) =>
    options.log.debug({ why: error.message }, 'a connection failed before CONNECT'),
  );
  (aedes as NodeJS.EventEmitter).on('error', (error) => options.log.error({ err: error as Error }, 'the broker failed'));
  return {
    accept(socket) {
      const { entrance } = options;
      if (entrance === undefined) aedes.handle(socket);
      else entrance.accept(socket, (pipe) => void aedes.handle(pipe));
    },
    close() {
      options.entrance?.close();
      return new Promise((resolve) => aedes.close(resolve));
    },
  };
}

function refusal({ returnCode, why }: Refusal): AuthenticateError {
  return Object.assign<Error, { returnCode: number }>(new Error(why), { returnCode });
}

const notAllowed = (why: string): Refusal => ({ returnCode: 5, why });

/** Identity is settled before the broker lets a connection take over another one of the same name. */
function wireIdentity(aedes: Aedes, options: BrokerOptions): void {
  const { root, log, entrance, isReady, isDevice, onGone } = options;
  const willFaults = new WeakMap<Client, string>();
  const open = new Map<string, Client>();
  aedes.preConnect = (client, packet, done) => {
    if (entrance?.mayConnect(client.conn) === false) {
      client.conn.write(CONNACK_BAD_KEEPALIVE);
      return done(new Error('keep alive limit exceeded'), false);
    }
    const { will, clientId } = packet;
    if (will !== undefined) {
      const payload = bytesOf(Buffer.from(will.payload));
      const asked = { topic: will.topic, qos: will.qos ?? 0, retain: will.retain === true };
      const fault = willFault(root, clientId as DeviceId, asked, payload);
      if (fault !== undefined) willFaults.set(client, fault);
    }
    done(null, true);
  };
  aedes.authenticate = (client, username, password, done) => {
    const answer = attempt(log, () => {
      if (!isReady()) return refusal(NOTHING_STORED);
      const device = deviceOf({ clientId: client.id, username, password }, isDevice);
      if (device === undefined) return refusal(NO_DEVICE);
      const fault = willFaults.get(client);
      if (fault !== undefined) return refusal(notAllowed(`last will: ${fault}`));
      if (!client.clean) return refusal(notAllowed('expected a clean session: the board’s outbox is its memory'));
      if (open.has(device)) options.onTakeOver(device);
      return undefined;
    });
    const error = answer instanceof Error ? refusal({ returnCode: returnCodeOf(answer), why: answer.message }) : undefined;
    if (error !== undefined) log.warn({ client: client.id.slice(0, MAX_SHOWN), why: error.message }, 'refused a CONNECT');
    done(error ?? null, error === undefined);
  };
  aedes.on('clientReady', (client) => {
    open.set(client.id, client);
    entrance?.enter(client.conn, client.id as DeviceId);
  });
  aedes.on('clientDisconnect', (client) => {
    if (open.get(client.id) === client) open.delete(client.id);
    onGone(client.id as DeviceId);
  });
}

function returnCodeOf(error: Error): number {
  return (error as Partial<AuthenticateError>).returnCode ?? NOTHING_STORED.returnCode;
}

function wireMessages(aedes: Aedes, options: BrokerOptions): void {
  const { root, log, entrance } = options;
  const listening = new WeakSet<Client>();
  const connectionTo = (client: Client, device: DeviceId): Connection =>
    entrance?.guest(client.conn) ?? connectionOf(root, client, device, listening);
  aedes.authorizePublish = (client, packet, done) => {
    // Without a client it is a will out of the broker's own store; the hub has seen that device go.
    if (client === null) return done(null);
    const fault = attempt(log, () => receive(options, connectionTo(client, client.id as DeviceId), packet, done));
    if (fault !== undefined) done(fault);
  };
  aedes.authorizeSubscribe = (client, subscription, done) => {
    const allowed = maySubscribe(root, client.id as DeviceId, subscription.topic);
    if (!allowed) log.warn({ device: client.id, topic: subscription.topic.slice(0, 64) }, 'refused a subscription');
    done(null, allowed ? subscription : null);
  };
  // The broker has answered the SUBSCRIBE before it says so here: what is sent now comes after the answer.
  aedes.on('subscribe', (subscriptions, client) => {
    const device = client.id as DeviceId;
    const isHeard = subscriptions.some(
      ({ topic, qos }) => Number(qos) !== REFUSED_QOS && topic === topicOf(root, device, 'down'),
    );
    if (!isHeard) return;
    listening.add(client);
    const guest = entrance?.guest(client.conn);
    if (guest !== undefined) guest.isListening = true;
    attempt(log, () => {
      options.onListening(connectionTo(client, device));
      return undefined;
    });
  });
  aedes.on('unsubscribe', (topics, client) => {
    if (!topics.includes(topicOf(root, client.id as DeviceId, 'down'))) return;
    listening.delete(client);
    const guest = entrance?.guest(client.conn);
    if (guest !== undefined) guest.isListening = false;
  });
  // The broker's own notices pass; what devices publish ends here, with the hub.
  const fanOut = aedes.publish.bind(aedes) as (packet: PublishPacket, client: unknown, done?: unknown) => void;
  aedes.publish = (packet: PublishPacket, client: unknown, done?: unknown) => {
    const finish = typeof client === 'function' ? client : done;
    if (packet.topic.startsWith('$SYS/')) fanOut(packet, client, done);
    else if (typeof finish === 'function') (finish as Done)();
  };
}

/** Answers a fault at once; otherwise `done` is called by whoever the message went to. */
function receive(options: BrokerOptions, connection: Connection, packet: PublishPacket, done: Done): Error | undefined {
  const { device } = connection;
  const asked = { topic: packet.topic, qos: packet.qos, retain: packet.retain };
  const right = publishRight(options.root, device, asked);
  switch (right.kind) {
    case 'refused':
      options.log.warn({ device, why: right.why }, 'cut a connection: it published what it may not');
      return new Error(right.why);
    case 'up':
      options.onUp(connection, bytesOf(Buffer.from(packet.payload)), done);
      return undefined;
    case 'status':
      receiveStatus(options, device, bytesOf(Buffer.from(packet.payload)));
      done();
      return undefined;
  }
}

/** What a device says of itself, whichever way it came in. */
export function receiveStatus(
  { log, onStatus }: Pick<BrokerOptions, 'log' | 'onStatus'>,
  device: DeviceId,
  message: Bytes,
): void {
  const status = readStatus(message);
  if (typeof status === 'string') log.warn({ device, why: status }, 'ignored a status that cannot be read');
  else onStatus(device, status);
}

function connectionOf(root: string, client: Client, device: DeviceId, listening: WeakSet<Client>): Connection {
  return {
    device,
    send(message) {
      if (client.closed || !listening.has(client)) return;
      client.publish(
        { cmd: 'publish', topic: topicOf(root, device, 'down'), payload: blobOf(message), qos: 0, retain: false, dup: false },
        () => {},
      );
    },
    cut: () => client.close(),
  };
}

/** What a hook throws becomes its answer. */
function attempt(log: Logger, run: () => Error | undefined): Error | undefined {
  try {
    return run();
  } catch (error) {
    log.error({ err: error as Error }, 'a hook of the broker failed');
    return error instanceof Error ? error : new Error(String(error));
  }
}
