// The front: one connection's packets, sorted as they lie in the socket's buffer. In: chunks cut anywhere. Out: what a device publishes on its own topics goes straight to the hub; every other
// packet goes to the broker behind, unchanged and in order, through a pipe that it takes for the socket. PUBACKs leave in the order of the PUBLISHes
// [MQTT-4.6.0-2]. It must hold no more of a peer's bytes than came in one read, and nothing is published before the broker has let the device in.

import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Bytes } from '../shared/bytes.ts';
import type { FrameLimits } from './frames.ts';
import type { Taker } from './reads.ts';
import { readInto, readOn } from './reads.ts';

export interface FrontLimits extends FrameLimits {
  /** A peer that leaves so much unread is cut. */
  readonly unreadBytes: number;
}

/** Who is behind a connection, once the broker has let it in. */
export interface Guest {
  /** A whole PUBLISH's message, QoS 0 as packet id 0; false if the packet is for the broker. */
  onPublish(header: number, data: Buffer, at: number, end: number): boolean;
  /** So many of its messages wait that no further one is looked at now. */
  readonly isFull: boolean;
  /** False while the hub has more to do than it can, or than this device may ask of it: the front then stops reading. */
  hasRoom(resume: () => void): boolean;
}

export interface FrontOptions {
  readonly limits: FrontLimits;
  /** A coarse clock, which costs nothing to read. */
  readonly clock: { readonly tick: number };
  /** Why the connection is cut. */
  readonly onCut: (why: string) => void;
  /** The CONNECT has come whole. The broker gets what this returns; a number is the return code with which the visitor is sent away. */
  readonly onConnect: (packet: Buffer) => Buffer | number;
  /** The broker is to have this visitor: what it takes for the socket. The front comes with it, because a socket may have read a CONNECT before its front is made, and is heard at once. */
  readonly onPipe: (pipe: Duplex, front: Front) => void;
}

export interface Front {
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
const NOT_INSIDE = (): void => {};

type State = 'greeting' | 'waiting' | 'inside' | 'closed';

export function openFront(socket: Socket, options: FrontOptions): Front {
  return new SocketFront(socket, options);
}

/**
 * One object a connection, and verbs that all of them share: of thousands none is in the processor's caches when its next packet comes, and each object that a packet touches is waited
 * for.
 */
class SocketFront implements Front, Taker {
  heardTick: number;
  private state: State = 'greeting';
  private paused = false;
  private held: Buffer = NOTHING;
  private unsent = '';
  private guest: Guest | undefined = undefined;
  /** From the CONNECT on. */
  private pipe: Duplex | undefined = undefined;
  private readonly clock: { readonly tick: number };
  private readonly limits: FrontLimits;
  private readonly socket: Socket;
  /** From when the device is let in: most who come and go are not, and should cost little. */
  private resume: () => void = NOT_INSIDE;
  private readonly options: FrontOptions;

  constructor(socket: Socket, options: FrontOptions) {
    this.socket = socket;
    this.options = options;
    this.limits = options.limits;
    this.clock = options.clock;
    this.heardTick = options.clock.tick;
    readInto(socket, this);
  }

  private openPipe(): Duplex {
    return new Duplex({
      allowHalfOpen: false,
      read() {},
      write: (chunk: Buffer, _encoding, done) => {
        this.write(chunk);
        done();
      },
      writev: (chunks, done) => {
        this.write(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)));
        done();
      },
      destroy: (error, done) => {
        this.state = 'closed';
        this.flush();
        this.socket.destroy();
        done(error);
      },
    });
  }

  /** True if more may come now. */
  take(data: Buffer, length: number): boolean {
    this.heardTick = this.clock.tick;
    if (this.held.length > 0 || this.state !== 'inside' || this.paused) return this.takeSlowly(data.subarray(0, length));
    this.sort(data, length);
    return this.isOpen();
  }

  end(): void {
    if (this.pipe === undefined) this.leave();
    else if (!this.pipe.readableEnded) this.pipe.push(null);
  }

  private leave(): void {
    if (this.pipe !== undefined) return void this.pipe.destroy();
    this.state = 'closed';
    this.socket.destroy();
  }

  /** Together with what was held, in a buffer of its own. */
  private takeSlowly(chunk: Buffer): boolean {
    const all = Buffer.concat([this.held, chunk]);
    this.held = NOTHING;
    if (this.state === 'greeting') this.greet(all);
    else if (this.state === 'inside' && !this.paused) this.sort(all, all.length);
    else if (this.state !== 'closed') this.held = all;
    return this.isOpen();
  }

  private isOpen(): boolean {
    return (this.state === 'inside' && !this.paused) || this.state === 'greeting';
  }

  /** The first packet must be a CONNECT, and short; the broker sees it whole, if at all. */
  private greet(data: Buffer): void {
    if (data[0] !== 0x10) return this.cut(`expected CONNECT (16) as the first packet, got ${data[0]}`);
    const { firstBytes } = this.limits;
    const body = bodyOf(data, 0, data.length);
    if (body < 0 || (body > 0 && bodyLength > firstBytes)) return this.cut(frameFault(body, firstBytes));
    if (body === 0 || body + bodyLength > data.length) {
      this.held = data;
      return;
    }
    this.state = 'waiting';
    const end = body + bodyLength;
    this.held = Buffer.from(data.subarray(end));
    const answer = this.options.onConnect(Buffer.from(data.subarray(0, end)));
    if (typeof answer === 'number') return this.sendAway(answer);
    this.socket.on('close', () => this.leave()); // before this there is no pipe to be ended
    this.pipe = this.openPipe();
    this.options.onPipe(this.pipe, this);
    this.pipe.push(answer);
  }

  private sendAway(returnCode: number): void {
    this.state = 'closed';
    this.socket.end(Buffer.from([0x20, 2, 0, returnCode]), () => this.leave());
  }

  enter(guest: Guest): void {
    if (this.state !== 'waiting') return;
    this.state = 'inside';
    this.guest = guest;
    this.resume = () => this.goOn();
    this.paused = true;
    this.goOn();
  }

  private goOn(): void {
    if (!this.paused || this.state !== 'inside') return;
    this.paused = false;
    const rest = this.held;
    this.held = NOTHING;
    if (rest.length > 0) this.sort(rest, rest.length);
    if (!this.paused) readOn(this.socket);
  }

  /** Looks at every whole packet as long as the guest takes them, and holds the rest. */
  private sort(data: Buffer, length: number): void {
    const { laterBytes } = this.limits;
    let at = 0;
    let unpassed = 0;
    while (at < length && this.state === 'inside') {
      const body = bodyOf(data, at, length);
      if (body === 0) break;
      const end = body + bodyLength;
      if (bodyLength > laterBytes || body < 0) {
        this.passOn(data, unpassed, at);
        return this.cut(frameFault(body, laterBytes));
      }
      if (end > length) break;
      const header = data[at] as number;
      const isTaken = header >> 4 === PUBLISH && this.isTaken(header, data, body, end);
      if (isTaken) {
        this.passOn(data, unpassed, at);
        unpassed = end;
      }
      at = end;
      if (isTaken && this.guest?.isFull === true) break;
    }
    this.passOn(data, unpassed, at);
    if (this.state === 'inside' && this.guest?.hasRoom(this.resume) === false) this.paused = true;
    if (at < length && this.state !== 'closed') this.held = Buffer.from(data.subarray(at, length));
  }

  /** What fails in the hub ends this connection and no other. */
  private isTaken(header: number, data: Buffer, at: number, end: number): boolean {
    try {
      return this.guest?.onPublish(header, data, at, end) === true;
    } catch (error) {
      this.cut(`the hub failed: ${(error as Error).message}`);
      return true;
    }
  }

  /** Packets for the broker keep their order among themselves; the bytes are its own from here on. */
  private passOn(data: Buffer, from: number, to: number): void {
    if (to > from && this.state !== 'closed') this.pipe?.push(Buffer.from(data.subarray(from, to)));
  }

  send(packets: Bytes): void {
    if (this.state === 'closed') return;
    if (this.unsent === '') process.nextTick(flushAndBound, this);
    this.unsent += packets;
  }

  sendNow(packets: Bytes): void {
    if (this.state === 'closed') return;
    this.flush();
    this.socket.write(packets, 'latin1');
    if (this.socket.writableLength > 0) this.bound();
  }

  private write(bytes: Buffer): void {
    this.flush();
    if (this.socket.writable) this.socket.write(bytes);
    this.bound();
  }

  flush(): void {
    if (this.unsent === '') return;
    const packets = this.unsent;
    this.unsent = '';
    if (this.socket.writable) this.socket.write(packets, 'latin1');
  }

  /** A peer that does not read may not grow. */
  bound(): void {
    const { writableLength } = this.socket;
    if (writableLength > this.limits.unreadBytes) this.cut(`expected a peer that reads, got ${writableLength} bytes unread`);
  }

  cut(why: string): void {
    if (this.state === 'closed') return;
    this.options.onCut(why);
    this.leave();
  }
}

function flushAndBound(front: SocketFront): void {
  front.flush();
  front.bound();
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
