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
  /** Neither of them is paid or collected from by a rail. */
  readonly isDirect: boolean;
}

const MICROS_PER_UNIT = 1_000_000;

export function auditBankFiles(store: Store, partiesOf: (device: string) => Parties | undefined, broken: Broken): void {
  for (const batch of store.batches.newest(Number.MAX_SAFE_INTEGER)) {
    if (batch.state === 'prepared') continue;
    const path = join(store.dataDir, FOLDER, `${batch.id}.csv`);
    const payouts = store.payouts.ofBatch(batch.id).reduce((sum, { amountMicros }) => sum + amountMicros, 0);
    if (existsSync(path)) auditFile(readFileSync(path, 'utf8'), { batch, payouts }, partiesOf, broken);
    else broken('bank-file', `batch ${batch.id} is ${batch.state}, and there is no file of it`);
  }
}

interface Filed {
  readonly batch: Batch;
  /** What its payouts sum to, in the books. */
  readonly payouts: number;
}

function auditFile(
  text: string,
  { batch, payouts }: Filed,
  partiesOf: (device: string) => Parties | undefined,
  broken: Broken,
): void {
  const rows = text
    .trim()
    .split('\r\n')
    .slice(1)
    .map((row) => row.split(','));
  const sums = { line: 0, transfer: 0, pay: 0, collect: 0 };
  let direct = 0;
  for (const [record, , channel = '', payer = '', payee = '', , amount = ''] of rows) {
    if (record !== 'line' && record !== 'transfer' && record !== 'pay' && record !== 'collect') continue;
    const micros = Math.round(Number(amount) * MICROS_PER_UNIT);
    sums[record] += micros;
    const parties = record === 'line' ? partiesOf(channel.split('/')[0] as string) : undefined;
    if (parties?.isDirect === true) direct += micros;
    if (parties !== undefined && (parties.payer !== payer || parties.payee !== payee)) {
      broken('bank-file', `${channel}: ${payer} pays ${payee}, agreed was ${parties.payer} to ${parties.payee}`);
    }
  }
  const settled = [...batch.lines].reduce((sum, line) => sum + line.toMicros - line.fromMicros, 0);
  if (sums.line !== settled || sums.transfer !== direct || sums.pay + sums.collect !== payouts) {
    broken(
      'bank-file',
      `batch ${batch.id}: ${settled} micros are settled, ${direct} of them directly and ${payouts} by payouts; the file has lines of ${sums.line}, transfers of ${sums.transfer}, payouts of ${sums.pay + sums.collect}`,
    );
  }
}
