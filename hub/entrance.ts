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
import type { Threshold } from './greeting.ts';
import { refusalOf } from './greeting.ts';
import { billReturn, mayGoOn, TICK_MS } from './pace.ts';
import { turnedAway } from './turned-away.ts';

export interface EntranceOptions extends Omit<GuestRooms, 'clock' | 'messagesPerSecond'> {
  readonly threshold: Pick<Threshold, 'isReady' | 'isDevice'>;
  readonly limits: FrontLimits & { readonly connectMs: number; readonly messagesPerSecond: number };
  readonly keepaliveLimitSeconds: number;
  readonly log: Logger;
}

export interface Entrance {
  /** `handle` is the broker's: it gets what it takes for the socket, if there is a visitor for it. */
  accept(socket: Socket, handle: (pipe: Duplex) => void): void;
  /** False if the broker must refuse: the CONNECT asked for too long a keepalive, or for none. */
  mayConnect(pipe: unknown): boolean;
  /** The broker has let the device in. */
  enter(pipe: unknown, device: DeviceId): void;
  guest(pipe: unknown): DeviceGuest | undefined;
  close(): void;
}

interface Visitor {
  readonly front: Front;
  readonly keepaliveSeconds: number;
  guest: DeviceGuest | undefined;
}

const TELL_TICKS = 4;
/** After the name of the protocol: its level and the flags. */
const KEEPALIVE_OFFSET = 2;

export function openEntrance(options: EntranceOptions): Entrance {
  const { limits, log } = options;
  const visitors = new Map<unknown, Visitor>();
  const refused = turnedAway(log);
  const clock = { tick: 0 };
  // One for all guests: with one each, every look into it is a look into an object of another shape.
  const rooms: GuestRooms = { ...options, clock, messagesPerSecond: limits.messagesPerSecond };
  const isBearable = (seconds: number): boolean => seconds > 0 && seconds <= options.keepaliveLimitSeconds;
  const threshold: Threshold = { ...options.threshold, mayReturn };
  const timer = setInterval(() => {
    clock.tick++;
    for (const visitor of visitors.values()) cutIfSilent(visitor, clock.tick);
    if (clock.tick % TELL_TICKS === 0) refused.tell();
  }, TICK_MS).unref();

  /** What fails in the hub while it looks is the broker's to meet: it asks the same, and answers. */
  function lookAt(packet: Buffer): ReturnType<typeof refusalOf> {
    try {
      return refusalOf(packet, threshold);
    } catch (error) {
      log.error({ err: error as Error }, 'a visitor could not be looked at');
      return undefined;
    }
  }

  /** Whoever comes back over and over takes the hub's time as others do with messages. */
  function mayReturn(device: DeviceId): boolean {
    const pace = options.fast.laneOf(device)?.device.pace;
    if (pace === undefined) return true;
    const may = mayGoOn(pace, clock.tick, limits.messagesPerSecond);
    if (may) billReturn(pace);
    return may;
  }

  return {
    accept(socket, handle) {
      const address = socket.remoteAddress;
      const onCut = (why: string): void => log.warn({ address, why }, 'cut a connection');
      const late = setTimeout(() => front.cut(`no whole CONNECT within ${limits.connectMs} ms`), limits.connectMs);
      socket.once('close', () => clearTimeout(late));
      let keepaliveSeconds = 0;
      const front = openFront(socket, {
        limits,
        clock,
        onCut,
        onConnect(packet) {
          clearTimeout(late);
          keepaliveSeconds = takeKeepalive(packet);
          if (!isBearable(keepaliveSeconds)) return packet;
          const refusal = lookAt(packet);
          if (refusal === undefined) return packet;
          refused.note(refusal.client, refusal.why);
          return refusal.returnCode;
        },
        onPipe(pipe, visitorsFront) {
          visitors.set(pipe, { front: visitorsFront, keepaliveSeconds, guest: undefined });
          pipe.once('close', () => visitors.delete(pipe));
          handle(pipe);
        },
      });
    },
    mayConnect: (pipe) => isBearable(visitors.get(pipe)?.keepaliveSeconds ?? 0),
    enter(pipe, device) {
      const visitor = visitors.get(pipe);
      if (visitor === undefined) return;
      visitor.guest = guestOf(visitor.front, device, rooms);
      visitor.front.enter(visitor.guest);
    },
    guest: (pipe) => visitors.get(pipe)?.guest,
    close() {
      clearInterval(timer);
      refused.tell();
    },
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
