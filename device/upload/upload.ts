// The upload: files for the board's Storage, and the board itself proves that it has every byte. In: a board that answers, and the files. Out: nothing, or the
// reason why not. What the board holds already is not sent again; each piece is answered before the next is sent, so no buffer can run over. It must
// never touch the firmware's records, which hold what the device owes, nor files of others.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Bytes } from '../../shared/bytes.ts';
import type { BoardConsole } from './board-console.ts';
import { askAgain } from './board-console.ts';
import { BoardFailed } from './failed.ts';

/** A file of the board's Storage. */
export interface StoredFile {
  readonly name: string;
  readonly bytes: Bytes;
}

/** Would run instead of the boot code, before it as an image of another program's memory, or instead of the firmware that is loaded now. */
const IN_THE_WAY = ['.bootrst', '.varimg', 'ts.fw1'];
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
function pieceExpression({ name, bytes }: StoredFile, at: number): string {
  const piece = Buffer.from(bytes.slice(at, at + PIECE_BYTES), 'latin1');
  const digest = createHash('sha256').update(piece).digest('base64');
  const size = at === 0 ? `,${bytes.length}` : '';
  const write = `${STORAGE}.write("${name}",d,${at}${size})`;
  return `(function(d){return btoa(require("crypto").SHA256(d))=="${digest}"?${write}:"damaged"})(atob("${piece.toString('base64')}"))`;
}

async function writePiece(board: BoardConsole, file: StoredFile, at: number): Promise<void> {
  const expression = pieceExpression(file, at);
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
    `the board at ${board.name} refused byte ${at} of ${file.bytes.length} of ${file.name}${why}: its Storage is full or worn out; erase files that it no longer needs`,
  );
}

/** SHA-256 over a chain of pieces, so that a board needs room for one piece only: h = SHA-256(h | piece). */
export function digestOf(bytes: Bytes): string {
  let digest = Buffer.alloc(0);
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    digest = createHash('sha256')
      .update(digest)
      .update(bytes.slice(at, at + PIECE_BYTES), 'latin1')
      .digest();
  }
  return digest.toString('base64');
}

/** Length and digest of what the board holds under a name. */
async function held(board: BoardConsole, name: string): Promise<readonly [number, string]> {
  const expression = `(function(){var s=${STORAGE}.read("${name}")||"",h="";for(var i=0;i<s.length;i+=${PIECE_BYTES})h=E.toString(require("crypto").SHA256(h+s.substr(i,${PIECE_BYTES})));return [s.length,btoa(h)]})()`;
  const said = z.tuple([z.number(), z.string()]).safeParse(await askAgain(board, expression, WRITE_MS, true));
  return said.success ? said.data : [0, ''];
}

async function verify(board: BoardConsole, { name, bytes }: StoredFile): Promise<void> {
  const [length, digest] = await held(board, name);
  if (length !== bytes.length) {
    throw new BoardFailed(
      'mismatch',
      `read back ${name} from the board at ${board.name}: expected ${bytes.length} bytes, got ${length}; flash it again`,
    );
  }
  if (digest !== digestOf(bytes)) {
    throw new BoardFailed(
      'mismatch',
      `read back ${name} from the board at ${board.name}: the SHA-256 of its ${length} bytes is another; flash it again`,
    );
  }
}

/** The files that the board does not hold as they should be. */
async function missing(board: BoardConsole, files: readonly StoredFile[]): Promise<readonly StoredFile[]> {
  const found: StoredFile[] = [];
  for (const file of files) {
    const [length, digest] = await held(board, file.name);
    if (length !== file.bytes.length || digest !== digestOf(file.bytes)) found.push(file);
  }
  return found;
}

/** Replaces the files, in their order; `onProgress` is told how much of all that has to be sent the board has confirmed. */
export async function upload(
  board: BoardConsole,
  files: readonly StoredFile[],
  onProgress: (confirmedBytes: number, totalBytes: number) => void,
): Promise<void> {
  await erase(board, IN_THE_WAY);
  await board.reset(RESET_MS);
  const wanted = await missing(board, files);
  const totalBytes = wanted.reduce((sum, { bytes }) => sum + bytes.length, 0);
  let confirmedBytes = 0;
  if (wanted.length > 0)
    await erase(
      board,
      wanted.map(({ name }) => name),
    );
  for (const file of wanted) {
    for (let at = 0; at < file.bytes.length; at += PIECE_BYTES) {
      await writePiece(board, file, at);
      confirmedBytes += Math.min(PIECE_BYTES, file.bytes.length - at);
      onProgress(confirmedBytes, totalBytes);
    }
    await verify(board, file);
  }
}
