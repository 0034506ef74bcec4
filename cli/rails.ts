// `tallystick rails`: which rails the operator has configured, what they cost, and whether what they talk to is there. In: the hub's folder. Out: a table. It moves no money, writes nothing, and shows no secret.

import type { Command } from 'commander';
import Table from 'cli-table3';
import type { ConfiguredRail } from '../hub/rails/configured.ts';
import { configuredRails } from '../hub/rails/configured.ts';
import { RAILS_FILES, RailsRefused } from '../hub/rails/config.ts';
import { feeMicrosOf, RailUnavailable } from '../hub/rails/rail.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { formatMicros } from './money.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';

interface RailsOptions extends DataOption {
  readonly json?: boolean;
}

/** What a rail would keep of these, in whole units of its currency. */
const SAMPLES = [1, 10, 100] as const;

interface RailView {
  readonly rail: string;
  readonly directions: readonly string[];
  readonly currency: string;
  readonly unitMicros: number | null;
  readonly maxMicros: number;
  readonly feeMicros: Readonly<Record<string, number>>;
  /** `null`: nobody has looked. */
  readonly reachable: boolean | null;
  readonly found: string | null;
}

export function addRailsCommands(program: Command): void {
  const rails = program
    .command('rails')
    .description('ways for money to move: ledger and csv are always there, the others are configured');
  withJson(withData(rails.command('list')))
    .description(`show the rails of ${RAILS_FILES.join(' or ')} in the hub's folder, with what they cost`)
    .action(async (options: RailsOptions) => show(options, viewsOf(await openRails(options.data))));
  withJson(withData(rails.command('check')))
    .description('ask each rail whether it is there and is what was meant; no money moves')
    .action(checkRails);
}

/** The rails of the folder; a configuration that does not hold ends the command with its sentence. */
async function openRails(dataDir: string): Promise<readonly ConfiguredRail[]> {
  try {
    return (await configuredRails(dataDir, process.env)).rails;
  } catch (error) {
    throw error instanceof RailsRefused ? new CommandFailed(EXIT.data, error.message) : error;
  }
}

async function checkRails(options: RailsOptions): Promise<void> {
  const rails = await openRails(options.data);
  const found = new Map<string, { readonly reachable: boolean; readonly found: string }>();
  for (const { rail, probe } of rails) {
    found.set(
      rail.name,
      await probe().then(
        (words) => ({ reachable: true, found: words }),
        (error: unknown) => {
          if (error instanceof RailUnavailable) return { reachable: false, found: error.message };
          throw error;
        },
      ),
    );
  }
  const views = viewsOf(rails).map((view) => ({ ...view, ...found.get(view.rail) }));
  show(options, views);
  const missing = [...found].filter(([, { reachable }]) => !reachable).map(([name]) => name);
  if (missing.length > 0)
    throw new CommandFailed(EXIT.connection, `rails: expected all to be there, got no good answer from ${missing.join(', ')}`);
}

function viewsOf(rails: readonly ConfiguredRail[]): RailView[] {
  return rails.flatMap(({ rail, currencies }) =>
    currencies.map((currency) => ({
      rail: rail.name,
      directions: rail.directions,
      currency,
      unitMicros: rail.unitMicros(currency) ?? null,
      maxMicros: rail.maxMicros,
      feeMicros: Object.fromEntries(SAMPLES.map((whole) => [String(whole), feeMicrosOf(rail.fee, whole * 1_000_000)])),
      reachable: null,
      found: null,
    })),
  );
}

function show({ json }: RailsOptions, views: readonly RailView[]): void {
  if (json === true) return printJson(views);
  if (views.length === 0) {
    process.stdout.write(`no rails are configured: write ${RAILS_FILES[0]} into the hub's folder; ledger and csv need none\n`);
    return;
  }
  const table = new Table({
    head: ['rail', 'moves', 'currency', 'unit', ...SAMPLES.map((whole) => `fee of ${whole}`), 'there'],
    style: { head: [], border: [], compact: true },
  });
  for (const view of views) {
    const there = view.reachable === null ? '' : view.reachable ? 'yes' : 'no';
    table.push([
      view.rail,
      view.directions.join(', '),
      view.currency,
      view.unitMicros === null ? 'not moved' : formatMicros(view.unitMicros),
      ...SAMPLES.map((whole) => formatMicros(view.feeMicros[String(whole)] ?? 0)),
      there,
    ]);
  }
  process.stdout.write(`${table.toString()}\n`);
  for (const [rail, found] of new Map(views.map((view) => [view.rail, view.found])))
    if (found !== null) process.stdout.write(`${rail}: ${found}\n`);
}
