// A settlement as one JSON value, written line by line: a batch may have a million lines. In: a settlement, and what rails have answered. Out: standard output. It holds one line at a time.

import { nameOfIn } from '../hub/batch-view.ts';
import type { StreamedBatchView } from '../hub/batch-view.ts';
import type { Sent } from '../hub/send.ts';
import type { Settlement } from '../hub/settlement.ts';
import type { Store } from '../hub/store.ts';
import { sentJson } from './settle-sent.ts';

const print = (text: string): void => void process.stdout.write(text);

export function printSettlementJson(store: Store, settlement: Settlement, sent: Sent | undefined): void {
  const { dryRun, batch, payouts, held, waiting } = settlement;
  const nameOf = nameOfIn(store);
  print(`{"dryRun":${dryRun},"batch":`);
  if (batch === undefined) print('null');
  else printBatch(batch);
  const rest = {
    payouts: payouts.map(({ account, destination: _kept, ...rest }) => ({ account: nameOf(account), ...rest })),
    held: held.map(({ account, ...rest }) => ({ account: nameOf(account), ...rest })),
    waiting: waiting ?? null,
    ...(sent === undefined ? {} : { sent: sentJson(sent) }),
  };
  print(`,${JSON.stringify(rest).slice(1)}\n`);
}

function printBatch({ id, createdAtSeconds, state, eachLine }: StreamedBatchView): void {
  print(`${JSON.stringify({ id, createdAtSeconds, state }).slice(0, -1)},"lines":[`);
  let comma = '';
  for (const line of eachLine()) {
    print(`${comma}${JSON.stringify(line)}`);
    comma = ',';
  }
  print(']}');
}
