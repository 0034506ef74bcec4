// The built-in rail: the hub's own ledger. In: a batch that was sent. Out: the entry that clears its accounts, the channels settled up to its lines, and the batch
// settled, all in one transaction or none of it.

import { assertConserved } from '../audit.ts';
import type { Batch } from '../batch.ts';
import { transfersOf } from '../batch.ts';
import { assertBalanced, settlementEntry } from '../ledger.ts';
import type { Store } from '../store.ts';

export function clear(store: Store, batch: Batch, nowSeconds: number): void {
  const entry = store.atomically(() => {
    if (store.batches.find(batch.id)?.state === 'settled') return undefined; // another process was faster
    const clearing = settlementEntry(batch.id, transfersOf(batch.lines));
    const number = clearing === undefined ? undefined : store.books.post(clearing, nowSeconds);
    for (const line of batch.lines) store.channels.settle(line.device, line.number, line.toUnits, line.toMicros);
    store.batches.move(batch.id, 'sent', 'settled');
    return number;
  });
  if (entry !== undefined) assertBalanced(store.books.postingsOf(entry), `entry ${entry}`);
  for (const { device, number } of batch.lines) assertConserved(`${device}/${number}`, store.channels.standing(device, number));
}
