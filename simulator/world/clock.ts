// Virtual time: nothing happens but what is due, so a month passes as fast as it can be computed, and every run with a seed is the same. In: what
// shall happen after so many milliseconds. Out: it happens, soonest first, and in the order of asking where two are due at once. It must
// never look at the machine's own clock.

import { farTimers } from './far.ts';
import { nearTimers } from './near.ts';
import type { Due } from './timer.ts';

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

/** A timer's number holds its order and, below, its place among those that wait. */
const PLACES = 2 ** 20;

export function createClock(): Clock {
  const near = nearTimers();
  const far = farTimers();
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

  const first = (): Due | undefined => near.first(nowMs) ?? far.first();

  /** The near window moves when time does, and not before: what is asked for until then must not lie behind it. */
  function bringNear(soonest: Due): void {
    near.moveTo(soonest.atMs);
    for (let due = far.first(); due !== undefined && due.atMs < near.untilMs; due = far.first()) {
      far.takeFirst();
      due.isFar = false;
      near.put(due);
    }
  }

  function stepBy(atMs: number): boolean {
    const due = first();
    if (due === undefined || due.atMs > atMs) return false;
    if (due.isFar) bringNear(due);
    near.take(due);
    leave(due);
    nowMs = due.atMs;
    const { run } = due;
    due.run = undefined;
    run?.();
    return true;
  }

  return {
    get nowMs() {
      return nowMs;
    },
    after(ms, run) {
      const place = freePlaces.pop() ?? waiting.length;
      if (place >= PLACES) throw new Error(`expected at most ${PLACES} timers at once`);
      const atMs = Math.floor(nowMs + (ms > 0 ? ms : 0));
      const isFar = atMs >= near.untilMs;
      const due: Due = { atMs, order: ++lastOrder, place, run, next: undefined, isFar };
      waiting[place] = due;
      pending++;
      if (isFar) far.put(due);
      else near.put(due);
      return due.order * PLACES + place;
    },
    cancel(timer) {
      const due = waiting[timer % PLACES];
      if (due === undefined || due.order !== Math.floor(timer / PLACES)) return;
      due.run = undefined;
      leave(due);
      if (due.isFar) far.cancelled();
    },
    nextMs: () => first()?.atMs,
    step: () => stepBy(Infinity),
    stepBy,
    passTo(atMs) {
      while (stepBy(atMs));
      nowMs = Math.max(nowMs, atMs);
    },
    pending: () => pending,
  };
}
