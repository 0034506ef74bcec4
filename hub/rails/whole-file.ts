// A file that somebody will carry away, in two steps: first hidden and flushed, then shown under its name. In: a folder of the hub's data, a name, a text. Out: a
// file that is there whole or not at all, also after a power cut. Whoever writes down between the two steps that the file is ready can tell a file that
// was never shown from one that was carried away, and never shows one twice.

import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const HIDDEN = '.part';

/** Replaces what an earlier try has left. Nobody but its owner may read it. */
export function writeHidden(dataDir: string, folderName: string, name: string, text: string): void {
  const folder = join(dataDir, folderName);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = openSync(join(folder, name + HIDDEN), 'w', 0o600);
  try {
    writeAll(file, Buffer.from(text, 'utf8'));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
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
