// `tallystick settle`: closes all claims into one batch, or shows what it would do. In: the hub's folder; the hub may run meanwhile. Out: the
// batch. Nothing is ever settled twice: a batch's id is the hash of its content.

import type { Command } from 'commander';
import { settle } from '../hub/settlement.ts';
import { openStore } from '../hub/store.ts';
import { formatMicros } from './money.ts';
import type { DataOption } from './options.ts';
import { printJson, withData, withJson } from './options.ts';

interface SettleOptions extends DataOption {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addSettleCommand(program: Command): void {
  withJson(withData(program.command('settle')))
    .description('settle what is accepted and not yet settled')
    .option('--dry-run', 'show the batch and change nothing')
    .action(settleClaims);
}

function settleClaims(options: SettleOptions): void {
  const dryRun = options.dryRun === true;
  const store = openStore(options.data);
  try {
    const settlement = settle(store, { dryRun, nowSeconds: Math.floor(Date.now() / 1000) });
    if (options.json === true) {
      printJson({ dryRun, batch: settlement.batch ?? null });
      return;
    }
    if (settlement.batch === undefined) {
      process.stdout.write('nothing to settle\n');
      return;
    }
    for (const line of settlement.batch.lines) {
      process.stdout.write(
        `${line.channel}  ${line.payer} -> ${line.payee}  ${line.units} units  ${formatMicros(line.amountMicros)} ${line.currency}\n`,
      );
    }
    process.stdout.write(
      `batch ${settlement.batch.id}, ${settlement.batch.lines.length} lines${dryRun ? ', dry run: nothing changed' : ''}\n`,
    );
  } finally {
    store.close();
  }
}
