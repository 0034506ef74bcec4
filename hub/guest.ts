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

export interface DeviceGuest extends Guest, Connection {
  /** The device has subscribed to its `down`, or has ended that. */
  isListening: boolean;
}

/** `front`: the connection's other end. */
export function guestOf(front: Pick<Front, 'send' | 'sendNow' | 'cut'>, device: DeviceId, rooms: GuestRooms): DeviceGuest {
  const { fast, turns } = rooms;
  const lane = fast.laneOf(device);
  const up = Buffer.from(topicOf(rooms.root, device, 'up'), 'latin1');
  const status = Buffer.from(topicOf(rooms.root, device, 'status'), 'latin1');
  const downTopic = lengthPrefixed(topicOf(rooms.root, device, 'down'));
  const slots: Slot[] = [];

  const asker: Asker = {
    pendingRuns: 0,
    answer(pubacks, units) {
      const packets =
        units >= 0 && guest.isListening && lane !== undefined ? pubacks + publish(receiptFor(lane, units)) : pubacks;
      if (packets !== '') front.sendNow(packets);
      if (slots.length > 0) release();
    },
    refuse: (error) => front.cut(error.message),
    judge(messages, packetIds) {
      const earlier = packetIds.map((packetId): Slot => ({ packetId, isDone: false }));
      slots.unshift(...earlier);
      messages.forEach((message, i) => hand(message, earlier[i] as Slot));
    },
  };

  /** To the judge, who says when it is done with. */
  function hand(message: Bytes, slot: Slot): void {
    rooms.onUp(guest, message, (error) => {
      if (error !== undefined) return front.cut(error.message);
      slot.isDone = true;
      release();
    });
  }

  function publish(payload: Bytes): Bytes {
    return PUBLISH_QOS_0 + remainingLength(downTopic.length + payload.length) + downTopic + payload;
  }

  /** Acknowledges what is done, up to the first that is not. What went the fast way before comes first. */
  function release(): void {
    if (asker.pendingRuns > 0) return;
    let packets = '';
    while (slots[0]?.isDone === true) {
      const { packetId } = slots.shift() as Slot;
      if (packetId !== 0) packets += PUBACK_HEAD + String.fromCharCode(packetId >>> 8, packetId & 255);
    }
    if (packets !== '') front.send(packets);
  }

  function take(data: Buffer, at: number, end: number, packetId: number): void {
    if (slots.length === 0 && lane !== undefined && fast.take(asker, lane, data, at, end, packetId)) return;
    const slot = { packetId, isDone: false };
    slots.push(slot);
    hand(data.toString('latin1', at, end), slot);
  }

  function note(data: Buffer, at: number, end: number, packetId: number): void {
    slots.push({ packetId, isDone: true });
    rooms.onStatus(device, data.toString('latin1', at, end));
    release();
  }

  const guest: DeviceGuest = {
    device,
    isListening: false,
    onPublish(header, data, at, end) {
      const flags = header & 15;
      if ((flags & 4) !== 0 || (flags & (DUP | QOS_1)) === DUP) return false;
      const isUp = (flags & RETAIN) === 0 && hasTopic(data, at, end, up);
      if (!isUp && !hasTopic(data, at, end, status)) return false;
      const idAt = at + 2 + (isUp ? up : status).length;
      const bodyAt = (flags & QOS_1) === 0 ? idAt : idAt + 2;
      if (bodyAt > end) return false;
      const packetId = bodyAt === idAt ? 0 : ((data[idAt] as number) << 8) | (data[idAt + 1] as number);
      if (bodyAt !== idAt && packetId === 0) return false;
      if (lane !== undefined) lane.device.pace.left--;
      if (isUp) take(data, bodyAt, end, packetId);
      else note(data, bodyAt, end, packetId);
      return true;
    },
    hasRoom(resume) {
      if (fast.isCrowded()) fast.onRoom(resume);
      else if (rooms.isCrowded() || fast.isBehind()) turns.after(RETRY_MS, resume);
      else if (lane !== undefined && !mayGoOn(lane.device.pace, rooms.clock.tick, rooms.messagesPerSecond))
        turns.after(TICK_MS, resume);
      else return true;
      return false;
    },
    send(payload) {
      if (guest.isListening) front.send(publish(payload));
    },
    cut: () => front.cut('the hub has no more use for it'),
  };
  return guest;
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
