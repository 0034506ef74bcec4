// The signature's table for what is timed. In: whether flash is slow here. Out: the table, as it lies in flash or copied into memory: the Linux build opens, reads and closes a file
// for every 16 bytes of its flash, and a board maps it.

/* eslint-disable @typescript-eslint/no-require-imports -- the board's types are not the linter's */

import type { Bytes } from '../../../shared/bytes.ts';
import { TABLE_FILE } from '../../ed25519table.ts';

export function benchTable(fromMemory: boolean): Bytes {
  const table = require('Storage').read(TABLE_FILE) as Bytes;
  if (!fromMemory) return table;
  const copy = new Uint8Array(table.length);
  copy.set(new Uint8Array(E.toArrayBuffer(table)));
  return E.toString(copy) as Bytes;
}
