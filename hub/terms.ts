// On which terms the operator settles: which rails there are, how dear they may be, and whether somebody has to approve. In: configuration that was read at
// its own door. Out: what plans are made by. Without any rail everything settles in the hub's own books.

import type { Rail, RailName } from './rails/rail.ts';

export interface Threshold {
  /** Less than that is not moved. */
  readonly minMicros: number;
  /** Nor is what costs more than so many millionths of it. */
  readonly maxFeeShareMillionths: number;
}

export interface Terms {
  readonly rails: ReadonlyMap<RailName, Rail>;
  /** `required`: a prepared batch waits for `approve`. */
  readonly approval: 'none' | 'required';
  readonly thresholdOf: (rail: RailName, currency: string) => Threshold;
  /** What was rejected or came back is tried again after so long, also if nothing new is due. */
  readonly retryAfterSeconds: number;
  /** Rails are asked of settled payouts too, so long after they were prepared: money comes back. */
  readonly watchSeconds: number;
}

/** One per cent. */
export const DEFAULT_THRESHOLD: Threshold = { minMicros: 0, maxFeeShareMillionths: 10_000 };

export const BOOKS_ONLY: Terms = {
  rails: new Map(),
  approval: 'none',
  thresholdOf: () => DEFAULT_THRESHOLD,
  retryAfterSeconds: 86_400,
  watchSeconds: 30 * 86_400,
};

export function termsWith(rails: readonly Rail[], changes: Partial<Terms> = {}): Terms {
  return { ...BOOKS_ONLY, rails: new Map(rails.map((rail) => [rail.name, rail])), ...changes };
}
