// A bare MQTT connection for load: as little work per packet as Node allows, so that the hub is the bottleneck and not its load. In: packets made
// ahead. Out: acknowledgements in order, and what comes down. It speaks just enough of MQTT 3.1.1 to be a well-behaved QoS 1 publisher.

import { connect, type Socket } from 'node:net';
import { generate } from 'mqtt-packet';
import type { Bytes } from '../../shared/bytes.ts';

export interface LoadConnection {
  send(packets: Buffer): void;
  /** Cuts the line without a DISCONNECT. */
  destroy(): void;
}

export interface LoadEvents {
  /** The packet id of an acknowledged PUBLISH. */
  onAcknowledged(packetId: number): void;
  onDown?(payload: Buffer): void;
  onClose(): void;
}

export interface Credentials {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly password: string;
}

const CONNACK = 2;
const PUBLISH = 3;
const PUBACK = 4;

/** Resolves after an accepting CONNACK; rejects with the return code or the socket's error. */
export function openConnection(credentials: Credentials, events: LoadEvents): Promise<LoadConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: credentials.host, port: credentials.port, noDelay: true });
    const connection: LoadConnection = { send: (packets) => void socket.write(packets), destroy: () => void socket.destroy() };
    socket.on('connect', () => socket.write(connectPacket(credentials)));
    socket.on('error', reject);
    socket.on('close', () => {
      reject(new Error('the hub closed the connection'));
      events.onClose();
    });
    readPackets(socket, (type, packet, body) => {
      if (type === CONNACK && packet[body + 1] === 0) resolve(connection);
      else if (type === CONNACK) reject(new Error(`the hub refused the connection with code ${packet[body + 1]}`));
      else if (type === PUBACK) events.onAcknowledged(packet.readUInt16BE(body));
      else if (type === PUBLISH) events.onDown?.(packet.subarray(body + 2 + packet.readUInt16BE(body)));
    });
  });
}

export function connectPacket(credentials: Pick<Credentials, 'clientId' | 'password'>): Buffer {
  const { clientId, password } = credentials;
  const secret = Buffer.from(password);
  return generate({
    cmd: 'connect',
    protocolVersion: 4,
    clean: true,
    keepalive: 600,
    clientId,
    username: clientId,
    password: secret,
  });
}

/** Cuts the stream into packets; `body` is where a packet's variable header begins. */
function readPackets(socket: Socket, onPacket: (type: number, packet: Buffer, body: number) => void): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    const data = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    let at = 0;
    for (;;) {
      let length = 0;
      let body = at + 1;
      let shift = 0;
      while (body < data.length) {
        const digit = data[body++] as number;
        length += (digit & 127) << shift;
        shift += 7;
        if (digit < 128) break;
      }
      if (body === at + 1 || (data[body - 1] as number) >= 128 || body + length > data.length) break;
      onPacket((data[at] as number) >> 4, data.subarray(at, body + length), body - at);
      at = body + length;
    }
    held = data.subarray(at);
  });
}

/** Without it a hub tells a device nothing. */
export function subscribePacket(topic: string, packetId: number): Buffer {
  return generate({ cmd: 'subscribe', messageId: packetId, subscriptions: [{ topic, qos: 0 }] });
}

/** A whole QoS 1 PUBLISH. */
export function publishPacket(topic: string, message: Bytes, packetId: number): Buffer {
  const payload = Buffer.from(message, 'latin1');
  return generate({ cmd: 'publish', topic, payload, qos: 1, messageId: packetId, dup: false, retain: false });
}
