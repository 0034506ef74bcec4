// `tallystick statement NAME`: what moved an account, and why, down to the vouchers. In: the hub's folder; the hub may run meanwhile. Out: the statement as text, CSV, JSON
// or one HTML page. It changes nothing; what the hub has accepted and not yet claimed is on the next one.

import type { Command } from 'commander';
import { Option } from 'commander';
import type { Statement } from '../hub/statement.ts';
import { statementOf } from '../hub/statement.ts';
import { htmlOf } from '../hub/statement-html.ts';
import { csvOf, textOf } from '../hub/statement-text.ts';
import { openStore } from '../hub/store.ts';
import { DAY_SECONDS } from '../hub/store-claim-days.ts';
import { parseTime } from './duration.ts';
import type { DataOption } from './options.ts';
import { nowInSeconds, withData, withJson } from './options.ts';
import { writeAnswer } from './out-file.ts';

const FORMATS = ['text', 'csv', 'json', 'html'] as const;

interface StatementOptions extends DataOption {
  readonly json?: boolean;
  readonly from?: number;
  readonly to?: number;
  readonly format: (typeof FORMATS)[number];
  readonly output?: string;
}

export function addStatementCommand(program: Command): void {
  withJson(withData(program.command('statement <account>')))
    .description('what moved an account between two days, and why, down to the vouchers')
    .option('--from <day>', 'the first day, UTC, such as 2026-11-01 (default: the first of all)', parseTime)
    .option('--to <day>', 'the last day, UTC (default: today)', parseTime)
    .addOption(new Option('--format <format>', 'as what').choices(FORMATS).default('text'))
    .option('-o, --output <file>', 'where to write it (default: standard output)')
    .action(write);
}

function write(name: string, options: StatementOptions): void {
  const store = openStore(options.data, { readonly: true });
  try {
    const nowSeconds = nowInSeconds();
    const [fromDay, toDay] = [options.from ?? 0, options.to ?? nowSeconds].map((at) => Math.floor(at / DAY_SECONDS));
    const statement = statementOf(store, name, { fromDay: fromDay ?? 0, untilDay: (toDay ?? 0) + 1 }, nowSeconds);
    const text = written(statement, options.json === true ? 'json' : options.format);
    writeAnswer({ option: '-o', path: options.output, ownerOnly: true }, text);
  } finally {
    store.close();
  }
}

function written(statement: Statement, format: StatementOptions['format']): string {
  switch (format) {
    case 'text':
      return textOf(statement);
    case 'csv':
      return csvOf(statement);
    case 'json':
      return `${JSON.stringify(statement)}\n`;
    case 'html':
      return htmlOf(statement);
  }
}
