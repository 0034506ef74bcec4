// `tallystick tariff add|list|show|quote|import`: prices, before anything is sold. In: the hub's folder; a tariff in JSON or YAML, one of OCPI's, or the id of one that was added. Out: an id, a list, a
// price with every step that leads to it. What is refused is named by its field, and nothing is recorded.

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { parse as parseYaml, YAMLError } from 'yaml';
import { fromHex, toHex } from '../shared/bytes.ts';
import type { TariffId } from '../shared/identity.ts';
import type { Tariff } from '../shared/tariff.ts';
import type { Units } from '../shared/units.ts';
import { MAX_UNITS } from '../shared/units.ts';
import type { Store } from '../hub/store.ts';
import { openStore } from '../hub/store.ts';
import { addTariff } from '../hub/tariff/add.ts';
import { momentOf } from '../hub/tariff/moment.ts';
import { importOcpi } from '../hub/tariff/ocpi.ts';
import { quoteOf } from '../hub/tariff/quote.ts';
import { parseTariff } from '../hub/tariff/tariff-file.ts';
import { tariffView } from '../hub/tariff/tariff-text.ts';
import { wholeNumber } from './duration.ts';
import { CommandFailed, EXIT } from './exit.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';
import { quoteText, tariffLines, tariffText } from './tariff-text.ts';

interface TariffOptions extends DataOption {
  readonly json?: boolean;
}

export function addTariffCommands(program: Command): void {
  const tariff = program.command('tariff').description('prices: add, list, show, try out, import from OCPI');
  withJson(withData(tariff.command('add <file>')))
    .description('record a tariff, JSON or YAML, under the hash of its content; `device add --tariff` enrols devices under it')
    .action(add);
  withJson(withData(tariff.command('list')))
    .description('the tariffs that were added, and who uses them')
    .action(list);
  withJson(withData(tariff.command('show <id>')))
    .description('all that a tariff says')
    .action(show);
  withJson(withData(tariff.command('quote <tariff>')))
    .description('what so many units would cost under a tariff, by its id or its file, with every step; records nothing')
    .requiredOption('--units <number>', 'how many', wholeNumber(0, MAX_UNITS))
    .option('--at <time>', 'when they are used, such as 2026-12-24T18:00:00Z (default: now)', moment)
    .action(quote);
  withJson(withData(tariff.command('import <file>')))
    .description('record a tariff of OCPI 2.2.1 or 2.3, JSON; what a channel cannot charge is refused by name')
    .option('--zone <name>', "the location's time zone, such as Europe/Berlin: OCPI's tariffs have none")
    .option('--dry-run', 'only say what would be recorded')
    .action(importFile);
}

function moment(text: string): number {
  const seconds = momentOf(text, 'UTC');
  if (seconds !== undefined) return seconds;
  throw new InvalidArgumentError(`expected a moment such as 2026-12-24T18:00:00Z, got "${text}"`);
}

function add(path: string, options: TariffOptions): void {
  const tariff = fileTariff(path);
  withStore(options, (store) => {
    const added = recorded(store, tariff);
    if (options.json === true) printJson(added);
    else process.stdout.write(`${added.id}${added.added ? '' : ' (known already)'}\n`);
  });
}

function recorded(store: Store, tariff: Tariff): { readonly id: string; readonly added: boolean } {
  const outcome = addTariff(store, tariff);
  if (outcome.kind === 'refused') throw new CommandFailed(EXIT.refused, outcome.why);
  return { id: toHex(outcome.id), added: outcome.kind === 'added' };
}

function list(options: TariffOptions): void {
  withStore({ ...options, readonly: true }, (store) => {
    const rows = store.tariffs.all().map(({ tariff, devices, channels }) => ({ ...tariffView(tariff), devices, channels }));
    if (options.json === true) return printJson(rows);
    if (rows.length === 0) process.stdout.write('no tariffs yet; add one with: tallystick tariff add --help\n');
    else process.stdout.write(tariffLines(rows));
  });
}

function show(id: string, options: TariffOptions): void {
  withStore({ ...options, readonly: true }, (store) => {
    const view = tariffView(tariffNamed(store, id));
    if (options.json === true) printJson(view);
    else process.stdout.write(tariffText(view));
  });
}

interface QuoteOptions extends TariffOptions {
  readonly units: number;
  readonly at?: number;
}

function quote(named: string, options: QuoteOptions): void {
  const atSeconds = options.at ?? Math.floor(Date.now() / 1000);
  const print = (tariff: Tariff): void => {
    const quoted = quoteOf(tariff, options.units as Units, atSeconds);
    if (typeof quoted === 'string') throw new CommandFailed(EXIT.refused, quoted);
    if (options.json === true) printJson({ tariff: tariffView(tariff).id, ...quoted });
    else process.stdout.write(quoteText(quoted));
  };
  // A file needs no hub.
  if (!isId(named)) return print(fileTariff(named));
  withStore({ ...options, readonly: true }, (store) => print(tariffNamed(store, named)));
}

interface ImportOptions extends TariffOptions {
  readonly zone?: string;
  readonly dryRun?: boolean;
}

function importFile(path: string, options: ImportOptions): void {
  const imported = importOcpi(parsedFile(path), options.zone);
  if (typeof imported === 'string') throw new CommandFailed(EXIT.refused, `${path}: ${imported}`);
  const { tariff, mapped } = imported;
  const answer = (id: string, added: boolean): void => {
    if (options.json === true) return printJson({ id, added, mapped, tariff: tariffView(tariff) });
    for (const line of mapped) process.stderr.write(`${line}\n`);
    process.stdout.write(options.dryRun === true ? tariffText(tariffView(tariff)) : `${id}${added ? '' : ' (known already)'}\n`);
  };
  if (options.dryRun === true) return answer(tariffView(tariff).id, false);
  withStore(options, (store) => {
    const { id, added } = recorded(store, tariff);
    answer(id, added);
  });
}

function isId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

/** A tariff that the hub knows, by its id. */
export function tariffNamed(store: Store, id: string): Tariff {
  if (!isId(id)) throw new CommandFailed(EXIT.usage, `expected the id of a tariff, 32 hex digits, got "${id}"`);
  const tariff = store.devices.findTariff(fromHex(id) as TariffId);
  if (tariff === undefined) throw new CommandFailed(EXIT.data, `no tariff ${id} was added in ${store.dataDir}`);
  return tariff;
}

function fileTariff(path: string): Tariff {
  const tariff = parseTariff(parsedFile(path));
  if (typeof tariff === 'string') throw new CommandFailed(EXIT.refused, `${path}: ${tariff}`);
  return tariff;
}

/** JSON is YAML, too. */
function parsedFile(path: string): unknown {
  try {
    return parseYaml(readFileSync(path, 'utf8'), { maxAliasCount: 0 });
  } catch (error) {
    const isYaml = error instanceof YAMLError || error instanceof ReferenceError;
    const why = ((error as Error).message.split('\n')[0] ?? '').replace(/:$/, ''); // the line itself would have followed
    throw new CommandFailed(
      EXIT.data,
      isYaml ? `${path}: expected YAML or JSON: ${why}` : `expected a file that can be read, got ${path} (${why})`,
    );
  }
}

function withStore({ data, readonly = false }: DataOption & { readonly readonly?: boolean }, use: (store: Store) => void): void {
  const store = openStore(data, { readonly });
  try {
    use(store);
  } finally {
    store.close();
  }
}
