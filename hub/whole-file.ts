// A file that is there whole or not at all, also after a power cut, in two steps: first hidden and flushed, then shown under its name. In: a folder of the hub's data, a name, a text or its rows. Out: the
// file, which somebody may carry away. Whoever writes down between the two steps that the file is ready can tell a file that
// was never shown from one that was carried away, and never shows one twice.

import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const HIDDEN = '.part';
const PIECE_LENGTH = 65_536;

/** Replaces what an earlier try has left. Nobody but its owner may read it. */
export function writeHidden(dataDir: string, folderName: string, name: string, text: string): void {
  const folder = join(dataDir, folderName);
  writeFlushed(folder, name + HIDDEN, [text]);
  flushFolder(folder);
  flushFolder(dataDir);
}

/** Once: again it does nothing, whatever has become of the file. */
export function show(dataDir: string, folderName: string, name: string): void {
  const folder = join(dataDir, folderName);
  const hidden = join(folder, name + HIDDEN);
  if (!existsSync(hidden)) return;
  renameSync(hidden, join(folder, name));
  flushFolder(folder);
}

/** Both steps in one, for a file that is the same whoever writes it: two processes at once do not write into each other's. Answers its path. */
export function writeShown(dataDir: string, folderName: string, name: string, rows: Iterable<string>): string {
  const folder = join(dataDir, folderName);
  const hidden = `${name}.${process.pid}${HIDDEN}`;
  writeFlushed(folder, hidden, rows);
  renameSync(join(folder, hidden), join(folder, name));
  flushFolder(folder);
  flushFolder(dataDir);
  return join(folder, name);
}

function writeFlushed(folder: string, name: string, rows: Iterable<string>): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = openSync(join(folder, name), 'w', 0o600);
  try {
    writeRows(file, rows);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Piece by piece: the rows of a million lines are never held at once. */
function writeRows(file: number, rows: Iterable<string>): void {
  let piece = '';
  for (const row of rows) {
    piece += row;
    if (piece.length < PIECE_LENGTH) continue;
    writeFileSync(file, piece);
    piece = '';
  }
  writeFileSync(file, piece);
}

function flushFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
