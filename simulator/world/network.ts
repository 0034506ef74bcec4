// The modelled network: lines between boards and the hub that carry whole MQTT packets, and the weather on them. In: packets, and what the weather is like.
// Out: packets that arrive later, twice, out of order, changed, or never; and lines that end with or without a word. It must never look
// into a packet: who wants to know what is in it listens at the ends.

import type { Socket, SocketEvents } from '../../device/board.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { Random } from '../random.ts';
import type { Clock } from './clock.ts';

/** Of each packet, independently. */
export interface Weather {
  readonly delayMs: { readonly least: number; readonly mean: number };
  readonly lossShare: number;
  readonly duplicateShare: number;
  readonly reorderShare: number;
  readonly flipShare: number;
}

export const FAIR: Weather = {
  delayMs: { least: 5, mean: 30 },
  lossShare: 0,
  duplicateShare: 0,
  reorderShare: 0,
  flipShare: 0,
};

/** What happened to packets, by kind. */
export type NetworkFault = 'lost' | 'duplicated' | 'reordered' | 'flipped' | 'cut off';

/** The hub's end of a line. */
export interface ServerLine {
  readonly endpoint: number;
  send(bytes: Bytes): void;
  close(): void;
}

export interface Server {
  onOpen(line: ServerLine): void;
  onData(line: ServerLine, bytes: Bytes): void;
  onClose(line: ServerLine): void;
}

export interface Network {
  weather: Weather;
  /** `undefined` while nobody listens: connecting is refused. */
  server: Server | undefined;
  connect(endpoint: number, events: SocketEvents): Socket;
  /** Packets from and to the endpoint vanish; its lines stay open and nobody is told. */
  partition(endpoint: number, isCut: boolean): void;
  /** Every line ends; the boards notice at once or have to find out. */
  dropAll(silently: boolean): void;
  /** The board has lost its power: its lines say nothing any more. */
  silence(endpoint: number): void;
  /** Somebody on the way puts bytes onto the endpoint's open line, as if the board or the hub had sent them. */
  inject(endpoint: number, towards: 'hub' | 'board', bytes: Bytes): void;
}

export interface NetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly onFault: (kind: NetworkFault, endpoint: number) => void;
  /** Every packet as it leaves its sender, before any weather. */
  readonly onBoardSends: (endpoint: number, bytes: Bytes) => void;
  readonly onHubSends: (endpoint: number, bytes: Bytes) => void;
}

interface Line extends ServerLine {
  readonly events: SocketEvents;
  /** Of the board's end and of the hub's end. */
  boardOpen: boolean;
  hubOpen: boolean;
  /** No packet overtakes another one unless the weather makes it. */
  upAtMs: number;
  downAtMs: number;
}

export function createNetwork({ clock, random, onFault, onBoardSends, onHubSends }: NetworkOptions): Network {
  const lines = new Map<number, Set<Line>>();
  const partitioned = new Set<number>();

  const delayMs = (): number => {
    const { least, mean } = network.weather.delayMs;
    return mean > least ? least + random.exponential(mean - least) : least;
  };

  function flipped(bytes: Bytes, endpoint: number): Bytes {
    if (network.weather.flipShare === 0 || random.next() >= network.weather.flipShare) return bytes;
    onFault('flipped', endpoint);
    const at = random.integer(0, bytes.length - 1);
    const code = bytes.charCodeAt(at) ^ (1 << random.integer(0, 7));
    return bytes.substring(0, at) + String.fromCharCode(code) + bytes.substring(at + 1);
  }

  function lossOf(endpoint: number): NetworkFault | undefined {
    if (partitioned.has(endpoint)) return 'cut off';
    const { lossShare } = network.weather;
    return lossShare > 0 && random.next() < lossShare ? 'lost' : undefined;
  }

  function arrivalMs(line: Line, way: 'upAtMs' | 'downAtMs'): number {
    const atMs = clock.nowMs + delayMs();
    const { reorderShare } = network.weather;
    if (reorderShare > 0 && random.next() < reorderShare) {
      onFault('reordered', line.endpoint);
      return atMs + delayMs() * 4;
    }
    line[way] = Math.max(line[way], atMs);
    return line[way];
  }

  function carry(line: Line, way: 'upAtMs' | 'downAtMs', bytes: Bytes, deliver: (bytes: Bytes) => void): void {
    const loss = lossOf(line.endpoint);
    if (loss !== undefined) return onFault(loss, line.endpoint);
    const carried = flipped(bytes, line.endpoint);
    const once = (): void => void clock.after(arrivalMs(line, way) - clock.nowMs, () => deliver(carried));
    once();
    const { duplicateShare } = network.weather;
    if (duplicateShare === 0 || random.next() >= duplicateShare) return;
    onFault('duplicated', line.endpoint);
    once();
  }

  const up = (line: Line, bytes: Bytes): void =>
    carry(line, 'upAtMs', bytes, (arrived) => {
      if (line.hubOpen) network.server?.onData(line, arrived);
    });

  const down = (line: Line, bytes: Bytes): void =>
    carry(line, 'downAtMs', bytes, (arrived) => {
      if (line.boardOpen) line.events.onData(arrived);
    });

  function forget(line: Line): void {
    if (line.boardOpen || line.hubOpen) return;
    lines.get(line.endpoint)?.delete(line);
  }

  /** The board learns of it unless the news is lost. */
  function endAtBoard(line: Line): void {
    if (!line.boardOpen || lossOf(line.endpoint) !== undefined) return;
    clock.after(delayMs(), () => {
      if (!line.boardOpen) return;
      line.boardOpen = false;
      forget(line);
      line.events.onClose();
    });
  }

  function endAtHub(line: Line): void {
    if (!line.hubOpen || lossOf(line.endpoint) !== undefined) return;
    clock.after(delayMs(), () => {
      if (!line.hubOpen) return;
      line.hubOpen = false;
      forget(line);
      network.server?.onClose(line);
    });
  }

  function open(endpoint: number, events: SocketEvents): Line {
    const line: Line = {
      endpoint,
      events,
      boardOpen: true,
      hubOpen: false,
      upAtMs: 0,
      downAtMs: 0,
      send: (bytes) => {
        if (!line.hubOpen) return;
        onHubSends(endpoint, bytes);
        down(line, bytes);
      },
      close() {
        line.hubOpen = false;
        endAtBoard(line);
        forget(line);
      },
    };
    const own = lines.get(endpoint);
    if (own === undefined) lines.set(endpoint, new Set([line]));
    else own.add(line);
    return line;
  }

  function greet(line: Line): void {
    if (!line.boardOpen || partitioned.has(line.endpoint)) return;
    if (network.server === undefined) return endAtBoard(line);
    line.hubOpen = true;
    network.server.onOpen(line);
    clock.after(delayMs(), () => {
      if (line.boardOpen) line.events.onOpen();
    });
  }

  const network: Network = {
    weather: FAIR,
    server: undefined,
    connect(endpoint, events) {
      const line = open(endpoint, events);
      clock.after(delayMs(), () => greet(line));
      return {
        write: (bytes) => {
          if (!line.boardOpen) return;
          onBoardSends(endpoint, bytes);
          up(line, bytes);
        },
        end() {
          line.boardOpen = false;
          endAtHub(line);
          forget(line);
        },
      };
    },
    partition: (endpoint, isCut) => void (isCut ? partitioned.add(endpoint) : partitioned.delete(endpoint)),
    dropAll(silently) {
      for (const own of lines.values()) {
        for (const line of [...own]) {
          line.hubOpen = false;
          if (!silently) endAtBoard(line);
          forget(line);
        }
      }
    },
    silence(endpoint) {
      for (const line of [...(lines.get(endpoint) ?? [])]) {
        line.boardOpen = false;
        forget(line);
      }
    },
    inject(endpoint, towards, bytes) {
      for (const line of lines.get(endpoint) ?? []) {
        if (towards === 'hub' ? line.hubOpen : line.boardOpen) return towards === 'hub' ? up(line, bytes) : down(line, bytes);
      }
    },
  };
  return network;
}
