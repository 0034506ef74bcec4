// When pieces of the hub's work run: at the event loop's turns, unless time is somebody else's, as in the simulator. In: what shall run. Out: it runs later, and never at once.
// It is not the time of day: clocks are set, this time only passes.

export interface Turns {
  /** Milliseconds since some moment. */
  nowMs(): number;
  /** After all that has arrived by now. */
  soon(run: () => void): void;
  /** Calls back once; what it answers cancels that. */
  after(ms: number, run: () => void): () => void;
}

export const EVENT_LOOP: Turns = {
  nowMs: () => performance.now(),
  soon: (run) => void setImmediate(run),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
