// What is due later than the next seconds: a heap, soonest first, and in the order of asking where two are due at once. In: timers, and word that one was cancelled. Out: the
// soonest. Those that were cancelled are thrown away when they make up half of what is held.

import type { Due } from './timer.ts';

export interface Far {
  put(due: Due): void;
  /** One of those held was cancelled. */
  cancelled(): void;
  first(): Due | undefined;
  takeFirst(): void;
}

const SWEEP_FROM = 1024;

export function farTimers(): Far {
  let heap: Due[] = [];
  let dead = 0;
  return {
    put: (due) => put(heap, due),
    cancelled() {
      if (++dead * 2 < heap.length || heap.length < SWEEP_FROM) return;
      heap = heap.filter((one) => one.run !== undefined).sort((a, b) => (isSooner(a, b) ? -1 : 1)); // sorted is a heap, too
      dead = 0;
    },
    first() {
      for (;;) {
        const first = heap[0];
        if (first === undefined || first.run !== undefined) return first;
        takeTop(heap);
        dead--;
      }
    },
    takeFirst: () => takeTop(heap),
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
