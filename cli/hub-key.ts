// A hub's public key as people hand it on: 64 hex digits, or a file that holds them. In: what was given to `--hub-key`. Out: the key, or one sentence. It must never read a private key.

import { readFileSync } from 'node:fs';
import type { Bytes } from '../shared/bytes.ts';
import { fromHex } from '../shared/bytes.ts';
import { CommandFailed, EXIT } from './exit.ts';

const KEY_BYTES = 32;

export function hubKeyFrom(given: string): Bytes {
  const direct = keyIn(given);
  if (direct !== undefined) return direct;
  try {
    const found = keyIn(readFileSync(given, 'utf8').trim());
    if (found !== undefined) return found;
  } catch (error) {
    const why = (error as Error).message;
    throw new CommandFailed(EXIT.data, `--hub-key: expected 64 hex digits or a file with them, got ${given} (${why})`);
  }
  throw new CommandFailed(EXIT.data, `--hub-key: expected 64 hex digits in ${given}, found something else`);
}

function keyIn(text: string): Bytes | undefined {
  const bytes = fromHex(text.toLowerCase());
  return bytes?.length === KEY_BYTES ? bytes : undefined;
}
