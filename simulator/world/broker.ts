// The hub's broker as a model: it speaks to the boards packet by packet and asks the hub's own rules about everything, as the real one does; on the fast way it shows publications to the hub's guest
// first. In: packets of boards. Out: messages for the hub, each with the callback that acknowledges it; answers for the boards. It stands in for the embedded broker and the front before it, which are
// tested over real sockets: here nothing may happen outside virtual time.

import type { Packet, PacketReader } from '../../device/mqtt.ts';
import { pubackPacket, PUBLISH, readPublish, takePacket } from '../../device/mqtt.ts';
import type { Connection, Done } from '../../hub/broker.ts';
import type { DeviceGuest, GuestFront } from '../../hub/guest.ts';
import { maySubscribe, publishRight, willFault } from '../../hub/rights.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { DeviceId } from '../../shared/identity.ts';
import { parseDeviceId } from '../../shared/identity.ts';
import type { Status } from '../../shared/status.ts';
import { readStatus } from '../../shared/status.ts';
import { topicOf } from '../../shared/topics.ts';
import type { Hello } from './hello.ts';
import { readHello, readSubscribe } from './hello.ts';
import type { Server, ServerLine } from './network.ts';

export interface BrokerRooms {
  readonly root: string;
  readonly nowMs: () => number;
  /** False while nothing can be stored: then nobody is let in. */
  isReady(): boolean;
  isDevice(device: DeviceId, password: Bytes): boolean;
  /** On the fast way: who takes a device's publications before the broker does. */
  readonly guestOf?: (device: DeviceId, front: GuestFront) => DeviceGuest;
  onUp(connection: Connection, message: Bytes, done: Done): void;
  onListening(connection: Connection): void;
  onStatus(device: DeviceId, status: Status): void;
  onGone(device: DeviceId): void;
  /** An open connection was taken over by another one of the same name. */
  onTakeOver(device: DeviceId): void;
}

export interface Broker extends Server {
  /** Closes connections that have been silent for more than one and a half keepalives. */
  sweep(): void;
}

interface Session {
  readonly line: ServerLine;
  readonly reader: PacketReader;
  device: DeviceId | undefined;
  connection: Connection | undefined;
  guest: DeviceGuest | undefined;
  /** The hub has more to do than it can: what comes stays unread. */
  paused: boolean;
  keepaliveMs: number;
  heardMs: number;
  open: boolean;
}

const CONNECT = 1;
const SUBSCRIBE = 8;
const PINGREQ = 12;
const DISCONNECT = 14;
const PINGRESP_BYTES = '\xd0\0';
const CONNACK_HEAD = '\x20\x02\0';
const SUBACK_HEAD = '\x90\x03';
const REFUSED = '\x80';
const UNAVAILABLE = '\x03';
const BAD_PASSWORD = '\x04';
const NOT_AUTHORIZED = '\x05';

export function createBroker(rooms: BrokerRooms): Broker {
  const sessions = new Map<ServerLine, Session>();
  const byDevice = new Map<DeviceId, Session>();

  function end(session: Session): void {
    if (!session.open) return;
    session.open = false;
    sessions.delete(session.line);
    session.line.close();
    const { device } = session;
    if (device === undefined || byDevice.get(device) !== session) return;
    byDevice.delete(device);
    rooms.onGone(device);
  }

  function greet(session: Session, packet: Packet): void {
    const hello = readHello(packet.body);
    const refusal = hello === undefined || session.device !== undefined ? BAD_PASSWORD : refusalOf(rooms, hello);
    if (refusal !== '\0' || hello === undefined) {
      session.line.send(CONNACK_HEAD + refusal);
      return end(session);
    }
    const device = hello.client as DeviceId;
    const before = byDevice.get(device);
    if (before !== undefined) {
      end(before);
      rooms.onTakeOver(device);
    }
    session.device = device;
    session.keepaliveMs = hello.keepaliveSeconds * 1000;
    session.guest = rooms.guestOf?.(device, frontOf(session, end));
    session.connection = session.guest ?? connectionOf(rooms.root, device, session, end);
    byDevice.set(device, session);
    session.line.send(CONNACK_HEAD + '\0');
  }

  function subscribe(session: Session, device: DeviceId, packet: Packet): void {
    const asked = readSubscribe(packet.body);
    if (asked === undefined) return end(session);
    const allowed = maySubscribe(rooms.root, device, asked.filter);
    session.line.send(SUBACK_HEAD + asked.id + (allowed ? '\x01' : REFUSED));
    if (!allowed || session.connection === undefined) return;
    if (session.guest !== undefined) session.guest.isListening = true;
    rooms.onListening(session.connection);
  }

  function publish(session: Session, device: DeviceId, packet: Packet): void {
    if (session.guest !== undefined && isTaken(session.guest, packet)) return;
    const said = readPublish(packet);
    if (said === undefined) return end(session);
    const asked = { topic: said.topic, qos: said.id > 0 ? 1 : 0, retain: (packet.flags & 1) === 1 };
    const right = publishRight(rooms.root, device, asked);
    const done: Done = (error) => {
      if (error !== undefined) end(session);
      else if (said.id > 0 && session.open) session.line.send(pubackPacket(said.id));
    };
    switch (right.kind) {
      case 'refused':
        return end(session);
      case 'up':
        return rooms.onUp(session.connection as Connection, said.payload, done);
      case 'status': {
        const status = readStatus(said.payload);
        if (typeof status !== 'string') rooms.onStatus(device, status);
        return done();
      }
    }
  }

  function take(session: Session, packet: Packet): void {
    const { device } = session;
    if (packet.type === CONNECT) return greet(session, packet);
    if (device === undefined) return end(session);
    if (packet.type === PUBLISH) return publish(session, device, packet);
    if (packet.type === SUBSCRIBE) return subscribe(session, device, packet);
    if (packet.type === PINGREQ) return session.line.send(PINGRESP_BYTES);
    if (packet.type === DISCONNECT) end(session);
  }

  function read(session: Session): void {
    while (session.open && !session.paused) {
      const packet = takePacket(session.reader);
      if (packet === 'partial') break;
      if (packet === 'broken') return end(session);
      take(session, packet);
      if (session.guest?.isFull === true) break;
    }
    const { guest } = session;
    if (!session.open || session.paused || guest === undefined) return;
    session.paused = !guest.hasRoom(() => {
      session.paused = false;
      read(session);
    });
  }

  return {
    onOpen(line) {
      const heardMs = rooms.nowMs();
      const fresh = {
        device: undefined,
        connection: undefined,
        guest: undefined,
        paused: false,
        keepaliveMs: 60_000,
        open: true,
      };
      sessions.set(line, { line, reader: { held: '' }, heardMs, ...fresh });
    },
    onData(line, bytes) {
      const session = sessions.get(line);
      if (session === undefined) return;
      session.heardMs = rooms.nowMs();
      session.reader.held += bytes;
      read(session);
    },
    onClose(line) {
      const session = sessions.get(line);
      if (session !== undefined) end(session);
    },
    sweep() {
      const nowMs = rooms.nowMs();
      for (const session of [...sessions.values()]) if (nowMs - session.heardMs > session.keepaliveMs * 1.5) end(session);
    },
  };
}

function refusalOf(rooms: BrokerRooms, hello: Hello): Bytes {
  if (!rooms.isReady()) return UNAVAILABLE;
  const device = parseDeviceId(hello.client);
  const isKnown = device !== undefined && hello.user === hello.client && rooms.isDevice(device, hello.password);
  if (!isKnown) return BAD_PASSWORD;
  const will = { topic: hello.willTopic, qos: 1, retain: true };
  return willFault(rooms.root, device, will, hello.willPayload) === undefined ? '\0' : NOT_AUTHORIZED;
}

/** The packet as it would lie in a socket's buffer. */
function isTaken(guest: DeviceGuest, { flags, body }: Packet): boolean {
  const data = Buffer.from(body, 'latin1');
  return guest.onPublish((PUBLISH << 4) | flags, data, 0, data.length);
}

/** What leaves together are packets of their own on the modelled network. */
function frontOf(session: Session, end: (session: Session) => void): GuestFront {
  const send = (packets: Bytes): void => {
    for (let at = 0; at < packets.length && session.open;) {
      const next = at + packetBytes(packets, at);
      session.line.send(packets.substring(at, next));
      at = next;
    }
  };
  return { send, sendNow: send, cut: () => end(session) };
}

/** Of the packet that begins at `at`, which the hub has made: below 16 KiB. */
function packetBytes(packets: Bytes, at: number): number {
  const low = packets.charCodeAt(at + 1);
  return low < 128 ? 2 + low : 3 + (low & 127) + packets.charCodeAt(at + 2) * 128;
}

function connectionOf(root: string, device: DeviceId, session: Session, end: (session: Session) => void): Connection {
  const topic = topicOf(root, device, 'down');
  const head = String.fromCharCode(0, topic.length) + topic;
  return {
    device,
    send(message) {
      const length = head.length + message.length;
      const lengthBytes = length < 128 ? String.fromCharCode(length) : String.fromCharCode((length & 127) | 128, length >> 7);
      if (session.open) session.line.send('\x30' + lengthBytes + head + message);
    },
    cut: () => end(session),
  };
}
