// Virtual time: nothing happens but what is due, so a month passes as fast as it can be computed, and every run with a seed is the same. In: what
// shall happen after so many milliseconds. Out: it happens, soonest first, and in the order of asking where two are due at once. It must
// never look at the machine's own clock.

export interface Clock {
  readonly nowMs: number;
  /** Calls back once; the answer is good for `cancel`. Numbers start at 1. */
  after(ms: number, run: () => void): number;
  cancel(timer: number): void;
  /** The time of what is due next; `undefined` when nothing is. */
  nextMs(): number | undefined;
  /** Does what is due next; false when nothing is. */
  step(): boolean;
  /** Does what is due up to then, and stands there. */
  passTo(atMs: number): void;
  pending(): number;
}

interface Due {
  readonly id: number;
  readonly atMs: number;
  run: (() => void) | undefined;
}

/** Cancelled ones are thrown away when they make up half of what waits, and at least so many. */
const SWEEP_FROM = 1024;

export function createClock(): Clock {
  let heap: Due[] = [];
  const waiting = new Map<number, Due>();
  let lastId = 0;
  const clock = { nowMs: 0 };

  function top(): Due | undefined {
    for (;;) {
      const first = heap[0];
      if (first === undefined || first.run !== undefined) return first;
      takeTop(heap);
    }
  }

  function step(): boolean {
    const due = top();
    if (due?.run === undefined) return false;
    takeTop(heap);
    waiting.delete(due.id);
    clock.nowMs = due.atMs;
    due.run();
    return true;
  }

  return {
    get nowMs() {
      return clock.nowMs;
    },
    after(ms, run) {
      const due: Due = { id: ++lastId, atMs: clock.nowMs + Math.max(0, Math.floor(ms)), run };
      waiting.set(due.id, due);
      put(heap, due);
      return due.id;
    },
    cancel(timer) {
      const due = waiting.get(timer);
      if (due === undefined) return;
      due.run = undefined;
      waiting.delete(timer);
      if (heap.length < SWEEP_FROM || waiting.size * 2 > heap.length) return;
      heap = heap.filter((one) => one.run !== undefined).sort((a, b) => (isSooner(a, b) ? -1 : 1)); // sorted is a heap, too
    },
    nextMs: () => top()?.atMs,
    step,
    passTo(atMs) {
      for (let due = top(); due !== undefined && due.atMs <= atMs; due = top()) step();
      clock.nowMs = Math.max(clock.nowMs, atMs);
    },
    pending: () => waiting.size,
  };
}

function isSooner(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.id < b.id);
}

function put(heap: Due[], due: Due): void {
  let at = heap.length;
  heap.push(due);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Due;
    if (isSooner(above, due)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = due;
}

function takeTop(heap: Due[]): void {
  const last = heap.pop() as Due;
  const length = heap.length;
  if (length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= length) break;
    if (child + 1 < length && isSooner(heap[child + 1] as Due, heap[child] as Due)) child++;
    const below = heap[child] as Due;
    if (isSooner(last, below)) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = last;
}
