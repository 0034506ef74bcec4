// What a benchmark's load will send, made ahead and written to a file, so that the load computes nothing while it is measured. In: devices and how many vouchers each. Out: a plan as generator.c
// reads it. Every server of a run gets the very same bytes.

import { closeSync, openSync, writeSync } from 'node:fs';
import type { Bytes } from '../../shared/bytes.ts';
import type { DeviceConfig } from '../../shared/config.ts';
import { topicOf } from '../../shared/topics.ts';
import type { Payer } from '../hub/payer.ts';
import { payerOf } from '../hub/payer.ts';
import { connectPacket, publishPacket, subscribePacket } from '../load/connection.ts';

export interface PlanOptions {
  readonly vouchers: number;
  readonly proof: 'payword' | 'signed';
  /** Listen for receipts, as boards do. */
  readonly subscribes: boolean;
  /** 1 unless given: the device's next one. */
  readonly channel?: number;
}
const PACKET_IDS = 65_000;

/** Voucher `i` is for `i + 1` units. */
export function writePlan(path: string, devices: readonly DeviceConfig[], options: PlanOptions): void {
  const file = openSync(path, 'w');
  try {
    writeSync(file, words(devices.length));
    for (const device of devices) writeSync(file, linePlan(device, options));
  } finally {
    closeSync(file);
  }
}

function linePlan(config: DeviceConfig, options: PlanOptions): Buffer {
  const payer = payerOf(config);
  const up = topicOf(config.root, config.device, 'up');
  const connect = connectPacket({ clientId: config.device, password: config.password });
  const setUp = [publishPacket(up, payer.commitment(options.channel ?? 1), PACKET_IDS + 1)];
  if (options.subscribes) setUp.unshift(subscribePacket(topicOf(config.root, config.device, 'down'), PACKET_IDS + 2));
  const [opening, paying] = [Buffer.concat(setUp), vouchersOf(payer, up, options)];
  return Buffer.concat([words(connect.length, opening.length, setUp.length, paying.length), connect, opening, paying]);
}

/** All PUBLISH packets one behind the other; written here and not by a library, because there are millions. */
function vouchersOf(payer: Payer, up: string, { vouchers, proof, channel = 1 }: PlanOptions): Buffer {
  const head = String.fromCharCode(up.length >> 8, up.length & 255) + up;
  const packets: Bytes[] = [];
  for (let i = 0; i < vouchers; i++) {
    const message = proof === 'payword' ? payer.payword(channel, i + 1) : payer.signed(channel, i + 1);
    const id = 1 + (i % PACKET_IDS);
    const length = head.length + 2 + message.length;
    if (length > 127) throw new Error(`expected a packet below 128 bytes, got ${length}`);
    packets.push(`2${String.fromCharCode(length)}${head}${String.fromCharCode(id >> 8, id & 255)}${message}`);
  }
  return Buffer.from(packets.join(''), 'latin1');
}

function words(...numbers: number[]): Buffer {
  return Buffer.from(Uint32Array.from(numbers).buffer);
}
