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
  /** The same, unless it is due later than that. */
  stepBy(atMs: number): boolean;
  /** Does what is due up to then, and stands there. */
  passTo(atMs: number): void;
  pending(): number;
}

interface Due {
  readonly atMs: number;
  /** The order of asking. */
  readonly order: number;
  readonly place: number;
  run: (() => void) | undefined;
}

/** A timer's number holds its order and, below, its place among those that wait. */
const PLACES = 2 ** 20;

/** Cancelled ones are thrown away when they make up half of what waits, and at least so many. */
const SWEEP_FROM = 1024;

export function createClock(): Clock {
  let heap: Due[] = [];
  const waiting: Array<Due | undefined> = [];
  const freePlaces: number[] = [];
  let pending = 0;
  let lastOrder = 0;
  let nowMs = 0;

  function leave(due: Due): void {
    waiting[due.place] = undefined;
    freePlaces.push(due.place);
    pending--;
  }

  function top(): Due | undefined {
    for (;;) {
      const first = heap[0];
      if (first === undefined || first.run !== undefined) return first;
      takeTop(heap);
    }
  }

  function stepBy(atMs: number): boolean {
    const due = top();
    if (due?.run === undefined || due.atMs > atMs) return false;
    takeTop(heap);
    leave(due);
    nowMs = due.atMs;
    due.run();
    return true;
  }

  return {
    get nowMs() {
      return nowMs;
    },
    after(ms, run) {
      const place = freePlaces.pop() ?? waiting.length;
      if (place >= PLACES) throw new Error(`expected at most ${PLACES} timers at once`);
      const due: Due = { atMs: nowMs + (ms > 0 ? Math.floor(ms) : 0), order: ++lastOrder, place, run };
      waiting[place] = due;
      pending++;
      put(heap, due);
      return due.order * PLACES + place;
    },
    cancel(timer) {
      const due = waiting[timer % PLACES];
      if (due === undefined || due.order !== Math.floor(timer / PLACES)) return;
      due.run = undefined;
      leave(due);
      if (heap.length < SWEEP_FROM || pending * 2 > heap.length) return;
      heap = heap.filter((one) => one.run !== undefined).sort((a, b) => (isSooner(a, b) ? -1 : 1)); // sorted is a heap, too
    },
    nextMs: () => top()?.atMs,
    step: () => stepBy(Infinity),
    stepBy,
    passTo(atMs) {
      while (stepBy(atMs));
      nowMs = Math.max(nowMs, atMs);
    },
    pending: () => pending,
  };
}

function isSooner(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
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
