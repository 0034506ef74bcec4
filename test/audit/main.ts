// `npm run audit:edits`: edits copies of a database at random, and has the audit find each edit. In: --edits, --bytes, --seed. Out: progress, then what was found, by the table that was named; exit
// code 1 when an edit was not found.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { wholeNumber } from '../../cli/duration.ts';
import { makeBusiness } from './whole-business.ts';
import type { Tampering } from './tampering.ts';
import { editBytes, editRows, originalOf } from './tampering.ts';

interface Options {
  readonly edits: number;
  readonly bytes: number;
  readonly seed: number;
  readonly json?: boolean;
}

const { edits, bytes, seed, json } = new Command('audit:edits')
  .description('edit copies of a database at random, each copy once, and have the audit find every edit')
  .option('--edits <number>', 'of cells and rows', wholeNumber(0, 1_000_000), 10_000)
  .option('--bytes <number>', 'of single bytes of the file', wholeNumber(0, 1_000_000), 1000)
  .option('--seed <number>', 'seed of the edits', wholeNumber(0, 2 ** 31), 1)
  .option('--json', 'print one JSON value on standard output')
  .parse()
  .opts<Options>();

const folder = mkdtempSync(join(tmpdir(), 'tallystick-edits-'));
try {
  makeBusiness(folder).close();
  const original = originalOf(folder);
  const rows = tally('edits', edits, editRows(original, edits, seed), ({ fault }) => fault === undefined);
  const file = tally('bytes', bytes, editBytes(original, bytes, seed), ({ changed }) => changed);
  report({ seed, rows, bytes: file });
  if (rows.missed.length + file.missed.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface Tally {
  readonly made: number;
  readonly found: number;
  readonly missed: readonly string[];
  /** How often the first fault named each table, for edits of that same table and of others. */
  readonly sameTable: number;
}

function tally<One extends Tampering>(what: string, count: number, all: Iterable<One>, isMissed: (one: One) => boolean): Tally {
  const startMs = Date.now();
  const missed: string[] = [];
  let [made, found, sameTable] = [0, 0, 0];
  for (const one of all) {
    made++;
    if (one.fault !== undefined) found++;
    if (one.fault?.table === one.edit.table) sameTable++;
    if (isMissed(one)) missed.push(one.edit.what);
    if (made % 100 !== 0) continue;
    const restSeconds = Math.round((((Date.now() - startMs) / made) * (count - made)) / 1000);
    process.stderr.write(`\r${what} ${made}/${count}, ${missed.length} not found, ${restSeconds} s left   `);
  }
  if (made > 0) process.stderr.write('\n');
  return { made, found, missed, sameTable };
}

function report({ rows, bytes, seed }: { readonly seed: number; readonly rows: Tally; readonly bytes: Tally }): void {
  if (json === true) return void process.stdout.write(`${JSON.stringify({ seed, rows, bytes })}\n`);
  process.stdout.write(
    `${rows.found} of ${rows.made} edits of cells and rows found, ${rows.sameTable} by a row of the edited table; seed ${seed}\n`,
  );
  process.stdout.write(
    `${bytes.found} of ${bytes.made} edits of bytes found; ${bytes.missed.length} of the others changed something that is guarded\n`,
  );
  for (const what of [...rows.missed, ...bytes.missed].slice(0, 20)) process.stdout.write(`not found: ${what}\n`);
}
