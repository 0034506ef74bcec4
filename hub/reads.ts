// How a front gets its bytes: all plain sockets of the process read into one buffer, because a buffer of 64 KiB per read, made and thrown away for 44 bytes, is a fifth of what a small packet costs. In: a
// socket. Out: chunks, good only until the callee returns. Node offers this to sockets that connect (`onread`) and not to those that are accepted, though they work the same; where they do not, and
// under TLS, chunks are taken from the stream, one buffer each.

import { Socket } from 'node:net';

/** The bytes are those before `length`; true if more may come now. */
export type Take = (data: Buffer, length: number) => boolean;

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

/** `end` is called when the peer has said its last. */
export function readInto(socket: Socket, take: Take, end: () => void): void {
  const early = socket.read() as Buffer | null; // under TLS something may have come with the handshake
  socket.push = (chunk: Buffer | null): boolean => {
    if (chunk !== null) return take(chunk, chunk.length);
    end();
    return false;
  };
  if (Object.getPrototypeOf(socket) === Socket.prototype) shareBuffer(socket, take);
  if (early !== null && !take(early, early.length)) return;
  readOn(socket);
}

export function readOn(socket: Socket): void {
  socket._read(0);
}

function shareBuffer(socket: Socket, take: Take): void {
  const handle = (socket as unknown as { readonly _handle?: Handle })._handle;
  if (SLOTS === undefined || typeof handle?.useUserBuffer !== 'function') return;
  const [buffer, callback, next] = SLOTS;
  const slots = socket as unknown as Slots;
  slots[buffer] = SHARED;
  slots[callback] = (length: number): boolean => take(SHARED, length);
  slots[next] = null;
  handle.useUserBuffer(SHARED);
}
