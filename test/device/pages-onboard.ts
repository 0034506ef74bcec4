// Runs on the interpreter: the record log on Espruino's Flash module, in the last pages of the flash that the Linux build has. Says whether each
// record that was appended came back, over several rounds of erasing.

/* eslint-disable -- in the subset, with the board's own types */

import { pagesAt } from '../../device/espruino-pages.ts';
import { append, createLog, newestIn } from '../../device/pages.ts';

const PAGES = 4;
const PAGE_BYTES = 1024;
const BYTES_BEFORE = 917504 - PAGES * PAGE_BYTES;

function rank(record: string): number {
  return parseInt(record.substring(1, 6), 10) - 10000;
}

function run(): string {
  const flash = pagesAt(require('Flash'), 0x10000000 + BYTES_BEFORE, PAGES * PAGE_BYTES);
  const log = createLog(flash, 0, PAGES);
  if (newestIn(log, rank) !== undefined) return 'not blank';
  for (let turn = 1; turn <= 60; turn++) {
    const record = 'r' + (10000 + turn) + '\x00\xff'.repeat(150 + turn);
    if (!append(log, record)) return 'refused' + turn;
    if (newestIn(createLog(flash, 0, PAGES), rank) !== record) return 'lost' + turn;
  }
  return 'good';
}

print('PAGES ' + run());
