// What a fuzzing run says. In: executions and finds. Out: counts. A find carries the bytes, so that it can become a file of the corpus.

export interface Find {
  /** The number of the execution: the same seed and number give the same bytes again. */
  readonly execution: number;
  readonly what: string;
  readonly hex: string;
}

export interface FuzzReport {
  readonly executions: number;
  readonly perSecond: number;
  /** By what became of them. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Over what it was after the first executions. */
  readonly grownMiB: number;
  readonly longestStallMs: number;
  readonly finds: readonly Find[];
}

/** A bound that is passed is a find of its own. */
export const MOST_GROWN_MIB = 64;
export const MOST_STALL_MS = 50;

export type Progress = (executions: number, finds: number) => void;

export interface FuzzOptions {
  readonly seed: number;
  /** Executions are numbered from here, so that a run can be taken up again. */
  readonly from: number;
  readonly executions: number;
  /** What takes longer is a find; Infinity where time must not decide. */
  readonly mostStallMs: number;
  readonly onProgress: Progress;
}

export function count(outcomes: Record<string, number>, outcome: string): void {
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
}
