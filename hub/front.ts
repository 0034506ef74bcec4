// The front: one connection's packets, sorted as they lie in the socket's buffer. In: chunks cut anywhere. Out: what a device publishes on its own topics goes straight to the hub; every other
// packet goes to the broker behind, unchanged and in order, through a pipe that it takes for the socket. PUBACKs leave in the order of the PUBLISHes
// [MQTT-4.6.0-2]. It must hold no more of a peer's bytes than one packet's beginning, and nothing is published before the broker has let the device in.

import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Bytes } from '../shared/bytes.ts';
import type { FrameLimits } from './frames.ts';
import { readInto, readOn } from './reads.ts';

export interface FrontLimits extends FrameLimits {
  /** A peer that leaves so much unread is cut. */
  readonly unreadBytes: number;
}

/** Who is behind a connection, once the broker has let it in. */
export interface Guest {
  /** A whole PUBLISH's message, QoS 0 as packet id 0; false if the packet is for the broker. */
  onPublish(header: number, data: Buffer, at: number, end: number): boolean;
  /** False while the hub has more to do than it can: the front then stops reading. */
  hasRoom(resume: () => void): boolean;
}

export interface FrontOptions {
  readonly limits: FrontLimits;
  /** A coarse clock, which costs nothing to read. */
  readonly clock: { readonly tick: number };
  /** Why the connection is cut. */
  readonly onCut: (why: string) => void;
  /** The CONNECT has come whole; the broker gets what this returns. */
  readonly onConnect: (packet: Buffer) => Buffer;
}

export interface Front {
  /** What the broker takes for the socket. */
  readonly pipe: Duplex;
  /** When something was last heard, by the coarse clock. */
  heardTick: number;
  /** The broker has let the device in. */
  enter(guest: Guest): void;
  /** Whole packets, as byte strings; they leave together at the end of this turn. */
  send(packets: Bytes): void;
  /** The same, at once. */
  sendNow(packets: Bytes): void;
  cut(why: string): void;
}

const PUBLISH = 3;
const MAX_HEAD_BYTES = 5;
const NOTHING = Buffer.alloc(0);

type State = 'greeting' | 'waiting' | 'inside' | 'closed';

export function openFront(socket: Socket, options: FrontOptions): Front {
  const { limits, clock } = options;
  let state: State = 'greeting';
  let held: Buffer = NOTHING;
  let guest: Guest | undefined;
  let paused = false;
  let unsent = '';

  const pipe = new Duplex({
    allowHalfOpen: false,
    read() {},
    write(chunk: Buffer, _encoding, done) {
      write(chunk);
      done();
    },
    writev(chunks, done) {
      write(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)));
      done();
    },
    destroy(error, done) {
      state = 'closed';
      flush();
      socket.destroy();
      done(error);
    },
  });

  function write(bytes: Buffer): void {
    flush();
    if (socket.writable) socket.write(bytes);
    bound();
  }

  function flush(): void {
    if (unsent === '') return;
    const packets = unsent;
    unsent = '';
    if (socket.writable) socket.write(packets, 'latin1');
  }

  /** A peer that does not read may not grow. */
  function bound(): void {
    if (socket.writableLength > limits.unreadBytes) cut(`expected a peer that reads, got ${socket.writableLength} bytes unread`);
  }

  function cut(why: string): void {
    if (state === 'closed') return;
    options.onCut(why);
    pipe.destroy();
  }

  /** Packets for the broker keep their order among themselves; the bytes are its own from here on. */
  function passOn(data: Buffer, from: number, to: number): void {
    if (to > from && state !== 'closed') pipe.push(Buffer.from(data.subarray(from, to)));
  }

  /** Looks at every whole packet, and holds the beginning of the next one. */
  function sort(data: Buffer, length: number): void {
    let at = 0;
    let unpassed = 0;
    while (at < length && state === 'inside') {
      const body = bodyOf(data, at, length);
      if (body === 0) break;
      const end = body + bodyLength;
      if (bodyLength > limits.laterBytes || body < 0) {
        passOn(data, unpassed, at);
        return cut(frameFault(body, limits.laterBytes));
      }
      if (end > length) break;
      const header = data[at] as number;
      if (header >> 4 === PUBLISH && isTaken(header, data, body, end)) {
        passOn(data, unpassed, at);
        unpassed = end;
      }
      at = end;
    }
    passOn(data, unpassed, at);
    if (state === 'inside' && guest?.hasRoom(resume) === false) paused = true;
    held = at < length && state !== 'closed' ? Buffer.from(data.subarray(at, length)) : NOTHING;
  }

  /** What fails in the hub ends this connection and no other. */
  function isTaken(header: number, data: Buffer, at: number, end: number): boolean {
    try {
      return guest?.onPublish(header, data, at, end) === true;
    } catch (error) {
      cut(`the hub failed: ${(error as Error).message}`);
      return true;
    }
  }

  function resume(): void {
    if (!paused || state !== 'inside') return;
    paused = false;
    const rest = held;
    held = NOTHING;
    if (rest.length > 0) sort(rest, rest.length);
    if (!paused) readOn(socket);
  }

  /** The first packet must be a CONNECT, and short; the broker sees it whole. */
  function greet(data: Buffer): void {
    if (data[0] !== 0x10) return cut(`expected CONNECT (16) as the first packet, got ${data[0]}`);
    const body = bodyOf(data, 0, data.length);
    if (body < 0 || (body > 0 && bodyLength > limits.firstBytes)) return cut(frameFault(body, limits.firstBytes));
    if (body === 0 || body + bodyLength > data.length) {
      held = data;
      return;
    }
    state = 'waiting';
    const end = body + bodyLength;
    held = Buffer.from(data.subarray(end));
    pipe.push(options.onConnect(Buffer.from(data.subarray(0, end))));
  }

  /** True if more may come now. */
  function take(data: Buffer, length: number): boolean {
    front.heardTick = clock.tick;
    if (held.length > 0 || state !== 'inside' || paused) return takeSlowly(data.subarray(0, length));
    sort(data, length);
    return isOpen();
  }

  /** Together with what was held, in a buffer of its own. */
  function takeSlowly(chunk: Buffer): boolean {
    const all = Buffer.concat([held, chunk]);
    held = NOTHING;
    if (state === 'greeting') greet(all);
    else if (state === 'inside' && !paused) sort(all, all.length);
    else if (state !== 'closed') held = all;
    return isOpen();
  }

  const isOpen = (): boolean => (state === 'inside' && !paused) || state === 'greeting';

  const front: Front = {
    pipe,
    heardTick: clock.tick,
    enter(who) {
      if (state !== 'waiting') return;
      state = 'inside';
      guest = who;
      paused = true;
      resume();
    },
    send(packets) {
      if (state === 'closed') return;
      if (unsent === '') process.nextTick(flushAndBound);
      unsent += packets;
    },
    sendNow(packets) {
      if (state === 'closed') return;
      flush();
      socket.write(packets, 'latin1');
      if (socket.writableLength > 0) bound();
    },
    cut,
  };
  const flushAndBound = (): void => {
    flush();
    bound();
  };
  socket.on('close', () => pipe.destroy());
  readInto(socket, take, () => pipe.readableEnded || pipe.push(null));
  return front;
}

/** What a packet says of its own length. */
let bodyLength = 0;

/** Where the body of the packet at `at` begins; 0 if its head is not whole yet, -1 if its length has too many bytes. */
function bodyOf(data: Buffer, at: number, length: number): number {
  bodyLength = 0;
  let factor = 1;
  for (let i = at + 1; i < length && i < at + MAX_HEAD_BYTES; i++) {
    const byte = data[i] as number;
    bodyLength += (byte & 127) * factor;
    if (byte < 128) return i + 1;
    factor *= 128;
  }
  return length >= at + MAX_HEAD_BYTES ? -1 : 0;
}

function frameFault(body: number, limit: number): string {
  if (body < 0) return 'expected a length of at most 4 bytes, got more';
  return `expected a packet of at most ${limit} bytes, got ${bodyLength} announced`;
}
