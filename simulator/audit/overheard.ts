// What the auditor overhears on the wire, in clear words. In: packets as a board or the hub sends them. Out: commitments, vouchers, receipts, rejects,
// acknowledgements and welcomes; nothing for anything else. It believes nothing: whether a proof is good is judged elsewhere.

import { CONNACK, PUBACK, PUBLISH, readPublish, takePacket, uint16At } from '../../device/mqtt.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { readEnd, readerOf } from '../../shared/cbor.ts';
import type { Commitment } from '../../shared/commitment.ts';
import { readMac0 } from '../../shared/cose.ts';
import { readReceipt } from '../../shared/receipt.ts';
import type { Receipt } from '../../shared/receipt.ts';
import type { Reject } from '../../shared/reject.ts';
import { readReject } from '../../shared/reject.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import type { Voucher } from '../../shared/voucher.ts';

export interface SaidUp {
  readonly packetId: number;
  readonly message: Commitment | Voucher;
  readonly payload: Bytes;
}

export type SaidDown = Receipt | Reject | { readonly kind: 'connack' } | { readonly kind: 'puback'; readonly packetId: number };

export function overhearUp(bytes: Bytes): SaidUp | undefined {
  if ((bytes.charCodeAt(0) & 0xf6) !== 0x32) return undefined; // QoS 1, not retained: only `up` is
  const packet = takePacket({ held: bytes });
  if (typeof packet === 'string' || packet.type !== PUBLISH) return undefined;
  const publish = readPublish(packet);
  if (publish === undefined || !publish.topic.endsWith('/up')) return undefined;
  const message = decodeUplink(publish.payload);
  return message.kind === 'malformed' ? undefined : { packetId: publish.id, message, payload: publish.payload };
}

const RECEIPT_HEAD = 0x83;
const REJECT_HEAD = 0x84;

export function overhearDown(bytes: Bytes): SaidDown | undefined {
  const packet = takePacket({ held: bytes });
  if (typeof packet === 'string') return undefined;
  if (packet.type === CONNACK) return { kind: 'connack' };
  if (packet.type === PUBACK) return { kind: 'puback', packetId: uint16At(packet.body, 0) };
  const publish = packet.type === PUBLISH ? readPublish(packet) : undefined;
  if (publish === undefined) return undefined;
  const r = readerOf(publish.payload);
  const { payload } = readMac0(r);
  readEnd(r);
  if (r.fault !== '') return undefined;
  const head = payload.charCodeAt(0);
  const said = head === RECEIPT_HEAD ? readReceipt(payload) : head === REJECT_HEAD ? readReject(payload) : '';
  return typeof said === 'string' ? undefined : said;
}
