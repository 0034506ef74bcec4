// The watchdog's food: given while the firmware gets on, and while a hub that is connected answers. In: every ten seconds, what has happened since. Out: whether all is
// alive. A board without a hub is healthy; the event loop alone proves nothing: when memory runs out a handler dies, no one can catch it, and what it
// would have set in motion never moves again.

import type { Session } from './session.ts';

export const TICK_MS = 10000;
/** So many ticks late, and a handler counts as dead. In ticks, because the clock may be put forward. */
const LATE_TICKS = 3;
/** Half an hour of a connected hub's silence, though it was asked again every minute. */
const SILENT_TICKS = 180;
/** The longest time in which a link sets no timer, beside a ping's: a pause with its jitter. */
const PAUSE_MS = 90000;

export interface Watch {
  /** As of the last tick: receipts and rejects, beats, and timers that the link has set; each with the ticks for which one more was owed and none came. */
  answers: number;
  silentTicks: number;
  beats: number;
  beatTicks: number;
  signs: number;
  linkTicks: number;
}

/** What the firmware has done since boot, and what it owes. */
export interface Pace {
  readonly answers: number;
  /** The hub is connected and owes a receipt. */
  readonly isOwed: boolean;
  readonly beats: number;
  /** Units are metered and not taken over yet. */
  readonly isMetered: boolean;
  readonly beatMs: number;
  readonly link: Session;
}

export function createWatch(): Watch {
  return { answers: 0, silentTicks: 0, beats: 0, beatTicks: 0, signs: 0, linkTicks: 0 };
}

/**
 * One tick. A hub that has said nothing since boot is no reason to restart: so one that stays silent costs one restart, not a loop of them. A link that has never been
 * opened waits for its network, for as long as that takes.
 */
export function isAlive(watch: Watch, pace: Pace): boolean {
  const link = pace.link;
  watch.silentTicks = pace.isOwed && pace.answers === watch.answers && pace.answers > 0 ? watch.silentTicks + 1 : 0;
  watch.beatTicks = pace.isMetered && pace.beats === watch.beats ? watch.beatTicks + 1 : 0;
  watch.linkTicks = link.turn > 0 && link.signs === watch.signs ? watch.linkTicks + 1 : 0;
  watch.answers = pace.answers;
  watch.beats = pace.beats;
  watch.signs = link.signs;
  const linkMs = PAUSE_MS + link.config.keepaliveSeconds * 500;
  return (
    watch.silentTicks < SILENT_TICKS &&
    watch.beatTicks <= Math.ceil(pace.beatMs / TICK_MS) + LATE_TICKS &&
    watch.linkTicks <= Math.ceil(linkMs / TICK_MS) + LATE_TICKS
  );
}
