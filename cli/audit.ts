// `tallystick audit` recomputes the books from what devices have signed and from prices, and `tallystick checkpoint export` writes down how far they have come. In: the hub's folder; the hub may run
// meanwhile. Out: what was checked, or the first row that does not fit; a line of JSON to keep elsewhere.

import { readFileSync } from 'node:fs';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { checkpointRefusal, makeCheckpoint } from '../hub/audit/checkpoints.ts';
import { sentenceOf } from '../hub/audit/fault.ts';
import { hubKeysIn } from '../hub/audit/keys.ts';
import type { Audit } from '../hub/audit/run.ts';
import { auditTables } from '../hub/audit/run.ts';
import type { Checkpoint } from '../hub/checkpoint.ts';
import { parseCheckpoint } from '../hub/checkpoint.ts';
import { verifierOf } from '../hub/proofs.ts';
import { saleFaults } from '../hub/sale-faults.ts';
import type { Store } from '../hub/store.ts';
import { openStore } from '../hub/store.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { auditProgress } from './audit-progress.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';
import { writeAnswer } from './out-file.ts';

interface AuditOptions extends DataOption {
  readonly json?: boolean;
  readonly all?: boolean;
  readonly checkpoint: readonly string[];
}

const MAX_FILE_BYTES = 100_000;

export function addAuditCommands(program: Command): void {
  withJson(withData(program.command('audit')))
    .description('recompute every balance from vouchers and prices; exit code 5 and the first row that does not fit')
    .option('--all', 'name every row that does not fit')
    .option(
      '--checkpoint <file>',
      'also hold the books against a checkpoint that was kept; may be repeated',
      (file: string, others: readonly string[]) => [...others, file],
      [],
    )
    .action(runAudit);
  withData(
    program
      .command('checkpoint')
      .description('signed summaries of the books, to keep where nobody who runs the hub can write')
      .command('export'),
  )
    .description('write one line of JSON: how many entries and records there are, their hashes, and totals, signed by the hub')
    .option('-o, --output <file>', 'where to write it (default: standard output)')
    .action(exportCheckpoint);
}

function runAudit(options: AuditOptions): void {
  const store = openStore(options.data, { readonly: true });
  try {
    const keys = hubKeysIn(options.data);
    const checkpoints = options.checkpoint.map((path) => readCheckpoint(path, keys));
    const progress = auditProgress(process.stderr);
    const audit = store.atOneMoment(() => {
      const onProgress = (what: string, count: number): void => progress.show(what, count);
      return withSales(store, auditTables(store.tables, keys, { all: options.all === true, checkpoints, onProgress }));
    });
    progress.end();
    report(audit, options);
  } finally {
    store.close();
  }
}

/** Once the books are sound, what insight counts is held against them: nobody is paid by it, but people decide by it. */
function withSales(store: Store, audit: Audit): Audit {
  if (audit.faults.length > 0) return audit;
  return { ...audit, faults: saleFaults(store).map((what) => ({ table: 'sales', row: '', what })) };
}

function report({ faults, checked }: Audit, { json, all }: AuditOptions): void {
  if (json === true) printJson({ sound: faults.length === 0, faults, checked: Object.fromEntries(checked) });
  const [first] = faults;
  if (first !== undefined) {
    const sentence = `the books do not fit: ${sentenceOf(first)}`;
    if (json !== true && all === true) for (const fault of faults) process.stdout.write(`${sentenceOf(fault)}\n`);
    throw new CommandFailed(EXIT.mismatch, faults.length === 1 ? sentence : `${sentence}; and ${faults.length - 1} more`);
  }
  if (json === true) return;
  const table = new Table({ style: { head: [], border: [], compact: true }, colAligns: ['left', 'right'] });
  for (const [what, count] of checked) table.push([what, String(count)]);
  process.stdout.write(
    `${table.toString()}\nthe books are sound: all of it follows from what devices have signed and what it costs\n`,
  );
}

function readCheckpoint(path: string, keys: ReturnType<typeof hubKeysIn>): Checkpoint {
  const parsed = parseCheckpoint(readJson(path));
  if (typeof parsed === 'string') throw new CommandFailed(EXIT.data, `${path}: ${parsed}`);
  const why = checkpointRefusal(parsed, { ...keys, verifierOf });
  if (why !== undefined) throw new CommandFailed(EXIT.data, `${path}: ${why}`);
  return parsed;
}

function readJson(path: string): unknown {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > MAX_FILE_BYTES) throw new Error(`expected at most ${MAX_FILE_BYTES} characters, got ${text.length}`);
    return JSON.parse(text);
  } catch (error) {
    throw new CommandFailed(EXIT.data, `${path}: expected a checkpoint, one line of JSON: ${(error as Error).message}`);
  }
}

function exportCheckpoint(options: DataOption & { readonly output?: string }): void {
  const store = openStore(options.data, { readonly: true });
  try {
    const line = `${JSON.stringify(makeCheckpoint(store, Math.floor(Date.now() / 1000)))}\n`;
    writeAnswer({ option: '-o', path: options.output }, line);
  } finally {
    store.close();
  }
}
