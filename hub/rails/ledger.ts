// The built-in rail: the hub's own ledger. In: a batch that was sent. Out: the entry that clears its accounts, the channels settled up to its lines, and the batch
// settled, all in one transaction or none of it. What a prepaid payer owes is paid from its wallet: then the money comes from the operator's bank.

import { assertConserved } from '../audit.ts';
import type { Batch } from '../batch.ts';
import { transfersOf } from '../batch.ts';
import type { Transfer } from '../ledger.ts';
import { assertBalanced, BANK, settlementEntry } from '../ledger.ts';
import type { Store } from '../store.ts';

export function clear(store: Store, batch: Batch, nowSeconds: number): void {
  const entry = store.atomically(() => {
    if (store.batches.find(batch.id)?.state === 'settled') return undefined; // another process was faster
    const clearing = settlementEntry(batch.id, paidFromWallets(store, transfersOf(batch.lines), nowSeconds));
    const number = clearing === undefined ? undefined : store.books.post(clearing, nowSeconds);
    for (const line of batch.lines) store.channels.settle(line.device, line.number, line.toUnits, line.toMicros);
    store.batches.move(batch.id, 'sent', 'settled');
    return number;
  });
  if (entry !== undefined) assertBalanced(store.books.postingsOf(entry), `entry ${entry}`);
  for (const { device, number } of batch.lines) assertConserved(`${device}/${number}`, store.channels.standing(device, number));
}

/** A prepaid payer's debt stays on its wallet, which is how the wallet pays; the operator, who holds its money, pays the payee. */
export function paidFromWallets(store: Store, transfers: readonly Transfer[], nowSeconds: number): Transfer[] {
  return transfers.map((transfer) => {
    if (store.wallets.termsOf(transfer.payer)?.kind !== 'prepaid') return transfer;
    return { ...transfer, payer: store.devices.account(BANK, nowSeconds) };
  });
}
