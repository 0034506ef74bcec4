// MQTT 3.1.1 packets as byte strings: the few that a board sends, and a reader for what a broker answers. In: fields, or untrusted bytes in
// pieces of any size. Out: packets. The reader must never hold more than one packet of the bounded size.

import type { Bytes } from '../shared/bytes.ts';

export const CONNACK = 2;
export const PUBLISH = 3;
export const PUBACK = 4;
export const SUBACK = 9;
export const PINGRESP = 13;

export const PINGREQ: Bytes = '\xc0\x00';

/** No answer of a hub comes near it; a broker that announces more is cut off. */
export const MAX_PACKET_BYTES = 1024;

function uint16(n: number): Bytes {
  return String.fromCharCode((n >> 8) & 255, n & 255);
}

function field(bytes: Bytes): Bytes {
  return uint16(bytes.length) + bytes;
}

function packet(first: number, body: Bytes): Bytes {
  let length = '';
  let rest = body.length;
  do {
    const low = rest & 127;
    rest = rest >> 7;
    length += String.fromCharCode(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return String.fromCharCode(first) + length + body;
}

export interface ConnectFields {
  readonly client: string;
  readonly user: string;
  readonly password: Bytes;
  readonly keepaliveSeconds: number;
  readonly willTopic: string;
  readonly willPayload: Bytes;
}

/** A clean session with a retained will of QoS 1, user name and password. */
export function connectPacket(fields: ConnectFields): Bytes {
  const flags = 0x80 + 0x40 + 0x20 + 0x08 + 0x04 + 0x02;
  return packet(
    0x10,
    field('MQTT') +
      String.fromCharCode(4, flags) +
      uint16(fields.keepaliveSeconds) +
      field(fields.client) +
      field(fields.willTopic) +
      field(fields.willPayload) +
      field(fields.user) +
      field(fields.password),
  );
}

export function subscribePacket(id: number, topic: string): Bytes {
  return packet(0x82, uint16(id) + field(topic) + '\x01');
}

/** QoS 1: the broker answers with a PUBACK of the same id. */
export function publishPacket(topic: string, id: number, payload: Bytes): Bytes {
  return packet(0x32, field(topic) + uint16(id) + payload);
}

/** QoS 0, retained: for the status. */
export function retainedPacket(topic: string, payload: Bytes): Bytes {
  return packet(0x31, field(topic) + payload);
}

/** The same QoS 1 PUBLISH again, marked as a duplicate. */
export function duplicateOf(publish: Bytes): Bytes {
  return String.fromCharCode(publish.charCodeAt(0) | 8) + publish.substring(1);
}

export function pubackPacket(id: number): Bytes {
  return '\x40\x02' + uint16(id);
}

export interface Packet {
  readonly type: number;
  readonly flags: number;
  readonly body: Bytes;
}

export interface PacketReader {
  held: Bytes;
}

/** The next whole packet in `reader.held`, which it takes out; 'partial' while bytes are missing, 'broken' when none can follow. */
export function takePacket(reader: PacketReader): Packet | 'partial' | 'broken' {
  const held = reader.held;
  let length = 0;
  let at = 1;
  let more = true;
  while (more) {
    if (at > 4) return 'broken';
    if (at >= held.length) return 'partial';
    const code = held.charCodeAt(at);
    length += (code & 127) << (7 * (at - 1));
    more = code > 127;
    at++;
  }
  if (length > MAX_PACKET_BYTES) return 'broken';
  if (held.length < at + length) return 'partial';
  const first = held.charCodeAt(0);
  reader.held = held.substring(at + length);
  return { type: first >> 4, flags: first & 15, body: held.substring(at, at + length) };
}

/** Two bytes at a place of a body; -1 where they are missing. */
export function uint16At(body: Bytes, at: number): number {
  return at + 2 > body.length ? -1 : body.charCodeAt(at) * 256 + body.charCodeAt(at + 1);
}

export interface Publish {
  readonly topic: string;
  /** 0 at QoS 0. */
  readonly id: number;
  readonly payload: Bytes;
}

/** What a PUBLISH carries; `undefined` when it is malformed or of QoS 2, for which nobody asked. */
export function readPublish(received: Packet): Publish | undefined {
  const qos = (received.flags >> 1) & 3;
  const topicLength = uint16At(received.body, 0);
  if (qos > 1 || topicLength < 0) return undefined;
  const end = 2 + topicLength;
  const start = end + 2 * qos;
  if (start > received.body.length) return undefined;
  const id = qos === 1 ? uint16At(received.body, end) : 0;
  if (qos === 1 && id < 1) return undefined;
  return { topic: received.body.substring(2, end), id: id, payload: received.body.substring(start) };
}
