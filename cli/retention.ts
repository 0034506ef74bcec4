// `tallystick retention show|set|apply`: how long the hub keeps what the books do not rest on. In: the hub's folder; the hub may run meanwhile, and applies it once a day by itself. Out: kinds with their days,
// and what has gone or would go.

import type { Command } from 'commander';
import { applyRetention, keptKinds, RetentionRefused, setRetention, spentRows } from '../hub/retention.ts';
import type { Kept, Spent } from '../hub/retention.ts';
import { openStore } from '../hub/store.ts';
import type { Store } from '../hub/store.ts';
import { CommandFailed, EXIT } from './exit.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';
import { tableText } from './table.ts';

interface Options extends DataOption {
  readonly json?: boolean;
}

export function addRetentionCommands(program: Command): void {
  const retention = program.command('retention').description('how long the hub keeps what the books do not rest on');
  withJson(withData(retention.command('show')))
    .description('what is kept for how long')
    .action(show);
  withJson(withData(retention.command('set <kind> <days>')))
    .description('keep a kind for so many days, or forever')
    .action(set);
  withJson(withData(retention.command('apply')))
    .description('take away what has had its time')
    .option('--dry-run', 'show how much that is, and change nothing')
    .option('--compact', "give the disk back what is free in the database's file; waits for a hub that runs to be stopped")
    .action(apply);
}

function withStore<T>(options: DataOption, use: (store: Store) => T): T {
  const store = openStore(options.data);
  try {
    return use(store);
  } finally {
    store.close();
  }
}

function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

function daysText({ days, isDefault }: Kept): string {
  return `${days === null ? 'forever' : `${days} days`}${isDefault ? ' (default)' : ''}`;
}

function show(options: Options): void {
  withStore(options, (store) => {
    const kinds = keptKinds(store);
    if (options.json === true) return printJson(kinds);
    const rows = kinds.map((kept) => [kept.kind, daysText(kept), kept.what]);
    process.stdout.write(tableText([column('kind'), column('kept for'), column('what')], rows));
  });
}

function set(kind: string, days: string, options: Options): void {
  withStore(options, (store) => {
    try {
      const kept = setRetention(store, kind, days, nowInSeconds());
      if (options.json === true) printJson(kept);
      else process.stdout.write(`${kept.kind} are kept ${kept.days === null ? 'forever' : `for ${kept.days} days`}\n`);
    } catch (error) {
      if (error instanceof RetentionRefused) throw new CommandFailed(EXIT.usage, error.message);
      throw error;
    }
  });
}

function apply(options: Options & { readonly dryRun?: boolean; readonly compact?: boolean }): void {
  const dryRun = options.dryRun === true;
  withStore(options, (store) => {
    const spent = dryRun ? spentRows(store, nowInSeconds()) : applyRetention(store, nowInSeconds());
    const compacted = !dryRun && options.compact === true ? store.rewrite() : null;
    if (options.json === true) printJson({ dryRun, spent, compacted });
    else process.stdout.write(spentText(spent, dryRun));
    if (compacted === false) {
      throw new CommandFailed(
        EXIT.refused,
        'another process works on the database: its file was not written anew; stop the hub and apply again',
      );
    }
  });
}

function spentText(spent: readonly Spent[], dryRun: boolean): string {
  const table = tableText(
    [column('kind'), { title: dryRun ? 'would go' : 'gone', side: 'right' }],
    spent.map(({ kind, rows }) => [kind, String(rows)]),
  );
  const refused = spent.flatMap((one) => one.refused ?? []).map((why) => `kept: ${why}\n`);
  return table + refused.join('');
}

function column(title: string): { readonly title: string; readonly side: 'left' } {
  return { title, side: 'left' };
}
