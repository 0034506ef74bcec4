// One connection of the fuzzer: it says what is wrong and looks what becomes of it. In: packets. Out: for each whether the hub went on, answered or cut the line. Every packet
// is followed by a ping, so that nothing is left to waiting.

import { connect, type Socket } from 'node:net';

export type Outcome = 'went on' | 'cut' | 'never answered';

export interface Line {
  /** `chunks` are one packet, cut anywhere; a packet that announces more than it brings ends the connection from this side. */
  say(chunks: readonly Buffer[], isWhole: boolean): Promise<Outcome>;
  readonly isOpen: () => boolean;
  end(): void;
}

const PING = Buffer.from([0xc0, 0]);
const PONG = 0xd0;
/** Not a measure of speed: a hub that has not answered in this time never will. */
const PATIENCE_MS = 30_000;

export function openLine(port: number): Promise<Line> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let open = true;
  let settle: (outcome: Outcome) => void = () => {};
  let held: Buffer = Buffer.alloc(0);
  socket.on('error', () => {}); // a reset is one of the ways to be cut
  socket.on('close', () => {
    open = false;
    settle('cut');
  });
  socket.on('data', (chunk: Buffer) => {
    const { pongs, rest } = pongsIn(Buffer.concat([held, chunk]));
    held = rest;
    if (pongs > 0) settle('went on');
  });
  const line: Line = {
    say: (chunks, isWhole) =>
      new Promise((resolve) => {
        if (!open) return resolve('cut');
        const timer = setTimeout(() => settle('never answered'), PATIENCE_MS);
        settle = (outcome) => {
          clearTimeout(timer);
          resolve(outcome);
        };
        send(socket, [...chunks, ...(isWhole ? [PING] : [])], () => void (isWhole || socket.end()));
      }),
    isOpen: () => open,
    end: () => void socket.resetAndDestroy(),
  };
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(line));
    socket.once('error', reject);
  });
}

/** One after the other, so that they come as they were cut. */
function send(socket: Socket, [first, ...rest]: readonly Buffer[], done: () => void): void {
  if (first === undefined) return done();
  socket.write(first, () => send(socket, rest, done));
}

function pongsIn(stream: Buffer): { pongs: number; rest: Buffer } {
  let pongs = 0;
  let at = 0;
  while (at + 2 <= stream.length) {
    const size = announced(stream.subarray(at));
    if (size === undefined || at + size > stream.length) break;
    if (stream[at] === PONG) pongs++;
    at += size;
  }
  return { pongs, rest: stream.subarray(at) };
}

/** How long the packet at the beginning says that it is, head and all; `undefined` while that cannot be told. */
export function announced(stream: Buffer): number | undefined {
  let length = 0;
  for (let i = 1; i <= 4; i++) {
    const digit = stream[i];
    if (digit === undefined) return undefined;
    length += (digit & 127) * 128 ** (i - 1);
    if (digit < 128) return 1 + i + length;
  }
  return Infinity;
}

/** True if nothing of what comes next would be taken for a part of these packets. */
export function endsWhole(packets: Buffer): boolean {
  let at = 0;
  while (at < packets.length) {
    const size = announced(packets.subarray(at));
    if (size === undefined) return false;
    at += size;
  }
  return at === packets.length;
}
