// The upload: firmware becomes the board's boot code, and the board itself proves that it has every byte. In: a board that answers, and the file. Out:
// nothing, or the reason why not. Each piece is answered before the next is sent, so no buffer can run over. It must never touch the
// firmware's records: they hold what the device owes.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { BoardConsole } from './board-console.ts';
import { BoardFailed } from './failed.ts';

/** Runs at power on and after `load()`, but not after `reset()`, so that a board can always be stopped and loaded anew. */
const BOOT_CODE = '.bootcde';
/** Would run instead of the boot code, or before it as an image of another program's memory. */
const IN_THE_WAY = ['.bootrst', '.varimg'];
const PIECE_BYTES = 1024;
const RESET_MS = 15000;
const WRITE_MS = 20000;

const STORAGE = 'require("Storage")';

async function erase(board: BoardConsole, files: readonly string[]): Promise<void> {
  await board.ask(`${JSON.stringify(files)}.map(function(f){${STORAGE}.erase(f)}).length`, WRITE_MS);
}

async function writePiece(board: BoardConsole, code: string, at: number): Promise<void> {
  const size = at === 0 ? `,${code.length}` : '';
  const piece = JSON.stringify(code.slice(at, at + PIECE_BYTES));
  const written = await board.ask(`${STORAGE}.write("${BOOT_CODE}",${piece},${at}${size})`, WRITE_MS);
  if (written !== true) {
    throw new BoardFailed(
      'not-enough-storage',
      `the board at ${board.name} refused byte ${at} of ${code.length}: its Storage is full or worn out`,
    );
  }
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
  const said = z.tuple([z.number(), z.string()]).safeParse(await board.ask(DIGEST, WRITE_MS));
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
