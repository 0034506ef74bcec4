// The upload: firmware becomes the board's boot code, and the board itself proves that it has every byte. In: a board that answers, and the file. Out:
// nothing, or the reason why not. Each piece is answered before the next is sent, so no buffer can run over. It must never touch the
// firmware's records: they hold what the device owes.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { BoardConsole } from './board-console.ts';
import { askAgain } from './board-console.ts';
import { BoardFailed } from './failed.ts';

/** Runs at power on and after `load()`, but not after `reset()`, so that a board can always be stopped and loaded anew. */
const BOOT_CODE = '.bootcde';
/** Would run instead of the boot code, or before it as an image of another program's memory. */
const IN_THE_WAY = ['.bootrst', '.varimg'];
const PIECE_BYTES = 1024;
const RESET_MS = 15000;
const WRITE_MS = 8000;
const MAX_DAMAGED = 4;

const STORAGE = 'require("Storage")';

async function erase(board: BoardConsole, files: readonly string[]): Promise<void> {
  await askAgain(board, `${JSON.stringify(files)}.map(function(f){${STORAGE}.erase(f)}).length`, WRITE_MS, true);
}

/**
 * Writes a piece only if it came whole. It travels as base64: a character lost from source code could leave the board with a statement to run, a
 * character lost from base64 is only another piece.
 */
function pieceExpression(code: string, at: number): string {
  const piece = Buffer.from(code.slice(at, at + PIECE_BYTES), 'latin1');
  const digest = createHash('sha256').update(piece).digest('base64');
  const size = at === 0 ? `,${code.length}` : '';
  const write = `${STORAGE}.write("${BOOT_CODE}",d,${at}${size})`;
  return `(function(d){return btoa(require("crypto").SHA256(d))=="${digest}"?${write}:"damaged"})(atob("${piece.toString('base64')}"))`;
}

async function writePiece(board: BoardConsole, code: string, at: number): Promise<void> {
  const expression = pieceExpression(code, at);
  let said: unknown = 'damaged';
  for (let tries = 0; said === 'damaged' && tries < MAX_DAMAGED; tries++) {
    said = await askAgain(board, expression, WRITE_MS, true).catch((error: unknown) => {
      if (error instanceof BoardFailed && error.kind === 'board-refused') return error.message;
      throw error;
    });
  }
  if (said === true) return;
  if (said === 'damaged')
    throw new BoardFailed('mismatch', `what is sent to the board at ${board.name} arrives damaged; check the cable`);
  const why = typeof said === 'string' ? ` (${said})` : '';
  throw new BoardFailed(
    'not-enough-storage',
    `the board at ${board.name} refused byte ${at} of ${code.length}${why}: its Storage is full or worn out; erase files that it no longer needs`,
  );
}

/** SHA-256 over a chain of pieces, so that a board needs room for one piece only: h = SHA-256(h | piece). */
export function digestOf(code: string): string {
  let digest = Buffer.alloc(0);
  for (let at = 0; at < code.length; at += PIECE_BYTES) {
    digest = createHash('sha256')
      .update(digest)
      .update(code.slice(at, at + PIECE_BYTES), 'latin1')
      .digest();
  }
  return digest.toString('base64');
}

const DIGEST = `(function(){var s=${STORAGE}.read("${BOOT_CODE}")||"",h="";for(var i=0;i<s.length;i+=${PIECE_BYTES})h=E.toString(require("crypto").SHA256(h+s.substr(i,${PIECE_BYTES})));return [s.length,btoa(h)]})()`;

async function verify(board: BoardConsole, code: string): Promise<void> {
  const said = z.tuple([z.number(), z.string()]).safeParse(await askAgain(board, DIGEST, WRITE_MS, true));
  const [length, digest] = said.success ? said.data : [0, ''];
  if (length !== code.length) {
    throw new BoardFailed(
      'mismatch',
      `read back from the board at ${board.name}: expected ${code.length} bytes, got ${length}; flash it again`,
    );
  }
  if (digest !== digestOf(code)) {
    throw new BoardFailed(
      'mismatch',
      `read back from the board at ${board.name}: the SHA-256 of its ${length} bytes is another; flash it again`,
    );
  }
}

/** Replaces the boot code; `onProgress` is told the bytes that the board has confirmed. */
export async function upload(board: BoardConsole, code: string, onProgress: (confirmedBytes: number) => void): Promise<void> {
  await erase(board, IN_THE_WAY);
  await board.reset(RESET_MS);
  await erase(board, [BOOT_CODE]);
  for (let at = 0; at < code.length; at += PIECE_BYTES) {
    await writePiece(board, code, at);
    onProgress(Math.min(code.length, at + PIECE_BYTES));
  }
  await verify(board, code);
}
