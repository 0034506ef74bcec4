// The hub's turns in virtual time. In: the world's clock, and how a piece of the hub is run. Out: the same pieces in the same order for every run of a seed; they die with the hub, or, when it is asked to
// stop, run at once. It must never look at the machine's own clock.

import type { Turns } from '../../hub/turns.ts';
import type { Clock } from './clock.ts';

export interface VirtualTurns extends Turns {
  /** What would run within a moment runs now, and what comes of it. */
  hurry(): void;
  /** Nothing of it runs any more. */
  stop(): void;
}

interface Piece {
  readonly atMs: number;
  readonly run: () => void;
  readonly timer: number;
}

/** What is further away is left: nobody waits for it. */
const MOMENT_MS = 100;

/** `turnMs`: so long an event loop under load takes for a turn. */
export function virtualTurns(clock: Clock, turnMs: number, guarded: (run: () => void) => void): VirtualTurns {
  const pieces = new Set<Piece>();

  function after(ms: number, run: () => void): () => void {
    const timer = clock.after(ms, () => {
      pieces.delete(piece);
      guarded(run);
    });
    const piece: Piece = { atMs: clock.nowMs + ms, run, timer };
    pieces.add(piece);
    return () => void drop(piece);
  }

  function drop(piece: Piece): void {
    pieces.delete(piece);
    clock.cancel(piece.timer);
  }

  return {
    nowMs: () => clock.nowMs,
    soon: (run) => void after(turnMs, run),
    after,
    hurry() {
      const untilMs = clock.nowMs + MOMENT_MS;
      for (let next = soonest(pieces); next !== undefined && next.atMs <= untilMs; next = soonest(pieces)) {
        drop(next);
        next.run();
      }
    },
    stop() {
      for (const piece of pieces) drop(piece);
    },
  };
}

/** Of two at once the one that was asked for first. */
function soonest(pieces: ReadonlySet<Piece>): Piece | undefined {
  let first: Piece | undefined;
  for (const piece of pieces) if (first === undefined || piece.atMs < first.atMs) first = piece;
  return first;
}
