// What messages cost on the wire at worst: the largest of each kind, and the whole MQTT PUBLISH that carries it. In: the largest vectors. Out: bytes. The
// packet is made by the library that clients use, not by arithmetic.

import { generate } from 'mqtt-packet';
import type { DeviceId } from '../../shared/identity.ts';
import type { Leaf } from '../../shared/topics.ts';
import { DEFAULT_ROOT, topicOf } from '../../shared/topics.ts';
import { device } from './parties.ts';
import { committedCases } from './vectors.ts';

export interface SizeRow {
  readonly message: string;
  readonly messageBytes: number;
  readonly publishBytes: number;
}

function largest(file: string): Buffer {
  const found = committedCases(file).find((one) => one.name === 'the largest');
  if (found === undefined) throw new Error(`no largest case in ${file}.json`);
  return Buffer.from(found.input['hex'] as string, 'hex');
}

export function publishBytes(payload: Buffer, leaf: Leaf, qos: 0 | 1): number {
  const topic = topicOf(DEFAULT_ROOT, device as DeviceId, leaf);
  const retain = leaf === 'status';
  return generate({ cmd: 'publish', topic, payload, qos, messageId: 65535, dup: false, retain }).length;
}

function row(message: string, file: string, leaf: Leaf, qos: 0 | 1): SizeRow {
  const payload = largest(file);
  return { message, messageBytes: payload.length, publishBytes: publishBytes(payload, leaf, qos) };
}

export function sizeRows(): readonly SizeRow[] {
  return [
    row('payword voucher', 'payword-voucher', 'up', 1),
    row('signed voucher', 'signed-voucher', 'up', 1),
    row('commitment', 'commitment', 'up', 1),
    row('receipt', 'receipt', 'down', 0),
    row('reject', 'reject', 'down', 0),
    row('grant', 'grant', 'down', 0),
    row('offer', 'offer', 'down', 0),
    row('piece', 'piece', 'down', 0),
    row('report', 'report', 'up', 1),
    row('status', 'status', 'status', 1),
  ];
}
