// A device behind a front, once the broker has let it in. In: whole PUBLISH packets as they lie in the buffer. Out: paywords on the fast way, all other messages as byte strings for the judge, and what
// the hub answers as packets. What is not plainly the device's own publication is the broker's to refuse. It must never acknowledge two messages in another order than they came in.

import type { Bytes } from '../shared/bytes.ts';
import type { DeviceId } from '../shared/identity.ts';
import { topicOf } from '../shared/topics.ts';
import type { Asker } from './commits.ts';
import type { Connection, Done } from './connection.ts';
import type { Fast } from './fast.ts';
import type { Front, Guest } from './front.ts';
import type { Lane } from './lane.ts';
import { mayGoOn, TICK_MS } from './pace.ts';
import type { Turns } from './turns.ts';
import type { ChannelNumber, Units } from '../shared/units.ts';

export interface GuestRooms {
  readonly root: string;
  readonly fast: Fast;
  /** For the judge; `done` acknowledges. */
  onUp(connection: Connection, message: Bytes, done: Done): void;
  onStatus(device: DeviceId, message: Bytes): void;
  /** The judge has more to do than it can. */
  isCrowded(): boolean;
  readonly clock: { readonly tick: number };
  readonly turns: Turns;
  readonly messagesPerSecond: number;
}

/** A message that is acknowledged when all before it are. */
interface Slot {
  readonly packetId: number;
  isDone: boolean;
}

const QOS_1 = 2;
const RETAIN = 1;
const DUP = 8;
const PUBACK_HEAD = '\x40\x02';
const PUBLISH_QOS_0 = '\x30';
const RETRY_MS = 5;
/** So many messages of one connection may wait for the judge. */
const MAX_SLOTS = 16;

export interface DeviceGuest extends Guest, Connection {
  /** The device has subscribed to its `down`, or has ended that. */
  isListening: boolean;
}

/** A connection's other end, as far as a guest speaks to it. */
export type GuestFront = Pick<Front, 'send' | 'sendNow' | 'cut'>;

export function guestOf(front: GuestFront, device: DeviceId, rooms: GuestRooms): DeviceGuest {
  return new SeatedGuest(front, device, rooms);
}

/** One object a connection, as its front is, and for the same reason. */
class SeatedGuest implements DeviceGuest, Asker {
  readonly device: DeviceId;
  isListening = false;
  pendingRuns = 0;
  private readonly front: GuestFront;
  private readonly rooms: GuestRooms;
  private readonly lane: Lane | undefined;
  private readonly slots: Slot[] = [];
  /** Of a front that waits for slots. */
  private onSlots: (() => void) | undefined = undefined;
  private readonly up: Buffer;
  private readonly status: Buffer;
  private readonly downTopic: Bytes;

  constructor(front: GuestFront, device: DeviceId, rooms: GuestRooms) {
    this.device = device;
    this.front = front;
    this.rooms = rooms;
    this.lane = rooms.fast.laneOf(device);
    this.up = Buffer.from(topicOf(rooms.root, device, 'up'), 'latin1');
    this.status = Buffer.from(topicOf(rooms.root, device, 'status'), 'latin1');
    this.downTopic = lengthPrefixed(topicOf(rooms.root, device, 'down'));
  }

  onPublish(header: number, data: Buffer, at: number, end: number): boolean {
    const flags = header & 15;
    if ((flags & 4) !== 0 || (flags & (DUP | QOS_1)) === DUP) return false;
    const isUp = (flags & RETAIN) === 0 && hasTopic(data, at, end, this.up);
    if (!isUp && !hasTopic(data, at, end, this.status)) return false;
    const idAt = at + 2 + (isUp ? this.up : this.status).length;
    const bodyAt = (flags & QOS_1) === 0 ? idAt : idAt + 2;
    if (bodyAt > end) return false;
    const packetId = bodyAt === idAt ? 0 : ((data[idAt] as number) << 8) | (data[idAt + 1] as number);
    if (bodyAt !== idAt && packetId === 0) return false;
    if (this.lane !== undefined) this.lane.device.pace.left--;
    if (isUp) this.take(data, bodyAt, end, packetId);
    else this.note(data, bodyAt, end, packetId);
    return true;
  }

  private take(data: Buffer, at: number, end: number, packetId: number): void {
    const { lane, slots } = this;
    if (slots.length === 0 && lane !== undefined && this.rooms.fast.take(this, lane, data, at, end, packetId)) return;
    const slot = { packetId, isDone: false };
    slots.push(slot);
    this.hand(data.toString('latin1', at, end), slot);
  }

  private note(data: Buffer, at: number, end: number, packetId: number): void {
    this.slots.push({ packetId, isDone: true });
    this.rooms.onStatus(this.device, data.toString('latin1', at, end));
    this.release();
  }

  /** To the judge, who says when it is done with. */
  private hand(message: Bytes, slot: Slot): void {
    this.rooms.onUp(this, message, (error) => {
      if (error !== undefined) return this.front.cut(error.message);
      slot.isDone = true;
      this.release();
    });
  }

  get isFull(): boolean {
    return this.slots.length >= MAX_SLOTS;
  }

  hasRoom(resume: () => void): boolean {
    const { rooms, lane } = this;
    if (this.isFull) this.onSlots = resume;
    else if (rooms.fast.isCrowded()) rooms.fast.onRoom(resume);
    else if (rooms.isCrowded() || rooms.fast.isBehind()) rooms.turns.after(RETRY_MS, resume);
    else if (lane !== undefined && !mayGoOn(lane.device.pace, rooms.clock.tick, rooms.messagesPerSecond))
      rooms.turns.after(TICK_MS, resume);
    else return true;
    return false;
  }

  answer(pubacks: Bytes, units: number): void {
    const { lane } = this;
    const hasReceipt = units >= 0 && this.isListening && lane !== undefined;
    const packets = hasReceipt ? pubacks + this.publish(receiptFor(lane, units)) : pubacks;
    if (packets !== '') this.front.sendNow(packets);
    if (this.slots.length > 0) this.release();
  }

  refuse(error: Error): void {
    this.front.cut(error.message);
  }

  judge(messages: readonly Bytes[], packetIds: readonly number[]): void {
    const earlier = packetIds.map((packetId): Slot => ({ packetId, isDone: false }));
    this.slots.unshift(...earlier);
    messages.forEach((message, i) => this.hand(message, earlier[i] as Slot));
  }

  /** Acknowledges what is done, up to the first that is not. What went the fast way before comes first. */
  private release(): void {
    if (this.pendingRuns > 0) return;
    const { slots } = this;
    let packets = '';
    while (slots[0]?.isDone === true) {
      const { packetId } = slots.shift() as Slot;
      if (packetId !== 0) packets += PUBACK_HEAD + String.fromCharCode(packetId >>> 8, packetId & 255);
    }
    if (packets !== '') this.front.send(packets);
    if (this.onSlots !== undefined && slots.length <= MAX_SLOTS / 2) this.readOn(this.onSlots);
  }

  private readOn(resume: () => void): void {
    this.onSlots = undefined;
    if (this.hasRoom(resume)) resume();
  }

  send(payload: Bytes): void {
    if (this.isListening) this.front.send(this.publish(payload));
  }

  private publish(payload: Bytes): Bytes {
    const { downTopic } = this;
    return PUBLISH_QOS_0 + remainingLength(downTopic.length + payload.length) + downTopic + payload;
  }

  cut(): void {
    this.front.cut('the hub has no more use for it');
  }
}

function receiptFor({ device, number }: Lane, units: number): Bytes {
  const receipt = { kind: 'receipt' as const, channel: number as ChannelNumber, acceptedUnits: units as Units, closed: false };
  return device.receipt(receipt);
}

function hasTopic(data: Buffer, at: number, end: number, topic: Buffer): boolean {
  const { length } = topic;
  if (at + 2 + length > end || (((data[at] as number) << 8) | (data[at + 1] as number)) !== length) return false;
  for (let i = 0; i < length; i++) if (data[at + 2 + i] !== topic[i]) return false;
  return true;
}

function lengthPrefixed(text: string): Bytes {
  return String.fromCharCode(text.length >> 8, text.length & 255) + text;
}

/** Of packets below 16 KiB, which all of the hub's are. */
function remainingLength(length: number): Bytes {
  return length < 128 ? String.fromCharCode(length) : String.fromCharCode((length & 127) | 128, length >> 7);
}
