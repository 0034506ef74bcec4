// How a front gets its bytes: all plain sockets of the process read into one buffer, because a buffer of 64 KiB per read, made and thrown away for 44 bytes, is a fifth of what a small packet costs. In: a
// socket. Out: chunks, good only until the callee returns. Node offers this to sockets that connect (`onread`) and not to those that are accepted, though they work the same; where they do not, and
// under TLS, chunks are taken from the stream, one buffer each.

import { Socket } from 'node:net';

export interface Taker {
  /** The bytes are those before `length`; true if more may come now. */
  take(data: Buffer, length: number): boolean;
  /** The peer has said its last. */
  end(): void;
}

const SHARED = Buffer.allocUnsafeSlow(65_536);

interface Handle {
  useUserBuffer?: (buffer: Uint8Array) => void;
}

type Slots = Record<symbol, unknown>;

/** What Node keeps `onread` under; `undefined` in a Node that does it in another way. */
const SLOTS = slotsOf();

function slotsOf(): readonly [symbol, symbol, symbol] | undefined {
  const options = { onread: { buffer: Buffer.alloc(1), callback: () => true } };
  const probe = new Socket(options as ConstructorParameters<typeof Socket>[0]);
  const named = (name: string): symbol | undefined =>
    Object.getOwnPropertySymbols(probe).find((symbol) => symbol.description === name);
  const [buffer, callback, next] = [named('kBuffer'), named('kBufferCb'), named('kBufferGen')];
  probe.destroy();
  return buffer === undefined || callback === undefined || next === undefined ? undefined : [buffer, callback, next];
}

export function readInto(socket: Socket, taker: Taker): void {
  const early = socket.read() as Buffer | null; // under TLS something may have come with the handshake
  socket.push = (chunk: Buffer | null): boolean => {
    if (chunk !== null) return taker.take(chunk, chunk.length);
    taker.end();
    return false;
  };
  if (Object.getPrototypeOf(socket) === Socket.prototype) shareBuffer(socket, taker);
  if (early !== null && !taker.take(early, early.length)) return;
  readOn(socket);
}

export function readOn(socket: Socket): void {
  socket._read(0);
}

const TAKER = Symbol('taker');

function shareBuffer(socket: Socket, taker: Taker): void {
  const handle = (socket as unknown as { readonly _handle?: Handle })._handle;
  if (SLOTS === undefined || typeof handle?.useUserBuffer !== 'function') return;
  const [buffer, callback, next] = SLOTS;
  const slots = socket as unknown as Slots;
  slots[TAKER] = taker;
  slots[buffer] = SHARED;
  slots[callback] = takeShared;
  slots[next] = null;
  handle.useUserBuffer(SHARED);
}

/** One function for all sockets, which Node calls on the socket. */
function takeShared(this: Slots, length: number): boolean {
  return (this[TAKER] as Taker).take(SHARED, length);
}
