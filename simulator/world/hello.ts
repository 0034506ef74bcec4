// What a board says first: CONNECT and SUBSCRIBE, taken apart for the modelled broker. In: the body of a packet, possibly damaged on its way. Out:
// its fields, or nothing where it is not what the firmware sends.

import { uint16At } from '../../device/mqtt.ts';
import type { Bytes } from '../../shared/bytes.ts';

export interface Hello {
  readonly client: string;
  readonly user: string;
  readonly password: Bytes;
  readonly keepaliveSeconds: number;
  readonly willTopic: string;
  readonly willPayload: Bytes;
}

/** Protocol name, level 4, and the flags that the firmware sets: a clean session with a will, user name and password. */
const HEAD = '\0\x04MQTT\x04\xee';
const FIELDS = 5;

export function readHello(body: Bytes): Hello | undefined {
  if (!body.startsWith(HEAD)) return undefined;
  const fields = readFields(body, HEAD.length + 2, FIELDS);
  if (fields === undefined) return undefined;
  const [client, willTopic, willPayload, user, password] = fields as [Bytes, Bytes, Bytes, Bytes, Bytes];
  return { client, user, password, keepaliveSeconds: uint16At(body, HEAD.length), willTopic, willPayload };
}

/** The packet's id as its two bytes, and the one filter in it. */
export function readSubscribe(body: Bytes): { readonly id: Bytes; readonly filter: string } | undefined {
  const length = uint16At(body, 2);
  return length < 0 || body.length !== 5 + length
    ? undefined
    : { id: body.substring(0, 2), filter: body.substring(4, 4 + length) };
}

/** Exactly so many fields with their lengths in front, up to the end. */
function readFields(body: Bytes, from: number, count: number): Bytes[] | undefined {
  const fields: Bytes[] = [];
  let at = from;
  for (let i = 0; i < count; i++) {
    const length = uint16At(body, at);
    if (length < 0 || at + 2 + length > body.length) return undefined;
    fields.push(body.substring(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return at === body.length ? fields : undefined;
}
