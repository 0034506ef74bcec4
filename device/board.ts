// Everything of the world that the firmware touches, behind one interface: the real board, the Linux interpreter and a simulated board
// each make one. Bytes are byte strings. Nothing here is asynchronous but the callbacks; nothing throws unless it says so.

import type { Bytes } from '../shared/bytes.ts';
import type { InputConfig, WifiConfig } from '../shared/config.ts';
import type { Native } from './ed25519native.ts';
import type { PageFlash } from './pages.ts';

export interface Socket {
  write(bytes: Bytes): void;
  end(): void;
}

/** After `onClose` no other callback follows. */
export interface SocketEvents {
  onOpen(): void;
  onData(bytes: Bytes): void;
  onClose(): void;
}

/** Where the firmware itself lies: two files of a store, of which one runs. The store is Espruino's own, or what stands in for it. */
export interface Slots {
  readonly own: number;
  readonly store: {
    /** The whole file, which takes no memory. */
    read(name: string): Bytes | undefined;
    /** Blank bytes are written, others never overwritten: then it throws. At 0, with the file's size, the file is made anew unless it is blank. */
    write(name: string, bytes: Bytes, at: number, size: number): boolean;
    /** What can be written before the store puts itself in order. */
    getStats(): { readonly freeBytes: number };
  };
  /** Starts the firmware again, through the loader. */
  restart(): void;
}

export interface Board {
  /** Milliseconds of a clock that never runs backwards; since 1970 where the board knows the time. */
  nowMs(): number;
  /** Calls back once, `ms` from now; the answer is good for `cancel`. */
  after(ms: number, run: () => void): number;
  /** A timer that is not there is none. */
  cancel(timer: number | undefined): void;
  /** 32 bytes; throws when the hardware had no memory for the answer. */
  readonly sha256: (data: Bytes) => Bytes;
  /** 64 bytes; throws when the hardware had no memory for the answer. */
  readonly sha512: (data: Bytes) => Bytes;
  /** What was last written under the name (28 characters at most), or `undefined`. */
  readFlash(name: string): Bytes | undefined;
  /** The same without a copy: good until the next write. */
  readonly mapFlash?: ((name: string) => Bytes | undefined) | undefined;
  /** What the firmware's own signature takes from the platform, made when it begins. Both are there unless there is `signNatively`. */
  readonly native?: (() => Native) | undefined;
  /** True once the bytes are in flash. A power cut during it may leave the old, the new or torn bytes. */
  writeFlash(name: string, bytes: Bytes): boolean;
  /** Flash pages outside the file store, for the records; a board that has none keeps them in files. */
  readonly pageFlash?: PageFlash | undefined;
  /** Joins the radio network if the board has one and a configuration is given; then, or at once, calls `onJoined`; may call it again after a loss. */
  joinNetwork(wifi: WifiConfig | undefined, onJoined: () => void): void;
  /**
   * A TCP connection under way, through TLS if there is a certificate or ''; `undefined` when it could not even be begun. Events come later, never from
   * within the call.
   */
  connect(host: string, port: number, events: SocketEvents, tls?: string): Socket | undefined;
  /** Falling edges of a pin that is pulled up. */
  watchPulses(input: InputConfig, onPulse: () => void): void;
  setOutput(pin: string, high: boolean): void;
  /** A faster Ed25519 than the firmware's own, where the platform has one: (seed, message) -> 64 bytes. */
  readonly signNatively: ((seed: Bytes, message: Bytes) => Bytes) | undefined;
  /** Only where a loader has started the firmware. */
  readonly slots?: Slots | undefined;
  /** Whether the hub's key has signed the message: the answer is a slice of the work, `undefined` while there is more. */
  readonly beginVerification?: ((board: Board, message: Bytes, signature: Bytes) => () => boolean | undefined) | undefined;
  /** Puts off the restart by a minute; the first call starts the watchdog. A board without one has no such function. */
  readonly feedWatchdog?: (() => void) | undefined;
  /** Blinks a code until another one, 0 for none; only where there is a lamp. */
  readonly showCode?: ((code: number) => void) | undefined;
  /** Sorts the memory while nothing else is to be done: what was freed in between makes every native hash search for room. */
  readonly tidy?: (() => void) | undefined;
  /** One line for the maker's console. */
  log(line: string): void;
}
