// One thing that shall happen in virtual time. In: when, in which order of asking, and what. Out: the noun that the clock's two rooms keep: what is due soon in `near.ts`, all else in `far.ts`.

export interface Due {
  readonly atMs: number;
  /** The order of asking. */
  readonly order: number;
  readonly place: number;
  /** `undefined` once it was cancelled. */
  run: (() => void) | undefined;
  /** The one after it in the same millisecond. */
  next: Due | undefined;
  isFar: boolean;
}
