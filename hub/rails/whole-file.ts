// A file that is there whole or not at all, also after a power cut. In: a folder of the hub's data, a name, a text. Out: the path. The same name again
// replaces the file; nobody but its owner may read it.

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Writes beside, flushes, renames, and flushes the folders: only then is the name durable. */
export function writeWhole(dataDir: string, folderName: string, name: string, text: string): string {
  const folder = join(dataDir, folderName);
  const path = join(folder, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const beside = `${path}.${process.pid}.tmp`;
  const file = openSync(beside, 'w', 0o600);
  try {
    writeAll(file, Buffer.from(text, 'utf8'));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
  flushFolder(folder);
  flushFolder(dataDir);
  return path;
}

/** One call may write less than it was given. */
function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

function flushFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
