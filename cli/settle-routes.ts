// `tallystick settle route|routes`: by which rail an account is paid, or collected from. In: an account's name and a rail. Out: the route from now on; payouts that are prepared keep
// theirs.

import type { Command } from 'commander';
import { Option } from 'commander';
import { nameOfIn } from '../hub/batch-view.ts';
import { accountIdOf } from '../hub/ids.ts';
import { OWN_PREFIX } from '../hub/ledger.ts';
import type { Direction, RailName } from '../hub/rails/rail.ts';
import { RAIL_NAMES } from '../hub/rails/rail.ts';
import type { Store } from '../hub/store.ts';
import { openStore } from '../hub/store.ts';
import { CommandFailed, EXIT } from './exit.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';

interface RouteOptions extends DataOption {
  readonly rail: RailName | 'none';
  readonly collect?: boolean;
  readonly json?: boolean;
}

export function addSettleRouteCommands(settle: Command): void {
  withJson(withData(settle.command('route')))
    .argument('<account>', "an account's name")
    .addOption(
      new Option('--rail <rail>', 'by which rail; none: in the books').choices([...RAIL_NAMES, 'none']).makeOptionMandatory(),
    )
    .option('--collect', 'what it owes as a payer is collected so; without it: what it is owed is paid so')
    .description('pay an account, or collect from it, by a rail from now on')
    .action(route);
  withJson(withData(settle.command('routes')))
    .description('accounts that are paid or collected from by a rail')
    .action(list);
}

function route(name: string, { data, rail, collect = false, json }: RouteOptions): void {
  const store = openStore(data);
  try {
    const account = accountIdOf(name);
    if (store.devices.accountName(account) === undefined || name.startsWith(OWN_PREFIX))
      throw new CommandFailed(
        EXIT.refused,
        `account: expected the name of a payer or payee, got "${name}"; devices are enrolled with theirs`,
      );
    const direction: Direction = collect ? 'collect' : 'pay';
    const to = rail === 'none' ? undefined : rail;
    store.atomically(() => store.routes.route(account, direction, to, Math.floor(Date.now() / 1000)));
    if (json === true) return printJson({ account: name, direction, rail: to ?? null });
    process.stdout.write(`${name}: ${sentenceOf(direction, to)}\n`);
  } finally {
    store.close();
  }
}

function sentenceOf(direction: Direction, rail: RailName | undefined): string {
  if (rail === undefined) return `${direction === 'pay' ? 'what it is owed' : 'what it owes'} is settled in the books`;
  return direction === 'pay' ? `paid by ${rail}` : `collected from by ${rail}`;
}

function list({ data, json }: RouteOptions): void {
  const store = openStore(data, { readonly: true });
  try {
    const routes = routesIn(store);
    if (json === true) return printJson(routes);
    if (routes.length === 0) process.stdout.write('no account is routed; all are settled in the books\n');
    for (const { account, direction, rail } of routes) process.stdout.write(`${account}: ${sentenceOf(direction, rail)}\n`);
  } finally {
    store.close();
  }
}

function routesIn(store: Store): Array<{ account: string; direction: Direction; rail: RailName }> {
  const nameOf = nameOfIn(store);
  return store.routes.routes().map(({ account, direction, rail }) => ({ account: nameOf(account), direction, rail }));
}
