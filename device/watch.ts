// The watchdog's food: given while the firmware gets on, and while a hub that is connected answers. In: every ten seconds, what has happened since. Out: whether all is
// alive. A board without a hub is healthy; the event loop alone proves nothing: when memory runs out a handler dies, no one can catch it, and what it
// would have set in motion never moves again.

export const TICK_MS = 10000;
/** So many ticks late, and a handler counts as dead. In ticks, because the clock may be put forward. */
const LATE_TICKS = 3;
/** Half an hour of a connected hub's silence, though it was asked again every minute. */
const SILENT_TICKS = 180;
/** The longest time in which a link sets no timer, beside a ping's: a pause with its jitter. */
const PAUSE_MS = 90000;

/** Ticks in a row for which a sign was owed and none came: of the hub, of a beat, of the link. */
export interface Watch {
  silentTicks: number;
  beatTicks: number;
  linkTicks: number;
}

/** What is owed since the last tick and has not come. */
export interface Owed {
  readonly isAnswer: boolean;
  readonly isBeat: boolean;
  readonly isSign: boolean;
}

export function createWatch(): Watch {
  return { silentTicks: 0, beatTicks: 0, linkTicks: 0 };
}

function ticksFor(ms: number): number {
  return Math.ceil(ms / TICK_MS) + LATE_TICKS;
}

/** One tick. */
export function isAlive(watch: Watch, owed: Owed, beatMs: number, keepaliveSeconds: number): boolean {
  watch.silentTicks = owed.isAnswer ? watch.silentTicks + 1 : 0;
  watch.beatTicks = owed.isBeat ? watch.beatTicks + 1 : 0;
  watch.linkTicks = owed.isSign ? watch.linkTicks + 1 : 0;
  return (
    watch.silentTicks < SILENT_TICKS &&
    watch.beatTicks <= ticksFor(beatMs) &&
    watch.linkTicks <= ticksFor(PAUSE_MS + keepaliveSeconds * 500)
  );
}
