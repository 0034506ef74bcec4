// What must be in order before the firmware starts. In: the interpreter's version and its hashes. Out: a sentence, '' for none, and the code that a lamp blinks. It must never let a board restart over what a restart cannot mend.

import type { Board } from './board.ts';

/** Blinks: the configuration; the interpreter; the record; flash that refuses, or memory that is short. */
export const CODE_CONFIG = 1;
export const CODE_INTERPRETER = 2;
export const CODE_RECORD = 3;
export const CODE_FAULT = 4;

/** The oldest on which the firmware was tried. */
const NEEDED_MAJOR = 2;
const NEEDED_MINOR = 29;

export function showCode(board: Board, code: number): void {
  if (board.showCode !== undefined) board.showCode(code);
}

/** Versions read 2v29, or 2v29.277 between releases. */
export function interpreterFault(version: string, hasHashes: boolean): string {
  const parts = version.split('v');
  const major = parseInt(parts[0] as string, 10);
  const minor = parts[1] === undefined ? 0 : parseInt(parts[1], 10);
  if (!(major > NEEDED_MAJOR || (major === NEEDED_MAJOR && minor >= NEEDED_MINOR))) {
    return 'expected Espruino 2v29 or later, got ' + version + '; flash a newer Espruino';
  }
  return hasHashes ? '' : 'this Espruino has no crypto module with SHA-256 and SHA-512; flash a build that has';
}
