// Traces: files of the data folder in which a text stands, such as a bank's file with an account's number. In: the folder and texts. Out: paths, and how often. It reads
// bytes and knows no format; a text within a longer word does not count.

import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Trace {
  readonly path: string;
  readonly times: number;
}

/** Shorter ones would be found everywhere. */
export const MIN_TRACED = 4;
const CHUNK_BYTES = 1 << 20;

export interface TraceOptions {
  /** By the file's path within the folder. */
  readonly isMeant: (name: string) => boolean;
  /** Not within a longer word. In a database's file words stand side by side. */
  readonly wholeWords: boolean;
}

export function tracesOf(folder: string, texts: readonly string[], { isMeant, wholeWords }: TraceOptions): Trace[] {
  const needles = [...new Set(texts)].filter((text) => text.length >= MIN_TRACED).map((text) => Buffer.from(text, 'utf8'));
  if (needles.length === 0 || !existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => isMeant(name) && statSync(join(folder, name)).isFile())
    .sort()
    .map((name) => ({ path: join(folder, name), times: timesIn(join(folder, name), needles, wholeWords) }))
    .filter(({ times }) => times > 0);
}

function timesIn(path: string, needles: readonly Buffer[], wholeWords: boolean): number {
  const overlap = Math.max(...needles.map((needle) => needle.length)) + 1;
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    let times = 0;
    let kept = Buffer.alloc(0);
    // The byte before the piece to look at, once there is one.
    let before = 0;
    for (let size = readSync(file, chunk); ; size = readSync(file, chunk)) {
      const bytes = Buffer.concat([kept, chunk.subarray(0, size)]);
      // The end of a piece is looked at again with what follows it.
      const end = size === 0 ? bytes.length : Math.max(before, bytes.length - overlap);
      for (const needle of needles) times += timesAt(bytes, needle, { begin: before, end, wholeWords });
      if (size === 0) return times;
      const from = Math.max(0, end - 1);
      before = end - from;
      kept = Buffer.from(bytes.subarray(from));
    }
  } finally {
    closeSync(file);
  }
}

interface Range {
  readonly begin: number;
  readonly end: number;
  readonly wholeWords: boolean;
}

/** Those that begin from `begin` to before `end`. */
function timesAt(bytes: Buffer, needle: Buffer, { begin, end, wholeWords }: Range): number {
  let times = 0;
  for (let at = bytes.indexOf(needle, begin); at >= 0 && at < end; at = bytes.indexOf(needle, at + 1)) {
    if (!wholeWords || (!isWord(bytes[at - 1]) && !isWord(bytes[at + needle.length]))) times++;
  }
  return times;
}

function isWord(byte: number | undefined): boolean {
  return byte !== undefined && /[A-Za-z0-9]/.test(String.fromCharCode(byte));
}

/** The same question of a text. */
export function holdsWord(text: string, word: string): boolean {
  return timesAt(Buffer.from(text, 'utf8'), Buffer.from(word, 'utf8'), { begin: 0, end: Infinity, wholeWords: true }) > 0;
}
