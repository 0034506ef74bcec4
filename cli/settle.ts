// `tallystick settle`: closes all claims into one batch, clears what needs no rail and hands payouts to theirs, or shows what it would do. In: the hub's folder; the hub may run
// meanwhile. Out: the batch, its payouts, and what is held back. Nothing is ever settled twice: a batch's id is the hash of its content.

import type { Command } from 'commander';
import { nameOfIn } from '../hub/batch-view.ts';
import type { Sent } from '../hub/send.ts';
import { sendAlone } from '../hub/send.ts';
import type { Settlement } from '../hub/settlement.ts';
import { previewed, settle } from '../hub/settlement.ts';
import type { Store } from '../hub/store.ts';
import { openStore } from '../hub/store.ts';
import { formatMicros } from './money.ts';
import type { DataOption } from './options.ts';
import { withData, withJson } from './options.ts';
import { printSettlementJson } from './settle-json.ts';
import { addSettlePayoutCommands } from './settle-payouts.ts';
import { addSettleRouteCommands } from './settle-routes.ts';
import { printFiles, printSent } from './settle-sent.ts';
import { addSettleShowCommands } from './settle-show.ts';
import { termsIn } from './settle-terms.ts';

interface SettleOptions extends DataOption {
  readonly dryRun?: boolean;
  readonly all?: boolean;
  readonly json?: boolean;
}

export function addSettleCommand(program: Command): void {
  const command = withSettling(program.command('settle').enablePositionalOptions())
    .description('settle what is accepted and not yet settled: in the books, and by rails where accounts are routed')
    .option('--dry-run', 'show batch and payouts and change nothing')
    .action((options: SettleOptions) => settleClaims(options, false));
  withSettling(command.command('prepare'))
    .description('close what is due into a batch, and go no further: approve it, or settle on')
    .action((options: SettleOptions) => settleClaims(options, true));
  addSettlePayoutCommands(command);
  addSettleShowCommands(command);
  addSettleRouteCommands(command);
}

function withSettling(command: Command): Command {
  return withJson(withData(command)).option('--all', 'also what thresholds hold back, and what was lost just now');
}

async function settleClaims(
  { data, dryRun = false, all = false, json = false }: SettleOptions,
  prepareOnly: boolean,
): Promise<void> {
  const store = openStore(data);
  try {
    const terms = await termsIn(data);
    const nowSeconds = Math.floor(Date.now() / 1000);
    const options = { nowSeconds, terms, all, prepareOnly };
    const show = json ? printSettlementJson : printSettlement;
    if (dryRun) return previewed(store, { ...options, dryRun }, (preview) => show(store, preview, undefined));
    const settlement = settle(store, { ...options, dryRun });
    const sent = prepareOnly ? undefined : await sendAlone(store, terms, nowSeconds);
    show(store, settlement, sent);
    if (sent !== undefined && !json) printFiles(store, terms);
    if (sent === undefined && !prepareOnly)
      process.stderr.write('payouts are left to another process, which is sending them now\n');
  } finally {
    store.close();
  }
}

function printSettlement(store: Store, { dryRun, batch, payouts, held, waiting }: Settlement, sent: Sent | undefined): void {
  const nameOf = nameOfIn(store);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  let lines = 0;
  for (const { channel, payer, payee, units, amountMicros, currency } of batch?.eachLine() ?? []) {
    say(`${channel}  ${payer} -> ${payee}  ${units} units  ${formatMicros(amountMicros)} ${currency}`);
    lines++;
  }
  for (const { account, direction, currency, rail, amountMicros, feeMicros, carriedMicros } of payouts) {
    const carried = carriedMicros === 0 ? '' : `, ${formatMicros(carriedMicros)} of it carried over`;
    const verb = direction === 'pay' ? 'pay' : 'collect from';
    say(
      `${verb} ${nameOf(account)} by ${rail}: ${formatMicros(amountMicros)} ${currency}${carried}; fee ${formatMicros(feeMicros)}`,
    );
  }
  for (const { account, currency, dueMicros, why } of held)
    say(`not yet: ${nameOf(account)}, ${formatMicros(dueMicros)} ${currency}: ${why}`);
  if (batch === undefined) say('nothing to settle');
  else say(`batch ${batch.id}, ${lines} lines${dryRun ? ', dry run: nothing changed' : ''}`);
  if (waiting !== undefined) say(`it waits: tallystick settle approve ${waiting}, then tallystick settle`);
  if (sent !== undefined) printSent(store, sent);
}
