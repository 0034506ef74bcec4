// What is due within the next seconds: a list for each millisecond of a window, and a bit for each list that holds something. In: what is due in the window, in the order of asking. Out: what is
// due first. Putting in and taking out costs the same however much waits: most timers of a world are a few milliseconds long.

import type { Due } from './timer.ts';

export interface Near {
  /** The first millisecond behind the window. */
  readonly untilMs: number;
  /** An empty window is moved to where the time lies in it. */
  moveTo(atMs: number): void;
  put(due: Due): void;
  /** The first one that is due at that time or later and was not cancelled; it stays. */
  first(fromMs: number): Due | undefined;
  /** Takes out what `first` has said. */
  take(due: Due): void;
}

const SLOTS = 8192;
const BITS = 32;

export function nearTimers(): Near {
  const heads = new Array<Due | undefined>(SLOTS).fill(undefined);
  const tails = new Array<Due | undefined>(SLOTS).fill(undefined);
  const marks = new Int32Array(SLOTS / BITS);
  let fromMs = 0;

  function clear(slot: number): void {
    heads[slot] = tails[slot] = undefined;
    marks[slot >>> 5] = (marks[slot >>> 5] as number) & ~(1 << (slot & 31));
  }

  /** The first slot with a list, at `from` or behind it; -1 for none. */
  function nextSlot(from: number): number {
    let word = from >>> 5;
    let bits = word < marks.length ? (marks[word] as number) & (-1 << (from & 31)) : 0;
    while (bits === 0 && ++word < marks.length) bits = marks[word] as number;
    return bits === 0 ? -1 : word * BITS + (BITS - 1 - Math.clz32(bits & -bits));
  }

  const near = {
    untilMs: SLOTS,
    moveTo(atMs: number): void {
      fromMs = atMs - (atMs % SLOTS);
      near.untilMs = fromMs + SLOTS;
    },
    put(due: Due): void {
      const slot = due.atMs - fromMs;
      const tail = tails[slot];
      if (tail === undefined) {
        heads[slot] = due;
        marks[slot >>> 5] = (marks[slot >>> 5] as number) | (1 << (slot & 31));
      } else tail.next = due;
      tails[slot] = due;
    },
    first(atMs: number): Due | undefined {
      const from = Math.max(0, atMs - fromMs);
      for (let slot = nextSlot(from); slot >= 0; slot = nextSlot(slot)) {
        let due = heads[slot];
        while (due !== undefined && due.run === undefined) due = due.next;
        heads[slot] = due;
        if (due !== undefined) return due;
        clear(slot);
      }
      return undefined;
    },
    take(due: Due): void {
      const slot = due.atMs - fromMs;
      heads[slot] = due.next;
      if (due.next === undefined) clear(slot);
    },
  };
  return near;
}
