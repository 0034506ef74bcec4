// What really moves money: the bank files of settlement. In: the folder of the files, the books, and who pays whom. Out: a sentence for each line that is not what
// was settled. A batch that is settled has its file; names and amounts in it are those that were agreed, and its transfers sum to its lines.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Batch } from '../../hub/batch.ts';
import { FOLDER } from '../../hub/rails/csv.ts';
import type { Store } from '../../hub/store.ts';
import type { Broken } from './broken.ts';

export interface Parties {
  readonly payer: string;
  readonly payee: string;
}

const MICROS_PER_UNIT = 1_000_000;

export function auditBankFiles(store: Store, partiesOf: (device: string) => Parties | undefined, broken: Broken): void {
  for (const batch of store.batches.newest(Number.MAX_SAFE_INTEGER)) {
    if (batch.state === 'prepared') continue;
    const path = join(store.dataDir, FOLDER, `${batch.id}.csv`);
    if (existsSync(path)) auditFile(readFileSync(path, 'utf8'), batch, partiesOf, broken);
    else broken('bank-file', `batch ${batch.id} is ${batch.state}, and there is no file of it`);
  }
}

function auditFile(text: string, batch: Batch, partiesOf: (device: string) => Parties | undefined, broken: Broken): void {
  const rows = text
    .trim()
    .split('\r\n')
    .slice(1)
    .map((row) => row.split(','));
  const sums = { line: 0, transfer: 0 };
  for (const [record, , channel = '', payer = '', payee = '', , amount = ''] of rows) {
    if (record !== 'line' && record !== 'transfer') continue;
    sums[record] += Math.round(Number(amount) * MICROS_PER_UNIT);
    const parties = record === 'line' ? partiesOf(channel.split('/')[0] as string) : undefined;
    if (parties !== undefined && (parties.payer !== payer || parties.payee !== payee)) {
      broken('bank-file', `${channel}: ${payer} pays ${payee}, agreed was ${parties.payer} to ${parties.payee}`);
    }
  }
  const settled = batch.lines.reduce((sum, line) => sum + line.toMicros - line.fromMicros, 0);
  if (sums.line !== settled || sums.transfer !== settled) {
    broken(
      'bank-file',
      `batch ${batch.id}: ${settled} micros are settled, the file has lines of ${sums.line} and transfers of ${sums.transfer}`,
    );
  }
}
