// The watchdog's food: given while every timer of the firmware comes due and runs to its end, and while a hub that is connected answers. In: the
// Board, ticks, and what the hub owes. Out: whether all is alive. A board without a hub is
// healthy; the event loop alone proves nothing: when memory runs out a handler dies, no one can catch it, and its timer is never set again.

import type { Board } from './board.ts';

export const TICK_MS = 10000;
/** So many ticks late, and a timer counts as dead. In ticks, because the clock may be put forward. */
const LATE_TICKS = 3;
/** Half an hour of a connected hub's silence, though it was asked again every minute. */
const SILENT_TICKS = 180;

interface Awaited {
  timer: number;
  readonly lastTick: number;
}

export interface Watch {
  ticks: number;
  awaited: Awaited[];
  /** Receipts and rejects at the last tick, and for how many ticks there was none though one was owed. */
  answers: number;
  silentTicks: number;
}

export function createWatch(): Watch {
  return { ticks: 0, awaited: [], answers: 0, silentTicks: 0 };
}

function settle(watch: Watch, awaited: Awaited | undefined): void {
  const place = awaited === undefined ? -1 : watch.awaited.indexOf(awaited);
  if (place >= 0) watch.awaited.splice(place, 1);
}

/** From here on the board's timers are under watch. */
export function watchTimers(board: Board, watch: Watch): void {
  /* eslint-disable @typescript-eslint/unbound-method -- a Board is a plain object of functions */
  const after = board.after;
  const cancel = board.cancel;
  /* eslint-enable @typescript-eslint/unbound-method */
  board.after = function (ms, run) {
    const awaited: Awaited = { timer: -1, lastTick: watch.ticks + Math.ceil(ms / TICK_MS) + LATE_TICKS };
    watch.awaited.push(awaited);
    awaited.timer = after(ms, function () {
      run(); // what dies in here, or throws, leaves the entry
      settle(watch, awaited);
    });
    return awaited.timer;
  };
  board.cancel = function (timer) {
    cancel(timer);
    settle(
      watch,
      watch.awaited.find(function (one) {
        return one.timer === timer;
      }),
    );
  };
}

/**
 * One tick. `answers` counts what the hub has said since boot, `owed` that it is connected and owes a receipt. A hub that has said nothing since boot is
 * no reason to restart: so one that stays silent costs one restart, not a loop of them.
 */
export function isAlive(watch: Watch, answers: number, owed: boolean): boolean {
  watch.ticks++;
  watch.silentTicks = owed && answers === watch.answers && answers > 0 ? watch.silentTicks + 1 : 0;
  watch.answers = answers;
  if (watch.silentTicks >= SILENT_TICKS) return false;
  for (const one of watch.awaited) {
    if (one.lastTick < watch.ticks) return false;
  }
  return true;
}
