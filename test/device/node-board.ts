// A Board made of Node: real sockets, real timers, real hashes, flash in memory that outlives the firmware. In: the flash of an earlier
// boot, if any. Out: a Board for tests.

import { createHash, createPrivateKey, sign } from 'node:crypto';
import { connect } from 'node:net';
import type { Board } from '../../device/board.ts';
import { baseTable } from '../../device/build/table.ts';
import { TABLE_FILE } from '../../device/ed25519table.ts';
import type { Bytes } from '../../shared/bytes.ts';
import { nativeOnNode } from '../sign/nativeonnode.ts';

/** As the upload puts it on every board. */
const TABLE = baseTable().toString('latin1');

export type Flash = Map<string, Bytes>;

const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

function hash(algorithm: string): (data: Bytes) => Bytes {
  return (data) => createHash(algorithm).update(Buffer.from(data, 'latin1')).digest().toString('latin1');
}

export const sha256 = hash('sha256');
export const sha512 = hash('sha512');

export function signWithNode(seed: Bytes, message: Bytes): Bytes {
  const der = Buffer.concat([PKCS8_ED25519, Buffer.from(seed, 'latin1')]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return sign(null, Buffer.from(message, 'latin1'), key).toString('latin1');
}

export interface NodeBoard extends Board {
  readonly flash: Flash;
  readonly lines: string[];
  /** Pulses of the pin that the firmware was the last to watch. */
  pulse: (() => void) | undefined;
  /** What pulses on each pin do. */
  readonly watches: Map<string, () => void>;
  /** The level that was last put on each pin. */
  readonly levels: Map<string, boolean>;
  /** False makes every write to flash fail. */
  flashWorks: boolean;
}

export function createNodeBoard(flash: Flash, options: { native: boolean } = { native: true }): NodeBoard {
  const timers = new Map<number, NodeJS.Timeout>();
  let nextTimer = 0;
  const board: NodeBoard = {
    flash,
    lines: [],
    pulse: undefined,
    watches: new Map(),
    levels: new Map(),
    flashWorks: true,
    nowMs: () => Math.floor(performance.now()),
    after(ms, run) {
      nextTimer++;
      const id = nextTimer;
      const started = setTimeout(() => {
        timers.delete(id);
        run();
      }, ms);
      timers.set(id, started);
      return id;
    },
    cancel(timer) {
      if (timer === undefined) return;
      clearTimeout(timers.get(timer));
      timers.delete(timer);
    },
    sha256,
    sha512,
    readFlash: (name) => flash.get(name),
    writeFlash(name, bytes) {
      if (board.flashWorks) flash.set(name, bytes);
      return board.flashWorks;
    },
    joinNetwork(_wifi, onJoined) {
      onJoined();
    },
    connect(host, port, events) {
      const socket = connect({ host, port });
      socket.on('connect', () => events.onOpen());
      socket.on('data', (data) => events.onData(data.toString('latin1')));
      socket.on('error', () => undefined); // 'close' follows
      socket.on('close', () => events.onClose());
      return { write: (bytes) => void socket.write(bytes, 'latin1'), end: () => void socket.end() };
    },
    watchPulses(input, onPulse) {
      board.pulse = onPulse;
      board.watches.set(input.pin, onPulse);
    },
    setOutput: (pin, high) => void board.levels.set(pin, high),
    signNatively: options.native ? signWithNode : undefined,
    native: () => nativeOnNode,
    mapFlash: (name) => (name === TABLE_FILE && !flash.has(name) ? TABLE : flash.get(name)),
    log: (line) => void board.lines.push(line),
  };
  return board;
}
