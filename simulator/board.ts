// A simulated board: the firmware's `Board` made of Node's sockets, timers and files. In: a folder for the flash. Out: the same interface that a
// real board gives. The firmware on it is the real firmware; only the world around is simulated. It must never know what the bytes mean.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Board, Socket, SocketEvents } from '../device/board.ts';
import { sha256 } from '../hub/proofs.ts';
import type { Bytes } from '../shared/bytes.ts';
import { opensslSigner } from './openssl-signer.ts';

export interface SimulatedBoard extends Board {
  /** One pulse on a pin, if the firmware watches it. */
  pulse(pin: string): void;
  /** The level that the firmware has put on a pin; false before it has. */
  level(pin: string): boolean;
}

export interface BoardOptions {
  /** Where the flash lives between runs; in memory, and gone afterwards, without it. */
  readonly flashDir?: string | undefined;
  /** The address of this machine from which the board connects, where that matters: each has some 28,000 ports. */
  readonly localAddress?: string | undefined;
  /** In hex, as the board's configuration has it. */
  readonly publicKey: string;
  readonly log: (line: string) => void;
}

export function simulatedBoard(options: BoardOptions): SimulatedBoard {
  const flash = options.flashDir === undefined ? flashInMemory() : flashIn(options.flashDir);
  const timers = new Map<number, NodeJS.Timeout>();
  let lastTimer = 0;
  const watches = new Map<string, () => void>();
  const levels = new Map<string, boolean>();
  return {
    nowMs: () => performance.now(),
    after(ms, run) {
      const id = ++lastTimer;
      timers.set(
        id,
        setTimeout(() => {
          timers.delete(id);
          run();
        }, ms),
      );
      return id;
    },
    cancel(id) {
      if (id === undefined) return;
      clearTimeout(timers.get(id));
      timers.delete(id);
    },
    sha256,
    sha512: (data) => createHash('sha512').update(data, 'latin1').digest('binary'),
    readFlash: flash.read,
    writeFlash(name, bytes) {
      flash.write(name, bytes);
      return true;
    },
    joinNetwork: (_wifi, onJoined) => onJoined(),
    connect: (host, port, events) => openSocket({ host, port, localAddress: options.localAddress }, events),
    watchPulses: (input, onPulse) => void watches.set(input.pin, onPulse),
    setOutput: (pin, high) => void levels.set(pin, high),
    signNatively: opensslSigner(options.publicKey),
    log: options.log,
    pulse: (pin) => watches.get(pin)?.(),
    level: (pin) => levels.get(pin) ?? false,
  };
}

interface FlashFiles {
  readonly read: (name: string) => Bytes | undefined;
  readonly write: (name: string, bytes: Bytes) => void;
}

function flashInMemory(): FlashFiles {
  const files = new Map<string, Bytes>();
  return { read: (name) => files.get(name), write: (name, bytes) => void files.set(name, bytes) };
}

function flashIn(dir: string): FlashFiles {
  mkdirSync(dir, { recursive: true });
  return {
    read: (name) => readFlash(join(dir, name)),
    write: (name, bytes) => writeFileSync(join(dir, name), bytes, 'latin1'),
  };
}

function readFlash(path: string): Bytes | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Node's events in the board's order: open, data ..., and close as the last one, once. */
function openSocket(to: { host: string; port: number; localAddress: string | undefined }, events: SocketEvents): Socket {
  const { host, port, localAddress } = to;
  const socket = connect({ host, port, noDelay: true, ...(localAddress === undefined ? {} : { localAddress }) });
  socket.on('connect', () => events.onOpen());
  socket.on('data', (chunk: Buffer) => events.onData(chunk.toString('latin1')));
  socket.on('error', () => socket.destroy()); // the firmware learns of it through `close`
  socket.on('close', () => events.onClose());
  return {
    write: (bytes) => void socket.write(bytes, 'latin1'),
    end: () => void socket.destroySoon(),
  };
}
