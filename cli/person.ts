// `tallystick person`: what is known of the person behind an account: set, shown, exported, erased. In: an account's name, and fields. Out: what is known now. What
// can be erased is said beforehand by --dry-run, and what could not, afterwards.

import type { Command } from 'commander';
import type { ErasureReport } from '../hub/erasure.ts';
import { erasePerson, previewErasure } from '../hub/erasure.ts';
import { exportPerson } from '../hub/person-export.ts';
import { personNamed, PersonRefused, setParticulars } from '../hub/person.ts';
import { PARTICULAR_FIELDS } from '../hub/particulars.ts';
import type { Store } from '../hub/store.ts';
import { openStore } from '../hub/store.ts';
import { CommandFailed, EXIT } from './exit.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';
import { writeAnswer } from './out-file.ts';

interface Options extends DataOption {
  readonly json?: boolean;
}

interface EraseOptions extends Options {
  readonly dryRun?: boolean;
  readonly keepBalance?: boolean;
}

export function addPersonCommands(program: Command): void {
  const person = program.command('person').description('personal data of accounts, kept apart from the books');
  withJson(withData(person.command('set <account> <field=value...>')))
    .description('set, correct or (field=) take away what is known')
    .addHelpText('after', `\nFields: ${PARTICULAR_FIELDS.join(', ')}.`)
    .action(set);
  withJson(withData(person.command('show <account>')))
    .description('show what is known')
    .action(show);
  withData(person.command('export <account>'))
    .description('everything that is held about an account, as JSON')
    .option('-o, --output <file>', 'where to write it, for its owner only (default: standard output)')
    .action(writeExport);
  withJson(withData(person.command('erase <account>')))
    .description('erase the person; the account and its books stay under a pseudonym')
    .option('--dry-run', 'show what would be erased and what would remain, and change nothing')
    .option('--keep-balance', 'also if the account owes or is owed: the balance stays and can be paid out no more')
    .action(erase);
}

function within<T>(options: DataOption, readonly: boolean, work: (store: Store) => T): T {
  const store = openStore(options.data, { readonly });
  try {
    return work(store);
  } catch (error) {
    if (error instanceof PersonRefused) throw new CommandFailed(EXIT.refused, error.message);
    throw error;
  } finally {
    store.close();
  }
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

function set(name: string, changes: readonly string[], options: Options): void {
  within(options, false, (store) => {
    setParticulars(store, name, changes, nowSeconds());
    print(store, name, options);
  });
}

function show(name: string, options: Options): void {
  within(options, true, (store) => print(store, name, options));
}

function print(store: Store, name: string, options: Options): void {
  const particulars = store.particulars.of(personNamed(store, name));
  if (options.json === true) return printJson({ account: name, particulars });
  const lines = Object.entries(particulars).map(([field, value]) => `${field}=${value}\n`);
  process.stdout.write(lines.length === 0 ? `nothing is known of ${name}\n` : lines.join(''));
}

function writeExport(name: string, options: DataOption & { readonly output?: string }): void {
  const exported = within(options, true, (store) => exportPerson(store, name, nowSeconds()));
  const text = `${JSON.stringify(exported, undefined, 2)}\n`;
  writeAnswer({ option: '-o', path: options.output, ownerOnly: true }, text);
}

function erase(name: string, options: EraseOptions): void {
  const how = { nowSeconds: nowSeconds(), keepBalance: options.keepBalance === true };
  const act = options.dryRun === true ? previewErasure : erasePerson;
  const report = within(options, false, (store) => act(store, name, how));
  if (options.json === true) printJson({ dryRun: options.dryRun === true, ...report });
  else process.stdout.write(sentencesOf(report, options.dryRun === true).join(''));
  if (report.file === 'busy') {
    throw new CommandFailed(
      EXIT.connection,
      `the database is in use, and its file may still hold what was erased; erase ${report.name} again`,
    );
  }
}

function sentencesOf({ name, already, erasure, remains }: ErasureReport, dryRun: boolean): string[] {
  const { particulars, destinations, labels } = erasure;
  const counts = `${particulars} particulars, ${destinations} destinations of payouts, ${labels} labels of devices`;
  const head = already
    ? `${name} had been erased before\n`
    : `${dryRun ? 'would erase' : 'erased'} ${counts}; the account ${dryRun ? 'would be' : 'is'} ${name} now\n`;
  return [head, ...remains.map(({ where, why }) => `remains: ${where}: ${why}\n`)];
}
