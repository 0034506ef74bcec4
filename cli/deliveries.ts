// `tallystick deliveries`: what became of each webhook, and trying again what was given up. In: the hub's folder. Out: a list; or deliveries that are due at once, for the next `tallystick settle` or the hub to
// make. It sends nothing itself, and what the receiver has settled is never sent again.

import type { Command } from 'commander';
import type { Delivery } from '../hub/rails/deliveries.ts';
import { deliveryOf, replayDelivery } from '../hub/rails/deliveries.ts';
import type { PayoutId, RailMemory } from '../hub/rails/rail.ts';
import type { Store } from '../hub/store.ts';
import { openStore } from '../hub/store.ts';
import { CommandFailed, EXIT } from './exit.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';

interface ListOptions extends DataOption {
  readonly json?: boolean;
}

interface ReplayOptions extends ListOptions {
  readonly all?: boolean;
}

interface DeliveryView extends Delivery {
  readonly payout: PayoutId;
}

export function addDeliveriesCommands(program: Command): void {
  const deliveries = program
    .command('deliveries')
    .description('webhooks of the rail `webhook`: what was sent, and what came of it');
  withJson(withData(deliveries.command('list')))
    .description('show every delivery, the newest payout first')
    .action(listDeliveries);
  withJson(withData(deliveries.command('replay [payouts...]')))
    .description('try again at once what was given up, and a receiver that had answered 410')
    .option('--all', 'everything that is not settled')
    .action(replayDeliveries);
}

function withMemory<T>(dataDir: string, look: (store: Store, memory: RailMemory) => T): T {
  const store = openStore(dataDir);
  try {
    return look(
      store,
      store.payouts.memoryOf('webhook', (write) => store.atomically(write)),
    );
  } finally {
    store.close();
  }
}

function viewsOf(store: Store, memory: RailMemory): DeliveryView[] {
  return store.payouts.newest(Number.MAX_SAFE_INTEGER).flatMap(({ id, rail }) => {
    const delivery = rail === 'webhook' ? deliveryOf(memory, id) : undefined;
    return delivery === undefined ? [] : [{ payout: id, ...delivery }];
  });
}

function listDeliveries(options: ListOptions): void {
  const views = withMemory(options.data, viewsOf);
  if (options.json === true) return printJson(views);
  if (views.length === 0) process.stdout.write('no deliveries\n');
  for (const view of views) process.stdout.write(`${lineOf(view)}\n`);
}

function lineOf({ payout, state, attempts, lastAtMs, nextAtMs, said }: DeliveryView): string {
  const next = state === 'waiting' || state === 'delivered' ? `, next ${new Date(nextAtMs).toISOString()}` : '';
  return `${payout}  ${state}  ${attempts} attempts, last ${new Date(lastAtMs).toISOString()} (${said})${next}`;
}

function replayDeliveries(given: readonly string[], options: ReplayOptions): void {
  const replayed = withMemory(options.data, (store, memory) => {
    const views = viewsOf(store, memory);
    const unknown = given.find((id) => !views.some(({ payout }) => payout === id));
    if (unknown !== undefined)
      throw new CommandFailed(EXIT.usage, `payouts: expected payouts that were delivered by webhook, got ${unknown}`);
    if (given.length === 0 && options.all !== true)
      throw new CommandFailed(EXIT.usage, 'payouts: expected one or more, or --all');
    const chosen = views.filter(({ payout, state }) => state !== 'ended' && (options.all === true || given.includes(payout)));
    for (const { payout } of chosen) replayDelivery(memory, payout, Date.now());
    return chosen.map(({ payout }) => payout);
  });
  if (options.json === true) return printJson({ replayed });
  process.stdout.write(`${replayed.length} deliveries are due now; the hub or \`tallystick settle\` makes them\n`);
}
