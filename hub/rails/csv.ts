// A rail for people and banks: one CSV file per batch. In: a batch with the names of its accounts. Out: a file that is there whole or not at all, also after a
// power cut; the same batch gives the same bytes, so writing it twice is harmless. No cell may be taken for a formula.

import type { AccountId } from '../../shared/identity.ts';
import type { Batch } from '../batch.ts';
import { cellOf } from '../csv-cell.ts';
import { transfersOf } from '../batch.ts';
import { BANK } from '../ledger.ts';
import type { PayoutRow } from '../payout.ts';
import { directLines } from '../side.ts';
import { writeShown } from '../whole-file.ts';

const HEADER = ['record', 'batch', 'channel', 'payer', 'payee', 'units', 'amount', 'currency'];
export const FOLDER = 'settlements';

type NameOf = (account: AccountId) => string;

/** Lines as they are proven by channels, then the transfers that clear them, then what goes by rails: to payees and from payers. */
export function* csvRows(batch: Batch, nameOf: NameOf, payouts: readonly PayoutRow[] = []): Iterable<string> {
  yield rowOf(HEADER);
  for (const line of batch.lines) {
    const { payer, payee, device, number, fromUnits, toUnits, fromMicros, toMicros, currency } = line;
    const parties = [`${device}/${number}`, nameOf(payer), nameOf(payee)];
    yield rowOf(['line', batch.id, ...parties, String(toUnits - fromUnits), decimalOf(toMicros - fromMicros), currency]);
  }
  for (const { payer, payee, amountMicros, currency } of transfersOf(directLines(batch.lines, payouts)))
    yield rowOf(['transfer', batch.id, '', nameOf(payer), nameOf(payee), '', decimalOf(amountMicros), currency]);
  for (const { direction, account, currency, amountMicros } of payouts) {
    const parties = direction === 'pay' ? [BANK, nameOf(account)] : [nameOf(account), BANK];
    yield rowOf([direction, batch.id, '', ...parties, '', decimalOf(amountMicros), currency]);
  }
}

function rowOf(cells: readonly string[]): string {
  return cells.map(cellOf).join(',') + '\r\n';
}

/** Micros as a decimal number, exactly. */
export function decimalOf(amountMicros: number): string {
  const whole = Math.floor(amountMicros / 1_000_000);
  return `${whole}.${String(amountMicros - whole * 1_000_000).padStart(6, '0')}`;
}

/** Answers the file's path. */
export function writeCsv(dataDir: string, batch: Batch, nameOf: NameOf, payouts: readonly PayoutRow[]): string {
  return writeShown(dataDir, FOLDER, `${batch.id}.csv`, csvRows(batch, nameOf, payouts));
}
