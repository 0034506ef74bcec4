// A rail for people and banks: one CSV file per batch. In: a batch with the names of its accounts. Out: a file that is there whole or not at all, also after a
// power cut; the same batch gives the same bytes, so writing it twice is harmless. No cell may be taken for a formula.

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountId } from '../../shared/identity.ts';
import type { Batch } from '../batch.ts';
import { cellOf } from '../csv-cell.ts';
import { transfersOf } from '../batch.ts';
import { BANK } from '../ledger.ts';
import type { PayoutRow } from '../payout.ts';
import { directLines } from '../plan.ts';

const HEADER = ['record', 'batch', 'channel', 'payer', 'payee', 'units', 'amount', 'currency'];
export const FOLDER = 'settlements';
const PIECE_LENGTH = 65_536;

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

/** Writes beside, flushes, renames, and flushes the folder: only then is the name durable. */
export function writeCsv(dataDir: string, batch: Batch, nameOf: NameOf, payouts: readonly PayoutRow[]): string {
  const folder = join(dataDir, FOLDER);
  const path = join(folder, `${batch.id}.csv`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const beside = `${path}.${process.pid}.tmp`;
  const file = openSync(beside, 'w', 0o600);
  try {
    writeAll(file, csvRows(batch, nameOf, payouts));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
  flushFolder(folder);
  flushFolder(dataDir);
  return path;
}

/** Piece by piece: the rows of a million lines are never held at once. */
function writeAll(file: number, rows: Iterable<string>): void {
  let piece = '';
  for (const row of rows) {
    piece += row;
    if (piece.length < PIECE_LENGTH) continue;
    writeFileSync(file, piece);
    piece = '';
  }
  writeFileSync(file, piece);
}

function flushFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
