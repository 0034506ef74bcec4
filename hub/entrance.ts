// The entrance of the fast way: it puts a front before each socket, keeps the time that the broker behind cannot see passing, and knows which guest came through which pipe. In: admitted
// sockets. Out: pipes for the broker. The broker is told of no keepalive, because most packets never reach it; who is silent for too long is cut here [MQTT-3.1.2-24].

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { DeviceId } from '../shared/identity.ts';
import type { Front, FrontLimits } from './front.ts';
import { openFront } from './front.ts';
import type { DeviceGuest, GuestRooms } from './guest.ts';
import { guestOf } from './guest.ts';
import { TICK_MS } from './pace.ts';

export interface EntranceOptions extends Omit<GuestRooms, 'clock' | 'messagesPerSecond'> {
  readonly limits: FrontLimits & { readonly connectMs: number; readonly messagesPerSecond: number };
  readonly keepaliveLimitSeconds: number;
  readonly log: Logger;
}

export interface Entrance {
  accept(socket: Socket): Duplex;
  /** False if the broker must refuse: the CONNECT asked for too long a keepalive, or for none. */
  mayConnect(pipe: unknown): boolean;
  /** The broker has let the device in. */
  enter(pipe: unknown, device: DeviceId): void;
  guest(pipe: unknown): DeviceGuest | undefined;
  close(): void;
}

interface Visitor {
  readonly front: Front;
  keepaliveSeconds: number;
  guest: DeviceGuest | undefined;
}

/** After the name of the protocol: its level and the flags. */
const KEEPALIVE_OFFSET = 2;

export function openEntrance(options: EntranceOptions): Entrance {
  const { limits, log } = options;
  const visitors = new Map<unknown, Visitor>();
  const clock = { tick: 0 };
  // One for all guests: with one each, every look into it is a look into an object of another shape.
  const rooms: GuestRooms = { ...options, clock, messagesPerSecond: limits.messagesPerSecond };
  const timer = setInterval(() => {
    clock.tick++;
    for (const visitor of visitors.values()) cutIfSilent(visitor, clock.tick);
  }, TICK_MS).unref();
  return {
    accept(socket) {
      const address = socket.remoteAddress;
      const onCut = (why: string): void => log.warn({ address, why }, 'cut a connection');
      const late = setTimeout(() => front.cut(`no whole CONNECT within ${limits.connectMs} ms`), limits.connectMs);
      const onConnect = (packet: Buffer): Buffer => {
        clearTimeout(late);
        visitor.keepaliveSeconds = takeKeepalive(packet);
        return packet;
      };
      const front = openFront(socket, { limits, clock, onCut, onConnect });
      const visitor: Visitor = { front, keepaliveSeconds: 0, guest: undefined };
      visitors.set(front.pipe, visitor);
      front.pipe.once('close', () => {
        clearTimeout(late);
        visitors.delete(front.pipe);
      });
      return front.pipe;
    },
    mayConnect(pipe) {
      const seconds = visitors.get(pipe)?.keepaliveSeconds ?? 0;
      return seconds > 0 && seconds <= options.keepaliveLimitSeconds;
    },
    enter(pipe, device) {
      const visitor = visitors.get(pipe);
      if (visitor === undefined) return;
      visitor.guest = guestOf(visitor.front, device, rooms);
      visitor.front.enter(visitor.guest);
    },
    guest: (pipe) => visitors.get(pipe)?.guest,
    close: () => clearInterval(timer),
  };
}

function cutIfSilent({ front, keepaliveSeconds, guest }: Visitor, tick: number): void {
  if (guest === undefined) return;
  if ((tick - front.heardTick) * TICK_MS > keepaliveSeconds * 1500 + TICK_MS) front.cut('keep alive timeout');
}

/** Reads the CONNECT's keepalive and puts 0 in its place; 0 if the packet is too short to have one. */
function takeKeepalive(packet: Buffer): number {
  const body = packet.findIndex((byte, i) => i > 0 && byte < 128) + 1;
  if (body + 2 > packet.length) return 0;
  const at = body + 2 + packet.readUInt16BE(body) + KEEPALIVE_OFFSET;
  if (at + 2 > packet.length) return 0;
  const seconds = packet.readUInt16BE(at);
  packet.writeUInt16BE(0, at);
  return seconds;
}
