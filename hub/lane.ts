// The fast lane of one device: the channel that it pays on, ready for the next payword. In: a message's bytes as they lie in the socket's buffer. Out: true, and the lane stands at the
// new units, their link proven; or false, and nothing has changed: then the message goes the long way, to the judge, who knows the reason. It must never say yes to what `accept`
// would not accept; it may say no to anything.

import { hash } from 'node:crypto';
import { chargeOf, isTimed, NO_SEGMENTS } from '../shared/charge.ts';
import type { Link } from '../shared/payword.ts';
import { chainSalt, LINK_BYTES } from '../shared/payword.ts';
import type { Units } from '../shared/units.ts';
import type { Channel, Signed } from './channel.ts';
import type { Known, KnownDevice } from './known.ts';
import { holdChannel } from './known.ts';
import { billWalk } from './pace.ts';

export interface Lane {
  readonly device: KnownDevice;
  /** As the judge knows it; the counts below may be ahead of it. */
  channel: Channel | undefined;
  number: number;
  acceptedUnits: number;
  linkUnits: number;
  /** No payword above is for the lane; 0 while the channel is closed. */
  maxUnits: number;
  /** Laid out as what is hashed: tag, device, channel, four bytes for an index, and the highest proven link. */
  readonly proven: Buffer;
  /** The highest signed voucher that was proven, and its units if it came this way, else 0. */
  signed: Signed | undefined;
  signedUnits: number;
  /** Signed vouchers wait for their check. */
  isProving: boolean;
  /** The last group that it has an entry in, and in how many groups it waits for the disk. */
  group: number;
  pendingGroups: number;
  /** The last group that it has an entry of a signed voucher in. */
  signedGroup: number;
  /** By the hub's clock, when the last group began that has an entry of it. */
  changedAtSeconds: number;
  /** While a group is answered: what its receipt says; else -1. */
  receiptUnits: number;
}

export const PAYWORD_HEAD = 0x83;
const LINK_HEAD = 0x50;
const SALT_BYTES = 15;
const TAG_BYTES = 3;
const LINK_AT = SALT_BYTES + 4;
const BLOCK_BYTES = LINK_AT + LINK_BYTES;
/** A longer walk is the judge's: what fails here is walked again there, and that must cost little. */
const MAX_WALK = 32;

/** What is hashed next, for whichever lane has its turn: one block that stays in the processor's caches, and not one in each lane. */
const BLOCK = Buffer.alloc(BLOCK_BYTES);

export function laneOf(device: KnownDevice): Lane {
  return {
    device,
    channel: undefined,
    number: 0,
    acceptedUnits: 0,
    linkUnits: 0,
    maxUnits: 0,
    proven: Buffer.alloc(BLOCK_BYTES),
    signed: undefined,
    signedUnits: 0,
    isProving: false,
    group: 0,
    pendingGroups: 0,
    signedGroup: 0,
    changedAtSeconds: 0,
    receiptUnits: -1,
  };
}

/** The lane forgets its channel: the judge has changed it, or may. What it was ahead must be landed before. */
export function leaveChannel(lane: Lane): void {
  lane.channel = undefined;
  lane.number = 0;
  lane.maxUnits = 0;
}

function takeChannel(lane: Lane, channel: Channel): void {
  lane.channel = channel;
  lane.number = channel.terms.channel;
  lane.acceptedUnits = channel.acceptedUnits;
  lane.linkUnits = channel.linkUnits;
  lane.maxUnits = channel.closed ? 0 : Math.min(channel.terms.limitUnits, channel.terms.chainUnits);
  lane.signed = channel.signed;
  lane.signedUnits = 0;
  const salt = chainSalt(lane.device.row.device, channel.terms.channel);
  lane.proven.write(salt + '\0\0\0\0' + channel.link, 0, 'latin1');
}

/** Where the integer that `uintAt` has read ends. */
export let uintEnd = 0;

/** A shortest-form integer of at most four bytes, or -1 [W-2]. Out of range or not, the judge says. */
export function uintAt(data: Uint8Array, at: number): number {
  const head = data[at] as number;
  uintEnd = at + 1;
  if (head < 24) return head;
  if (head === 24) {
    uintEnd = at + 2;
    const value = data[at + 1] as number;
    return value < 24 ? -1 : value;
  }
  if (head === 25) {
    uintEnd = at + 3;
    const value = ((data[at + 1] as number) << 8) | (data[at + 2] as number);
    return value < 256 ? -1 : value;
  }
  if (head !== 26) return -1;
  uintEnd = at + 5;
  const value =
    (data[at + 1] as number) * 0x1000000 +
    (((data[at + 2] as number) << 16) | ((data[at + 3] as number) << 8) | (data[at + 4] as number));
  return value < 65_536 ? -1 : value;
}

/** `data` is a whole message from `at` to before `end` [W-10]. */
export function advanceLane(lane: Lane, known: Known, data: Uint8Array, at: number, end: number): boolean {
  if (end - at < 3 + 1 + LINK_BYTES || data[at] !== PAYWORD_HEAD) return false;
  const number = uintAt(data, at + 1);
  if (number !== lane.number && !changeChannel(lane, known, number)) return false;
  const units = uintAt(data, uintEnd);
  const link = uintEnd + 1;
  if (link + LINK_BYTES !== end || data[link - 1] !== LINK_HEAD) return false;
  const walk = units - lane.linkUnits;
  if (units <= lane.acceptedUnits || units > lane.maxUnits || walk > MAX_WALK) return false;
  const { row, bucket } = lane.device;
  if (row.revoked || bucket.tokens < 1) return false;
  billWalk(lane.device.pace, walk);
  if (!isProven(lane, data, link, units)) return false;
  copyLink(data, link, lane.proven);
  lane.acceptedUnits = units;
  lane.linkUnits = units;
  return true;
}

/** Not while the old channel's last units wait for the disk: the judge takes over until they are there. */
export function changeChannel(lane: Lane, known: Known, number: number): boolean {
  const end = uintEnd;
  if (number < 1 || lane.pendingGroups > 0 || isAhead(lane)) return false;
  const channel = known.channel(lane.device, number);
  // When units came matters to no price but one that differs by time: that is the judge's.
  if (channel === undefined || isTimed(channel.tariff)) return false;
  takeChannel(lane, channel);
  uintEnd = end;
  return true;
}

/** Walks from the message's link down to the one that is known [W-16]. */
function isProven(lane: Lane, data: Uint8Array, link: number, units: number): boolean {
  const { proven } = lane;
  for (let i = 0; i < SALT_BYTES; i++) BLOCK[i] = proven[i] as number;
  copyLink(data, link, BLOCK);
  for (let index = units - 1; ; index--) {
    BLOCK[SALT_BYTES] = index >>> 24;
    BLOCK[SALT_BYTES + 1] = index >>> 16;
    BLOCK[SALT_BYTES + 2] = index >>> 8;
    BLOCK[SALT_BYTES + 3] = index;
    const before = hash('sha256', BLOCK, 'binary');
    if (index === lane.linkUnits) return isLinkOf(proven, before);
    for (let i = 0; i < LINK_BYTES; i++) BLOCK[LINK_AT + i] = before.charCodeAt(i);
  }
}

/** Byte by byte: for sixteen of them a call into the runtime costs more. */
function copyLink(from: Uint8Array, at: number, block: Uint8Array): void {
  for (let i = 0; i < LINK_BYTES; i++) block[LINK_AT + i] = from[at + i] as number;
}

function isLinkOf(block: Uint8Array, link: string): boolean {
  for (let i = 0; i < LINK_BYTES; i++) if (block[LINK_AT + i] !== link.charCodeAt(i)) return false;
  return true;
}

/** True if the lane has accepted what the judge's channel does not know of. */
export function isAhead({ channel, acceptedUnits }: Lane): boolean {
  return channel !== undefined && acceptedUnits > channel.acceptedUnits;
}

/** The judge's channel as the lane has advanced it; `undefined` if it has not. */
export function landLane(lane: Lane): Channel | undefined {
  const { channel, device, proven } = lane;
  if (channel === undefined || !isAhead(lane)) return undefined;
  const chargedMicros = chargeOf(channel.tariff, NO_SEGMENTS, lane.acceptedUnits as Units);
  if (chargedMicros === undefined)
    throw new Error(`channel ${channel.terms.channel}: ${lane.acceptedUnits} units within the limit have no amount`);
  const link = proven.toString('latin1', LINK_AT) as Link;
  const counts = { acceptedUnits: lane.acceptedUnits as Units, linkUnits: lane.linkUnits as Units };
  const landed: Channel = { ...channel, ...counts, chargedMicros, link, signed: lane.signed };
  lane.channel = landed;
  holdChannel(device, landed);
  return landed;
}

/** The lane's newest payword as an entry of the journal, in the layout that `readEntry` knows. */
export function writeEntry(lane: Lane, into: Buffer, at: number): void {
  const { proven, linkUnits } = lane;
  for (let i = TAG_BYTES; i < SALT_BYTES; i++) into[at + i - TAG_BYTES] = proven[i] as number;
  into.writeUInt32BE(linkUnits, at + 12);
  for (let i = 0; i < LINK_BYTES; i++) into[at + 16 + i] = proven[LINK_AT + i] as number;
}

/** The lane's newest signed voucher as an entry of the journal: what its payload says, and the signature. */
export function writeSignedEntry({ proven, signed, signedUnits }: Lane, into: Buffer, at: number): void {
  for (let i = TAG_BYTES; i < SALT_BYTES; i++) into[at + i - TAG_BYTES] = proven[i] as number;
  into.writeUInt32BE(signedUnits, at + 12);
  into.write(signed?.signature ?? '', at + 16, 'latin1');
}
