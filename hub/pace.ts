// How fast one device may ask: a message costs one of its allowance, eight hashes that a long gap takes cost as much, one that repeats
// what the hub has as much as thirty-two, one that is refused as sixty-four, a new connection as a hundred. In: messages as they come, and a coarse clock. Out: whether the hub reads
// on. A device that is too fast is not refused and loses nothing: its socket is left unread until its allowance is there again, so it cannot take the hub's time from others.

export interface Pace {
  /** Messages. Below zero it has asked too much. */
  left: number;
  /** What was asked of the hub beside messages, and is not counted in `left` yet. */
  due: number;
  /** The coarse clock when the allowance last grew. */
  tick: number;
}

export const TICK_MS = 250;
const HASHES_PER_MESSAGE = 8;
/** A board that is told why stops or waits; whoever goes on has nothing that the hub needs soon. */
const MESSAGES_PER_REFUSAL = 64;
const MESSAGES_PER_RETURN = 100;
/** A board says its last voucher again when it has heard nothing of it, and not by the hundred. */
const MESSAGES_PER_REPEAT = 32;
/** Whoever is granted fewer a second is billed in proportion, so that a refusal does not make the hub deaf to it for long. */
const USUAL_PER_SECOND = 1000;
/** Seconds' worth that may come at once: what a board has to say after a week offline is a few messages. */
const BURST_SECONDS = 2;

export function fullPace(): Pace {
  return { left: 0, due: 0, tick: Number.NEGATIVE_INFINITY };
}

/** A walk of so many hashes. */
export function billWalk(pace: Pace, walk: number): void {
  if (walk >= HASHES_PER_MESSAGE) pace.left -= Math.floor(walk / HASHES_PER_MESSAGE);
}

/** So many messages that were refused, for whatever reason. */
export function billRefused(pace: Pace, messages: number): void {
  pace.due += messages * MESSAGES_PER_REFUSAL;
}

/** So many messages that have changed nothing, because the hub has what they say. */
export function billRepeated(pace: Pace, messages: number): void {
  pace.due += messages * MESSAGES_PER_REPEAT;
}

/** A connection more. */
export function billReturn(pace: Pace): void {
  pace.due += MESSAGES_PER_RETURN;
}

/** True if the device may go on at `tick`, having got what has grown since the last time that it was asked for. */
export function mayGoOn(pace: Pace, tick: number, messagesPerSecond: number): boolean {
  if (pace.due > 0) {
    pace.left -= pace.due * Math.min(1, messagesPerSecond / USUAL_PER_SECOND);
    pace.due = 0;
  }
  if (pace.left >= 0) return true;
  const grown = (tick - pace.tick) * (TICK_MS / 1000) * messagesPerSecond;
  pace.left = Math.min(BURST_SECONDS * messagesPerSecond, pace.left + grown);
  pace.tick = tick;
  return pace.left >= 0;
}
