// The options of a question to insight, and its answer as JSON, CSV or text. In: options as commander gives them. Out: a scope to ask in, with the store behind it read at one moment; or a refusal
// that names the option.

import { stringify } from 'csv-stringify/sync';
import type { Command } from 'commander';
import type { Question } from '../hub/insight/question.ts';
import { questionOf } from '../hub/insight/question.ts';
import type { Scope } from '../hub/insight/scope.ts';
import { scopeOf, timeText } from '../hub/insight/scope.ts';
import type { Store } from '../hub/store.ts';
import { openStore } from '../hub/store.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { formatMicros } from './money.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';

export interface AskOptions extends DataOption {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly zone?: string;
  readonly currency?: string;
  readonly site?: string;
  readonly product?: string;
  readonly payee?: string;
}

export function withQuestion(command: Command): Command {
  return withAsked(withForms(command));
}

export function withAsked(command: Command): Command {
  return command
    .option('--from <time>', 'a day such as 2026-11-01, or a quarter hour such as 2026-11-01T06:15')
    .option('--to <time>', 'the last day that counts, or the first quarter hour that does not')
    .option('--zone <name>', "the time zone of hours and days (default: the sites' own)")
    .option('--currency <code>', 'only this currency')
    .option('--site <name>', 'only this site')
    .option('--product <name>', 'only this product')
    .option('--payee <account>', 'only what is owed to this account');
}

export function withForms(command: Command): Command {
  return withJson(withData(command)).option('--csv', 'print CSV on standard output');
}

export function ask<T>(options: AskOptions, answer: (store: Store, scope: Scope) => T): T {
  const question = askedIn(options);
  return read(options, (store) => answer(store, scopeOf(store, question)));
}

/** The question in the options, or a refusal that begins with the option. */
export function askedIn(options: AskOptions): Question {
  const { from, to, zone, currency, site, product, payee } = options;
  const said = Object.fromEntries(
    Object.entries({ from, to, zone, currency, site, product, payee }).filter(([, text]) => text !== undefined),
  );
  const question = questionOf(said);
  if (typeof question === 'string') throw new CommandFailed(EXIT.usage, `--${question}`);
  return question;
}

export function read<T>({ data }: DataOption, answer: (store: Store) => T): T {
  const store = openStore(data, { readonly: true });
  try {
    return store.atOneMoment(() => answer(store));
  } finally {
    store.close();
  }
}

/** What every answer in JSON says of its question. */
export function headOf(scope: Scope): { from: string; to: string; zone: string } {
  return { from: timeText(scope.fromQuarter), to: timeText(scope.untilQuarter), zone: scope.zone.name };
}

export interface Answer {
  readonly json: unknown;
  readonly csv: ReadonlyArray<Readonly<Record<string, string | number | null>>>;
  readonly text: () => string;
  readonly notes: readonly string[];
}

/** Notes are for people's eyes, and in JSON: a CSV has nowhere to put them. */
export function print(options: AskOptions, { json, csv, text, notes }: Answer): void {
  if (options.json === true && options.csv === true) throw new CommandFailed(EXIT.usage, 'expected --json or --csv, got both');
  if (options.json === true) return printJson(json);
  if (options.csv === true) {
    // A name that a spreadsheet would compute gets an apostrophe in front.
    process.stdout.write(stringify([...csv], { header: true, escape_formulas: true, record_delimiter: '\r\n' }));
  } else process.stdout.write(text());
  for (const note of notes) process.stderr.write(`note: ${note}\n`);
}

/** An amount with its digits where a column wants them. */
export function amountText(micros: number): string {
  return formatMicros(Math.round(micros));
}

export function percentText(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Three digits that count. */
export function roundText(value: number): string {
  return value === 0 ? '0' : Number(value.toPrecision(3)).toString();
}
