// The board's file store with a power supply that can be cut: files as Espruino's Storage keeps them, of which blank bytes may be written once, and the loader that a
// board really boots, run by Node on top of it. In: files, and before which operation, and in which way, the power goes. Out: what runs at each start.

import { RUN } from '../../device/build/board-files.ts';
import { buildFile } from '../../device/build/build.ts';
import type { Slots } from '../../device/board.ts';
import type { Bytes } from '../../shared/bytes.ts';

export class PowerCut extends Error {}

/** What is left of the operation in which the power went: nothing, its first part, some of its bits, or all of it. */
export type Left = 'nothing' | 'part' | 'bits' | 'all';
export const LEFT: readonly Left[] = ['nothing', 'part', 'bits', 'all'];

export interface SlotStore {
  readonly files: Map<string, Uint8Array>;
  /** Counted over the store's life. */
  operations: number;
  /** Before the operation of this number; then once no more. */
  cut: { readonly before: number; readonly left: Left } | undefined;
  freeBytes: number;
  /** The power is gone: nothing runs until the next start, whoever catches what. */
  off: boolean;
  /** Only reads from now on. */
  worn: boolean;
  read(name: string): Bytes | undefined;
  /** As Storage.write: throws where it would. */
  write(name: string, bytes: Bytes, at: number, size: number): void;
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 255);
}

function program(cells: Uint8Array, bytes: Uint8Array, left: Left): void {
  bytes.forEach((byte, i) => {
    if (left === 'nothing' || (left === 'part' && i >= bytes.length / 2)) return;
    // Of the bits that go to 0, every second one, beginning with another one in each byte.
    cells[i] = left === 'bits' ? byte | (0x55 << (i & 1)) : byte;
  });
}

export function createSlotStore(): SlotStore {
  const store: SlotStore = {
    files: new Map(),
    operations: 0,
    cut: undefined,
    freeBytes: 900_000,
    off: false,
    worn: false,
    read(name) {
      const file = store.files.get(name);
      return file === undefined ? undefined : Buffer.from(file).toString('latin1');
    },
    write(name, bytes, at, size) {
      if (store.worn) throw new Error('Unable to find or create file');
      const before = store.files.get(name);
      if (at === 0 && (before === undefined || before.length !== size || !isBlank(before))) {
        if (before !== undefined) operate(() => store.files.delete(name));
        operate(() => store.files.set(name, new Uint8Array(size).fill(255)));
        store.freeBytes -= size + 32;
      }
      const cells = store.files.get(name)?.subarray(at, at + bytes.length);
      if (cells === undefined) throw new Error('Unable to find or create file');
      if (cells.length !== bytes.length) throw new Error('Too much data for file size');
      if (!isBlank(cells)) throw new Error('File already written with different data');
      operate((left) => program(cells, Buffer.from(bytes, 'latin1'), left));
    },
  };
  /** A header is there or not; bytes may be there in part. */
  function operate(act: (left: Left) => void): void {
    if (store.off) throw new PowerCut();
    store.operations++;
    const cut = store.cut;
    if (cut === undefined || cut.before !== store.operations) return act('all');
    store.cut = undefined;
    store.off = true;
    if (cut.left !== 'nothing') act(cut.left);
    throw new PowerCut();
  }
  return store;
}

export function slotsOf(store: SlotStore, own: number, restart: () => void): Slots {
  const write = (name: string, bytes: Bytes, at: number, size: number): boolean => {
    store.write(name, bytes, at, size);
    return true;
  };
  return { own, store: { read: (name) => store.read(name), write, getStats: () => store }, restart };
}

export interface Boot {
  /** The slot, -1 for none. */
  readonly slot: number;
  /** What its code has put into `ran`. */
  readonly ran: unknown;
  /** The loader's watch over a firmware on trial: called every ten seconds, it may start the board again. */
  readonly look: (() => void) | undefined;
  readonly world: { TS?: number; tallystick?: unknown; ran?: unknown; loads: number };
}

/** As text: Node knows no tokens. */
const LOADER = (await buildFile('device/boot.ts')).code;

/** Power on: the loader, and what it evaluates, in a world of its own. */
export function boot(store: SlotStore): Boot {
  store.off = false;
  const world: Boot['world'] = { loads: 0 };
  let look: (() => void) | undefined;
  const surroundings = {
    global: world,
    require: () => ({
      read: (name: string) => store.read(name),
      write: (name: string, bytes: Bytes, at = 0) => store.write(name, bytes, at, bytes.length),
    }),
    E: {},
    print: () => undefined,
    setInterval: (run: () => void) => ((look = run), 1),
    clearInterval: () => (look = undefined),
    load: () => void world.loads++,
  };
  const names = Object.keys(surroundings);
  const run = (code: string): unknown =>
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- as the board evaluates it
    new Function(...names, 'TS', code)(...Object.values(surroundings), world.TS);
  run(LOADER);
  if (store.off) throw new PowerCut();
  try {
    run(RUN);
  } catch {
    // it is printed, and the loader's watch goes on
  }
  return { slot: world.TS ?? -1, ran: world.ran, look, world };
}
