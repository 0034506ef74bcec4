// Can this board run the firmware? In: an open board. Out: what it says of itself, or the first reason why not. Nothing on the board is changed.

import { z } from 'zod';
import type { BoardConsole } from './board-console.ts';
import { askAgain } from './board-console.ts';
import { BoardFailed } from './failed.ts';
import type { StoredFile } from './upload.ts';

export interface BoardFacts {
  readonly version: string;
  readonly board: string;
  /** Free, or taken by what the upload replaces or compaction frees. */
  readonly storageBytes: number;
}

/** `let` and `const` have a scope of their own from here on, and Storage tells what is free in it. */
const OLDEST_VERSION = '2v15';
/** Beside the firmware: its two records, and what Storage needs to put files in order. */
const RECORDS_BYTES = 8192;
const ASK_MS = 5000;

const factsSchema = z.tuple([z.string(), z.string(), z.number(), z.number(), z.number()]);

/** Version, board, bytes of both hashes, free Storage (-1: cannot be told), bytes of the files in place. */
const factsOf = (names: readonly string[]): string =>
  `[process.env.VERSION,process.env.BOARD,${[
    '(function(){try{var c=require("crypto");return c.SHA256("").byteLength+c.SHA512("").byteLength}catch(e){return 0}})()',
    '(function(){try{var s=require("Storage").getStats();return s.freeBytes+s.trashBytes}catch(e){return -1}})()',
    `(function(){var n=0;try{${JSON.stringify(names)}.map(function(f){n+=(require("Storage").read(f)||"").length})}catch(e){}return n})()`,
  ].join(',')}]`;

/** `2v29.277` as 2029.277; NaN for anything else. */
export function versionNumber(version: string): number {
  const match = /^(\d+)v(\d+)(?:\.(\d+))?/.exec(version);
  return match === null ? NaN : Number(match[1]) * 1000 + Number(match[2]) + Number(`0.${match[3] ?? 0}`);
}

export async function probe(board: BoardConsole, files: readonly StoredFile[]): Promise<BoardFacts> {
  const facts = factsOf(files.map(({ name }) => name));
  const said = factsSchema.safeParse(await askAgain(board, facts, ASK_MS, true));
  if (!said.success)
    throw new BoardFailed('not-a-board', `what answers at ${board.name} does not describe itself as Espruino does`);
  const [version, name, hashBytes, freeBytes, replacedBytes] = said.data;
  const on = `the board at ${board.name} (${name}, Espruino ${version})`;
  if (!(versionNumber(version) >= versionNumber(OLDEST_VERSION))) {
    throw new BoardFailed(
      'too-old',
      `${on} is too old: expected Espruino ${OLDEST_VERSION} or later; install a newer Espruino first`,
    );
  }
  if (hashBytes !== 32 + 64) {
    throw new BoardFailed('no-crypto', `${on} has no crypto module with SHA-256 and SHA-512; install an Espruino built with it`);
  }
  const storageBytes = freeBytes + replacedBytes;
  const wantedBytes = files.reduce((sum, { bytes }) => sum + bytes.length, RECORDS_BYTES);
  if (freeBytes < 0 || storageBytes < wantedBytes) {
    const got = freeBytes < 0 ? 'none' : `${storageBytes}`;
    throw new BoardFailed(
      'not-enough-storage',
      `${on} has not enough Storage: expected ${wantedBytes} free bytes, got ${got}; erase files that it no longer needs`,
    );
  }
  return { version, board: name, storageBytes };
}
