// A Board whose clock and network are in the test's hands: time moves only when the test says so, and the test is the broker. For what takes minutes.

import type { Board, SocketEvents } from '../../device/board.ts';
import { sha256, sha512, signWithNode } from './node-board.ts';

export interface FakeSocket {
  readonly events: SocketEvents;
  /** What the board has written and the test has not taken yet. */
  written: string;
  ended: boolean;
}

export interface FakeBoard extends Board {
  readonly sockets: FakeSocket[];
  /** Moves the clock, running what comes due in its order. */
  pass(ms: number): void;
  timers(): number;
  /** What pulses on each watched pin do, and the level last put on each output. */
  readonly watches: Map<string, () => void>;
  readonly levels: Map<string, boolean>;
  readonly lines: string[];
  /** False makes a connection fail before it begins. */
  reachable: boolean;
}

export function createFakeBoard(): FakeBoard {
  const due = new Map<number, { readonly atMs: number; readonly run: () => void }>();
  let nowMs = 0;
  let lastTimer = 0;
  const board: FakeBoard = {
    sockets: [],
    watches: new Map(),
    levels: new Map(),
    lines: [],
    reachable: true,
    timers: () => due.size,
    pass(ms) {
      const end = nowMs + ms;
      for (;;) {
        const [next] = [...due].filter(([, one]) => one.atMs <= end).sort(([, one], [, other]) => one.atMs - other.atMs);
        if (next === undefined) break;
        const [timer, { atMs, run }] = next;
        due.delete(timer);
        nowMs = atMs;
        run();
      }
      nowMs = end;
    },
    nowMs: () => nowMs,
    after(ms, run) {
      lastTimer++;
      due.set(lastTimer, { atMs: nowMs + ms, run });
      return lastTimer;
    },
    cancel: (timer) => void (timer !== undefined && due.delete(timer)),
    sha256,
    sha512,
    readFlash: () => undefined,
    writeFlash: () => true,
    joinNetwork: (_wifi, onJoined) => onJoined(),
    connect(_host, _port, events) {
      if (!board.reachable) return undefined;
      const socket: FakeSocket = { events, written: '', ended: false };
      board.sockets.push(socket);
      return { write: (bytes) => void (socket.written += bytes), end: () => void (socket.ended = true) };
    },
    watchPulses: (input, onPulse) => void board.watches.set(input.pin, onPulse),
    setOutput: (pin, high) => void board.levels.set(pin, high),
    signNatively: signWithNode,
    log: (line) => void board.lines.push(line),
  };
  return board;
}
