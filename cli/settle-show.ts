// `tallystick settle status|compare`: where batches and payouts stand, and what each rail would cost. In: the hub's folder; the hub may run meanwhile. Out: text, or one JSON value. It
// changes nothing.

import type { Command } from 'commander';
import { compareRails } from '../hub/compare.ts';
import type { BatchStanding, PayoutView } from '../hub/payout-view.ts';
import { standingOfBatch, standingOfBatches } from '../hub/payout-view.ts';
import { openStore } from '../hub/store.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { formatMicros } from './money.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';
import { termsIn } from './settle-terms.ts';
import { tableText } from './table.ts';

interface ShowOptions extends DataOption {
  readonly json?: boolean;
}

const BATCHES_SHOWN = 20;

export function addSettleShowCommands(settle: Command): void {
  withJson(withData(settle.command('status')))
    .argument('[batch]', 'the id of a batch; the newest, and all that are not over, without it')
    .description('where batches and payouts stand, with what was said last of each')
    .action(status);
  withJson(withData(settle.command('compare')))
    .description('what every rail would move and cost for each account with something due, and which is the cheapest')
    .action(compare);
}

function status(id: string | undefined, { data, json }: ShowOptions): void {
  const store = openStore(data, { readonly: true });
  try {
    const batches =
      id === undefined
        ? standingOfBatches(store, BATCHES_SHOWN)
        : [standingOfBatch(store, id)].filter((one) => one !== undefined);
    if (id !== undefined && batches.length === 0)
      throw new CommandFailed(EXIT.refused, `batch: expected the id of a batch, got "${id}"`);
    if (json === true) return printJson(batches);
    for (const batch of batches) printBatch(batch);
    if (batches.length === 0) process.stdout.write('no batches yet\n');
  } finally {
    store.close();
  }
}

function printBatch({ id, state, preparedAtSeconds, approvedBy, payouts }: BatchStanding): void {
  const approved = approvedBy === null ? '' : `, approved by ${approvedBy}`;
  process.stdout.write(`batch ${id}  ${state}  ${timeOf(preparedAtSeconds)}${approved}\n`);
  if (payouts.length === 0) return;
  const columns = ['payout', 'account', 'by', 'amount', 'state', 'said last'].map((title) => {
    return { title, side: title === 'amount' ? ('right' as const) : ('left' as const) };
  });
  process.stdout.write(tableText(columns, payouts.map(rowOf)));
}

function rowOf({ id, account, direction, rail, amountMicros, currency, state, events }: PayoutView): string[] {
  const last = events.at(-1);
  const said =
    last === undefined
      ? ''
      : [last.said, `by ${last.by}`, timeOf(last.atSeconds), last.reference, last.why]
          .filter((part) => part !== undefined)
          .join(' ');
  return [
    id,
    account,
    `${rail}${direction === 'pay' ? '' : ' (collect)'}`,
    `${formatMicros(amountMicros)} ${currency}`,
    state,
    said,
  ];
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
}

async function compare({ data, json }: ShowOptions): Promise<void> {
  const store = openStore(data, { readonly: true });
  try {
    const compared = compareRails(store, await termsIn(data));
    if (json === true) return printJson(compared);
    for (const { account, direction, currency, dueMicros, routed, cheapest, ways, blocked } of compared) {
      const verb = direction === 'pay' ? 'is owed' : 'owes';
      process.stdout.write(`${account} ${verb} ${formatMicros(dueMicros)} ${currency}; now by ${routed ?? 'the books'}\n`);
      for (const { rail, amountMicros, feeMicros, feeMillionths, isTooDear } of ways) {
        const marks = `${rail === cheapest ? ', the cheapest' : ''}${isTooDear ? ', above the threshold' : ''}`;
        process.stdout.write(
          `  ${rail}: moves ${formatMicros(amountMicros)}, keeps ${formatMicros(feeMicros)} (${feeMillionths / 10_000} %)${marks}\n`,
        );
      }
      for (const { rail, why } of blocked) process.stdout.write(`  ${rail}: not possible: ${why}\n`);
    }
    if (compared.length === 0) process.stdout.write('nothing is due\n');
  } finally {
    store.close();
  }
}
