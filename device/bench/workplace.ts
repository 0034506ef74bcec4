// Where something can be measured: an interpreter on this machine, or a board at a port. In: the files of its flash, and what to run. Out: what the program has left in its
// global `bench`, to be checked by whoever asked. It must never leave a program running.

import type { Bytes } from '../../shared/bytes.ts';
import type { StoredFile } from '../upload/upload.ts';

export interface Program {
  /** What lies in flash; `.boot0` runs first, then `.bootcde`. */
  readonly files: readonly StoredFile[];
  /** Run instead of what lies in flash, from memory where the workplace can. */
  readonly code?: Bytes;
  readonly withinMs: number;
  readonly onProgress: (done: number) => void;
}

export interface Workplace {
  readonly name: string;
  /** An interpreter's flash is a file, opened and read for every 16 bytes of code: what counts time runs from memory there, and from flash on a board. */
  readonly kind: 'interpreter' | 'board';
  run(program: Program): Promise<unknown>;
}

/** A measurement that came to nothing: one sentence for the person who asked for it. */
export class MeasuringFailed extends Error {}
