// The built-in rail: the hub's own ledger. In: a batch whose file is written, or payouts that are routed here. Out: for a batch, the entry that clears what needs no
// payout, the channels settled up to its lines, and its payouts on their way, all in one transaction or none of it; for payouts, that they are settled: what is owed is
// paid by hand, or within the house.

import { assertConserved, assertPosted } from '../audit.ts';
import type { Batch } from '../batch.ts';
import { transfersOf } from '../batch.ts';
import type { Transfer } from '../ledger.ts';
import { BANK, settlementEntry } from '../ledger.ts';
import { settleTouched } from '../outcome.ts';
import { directLines } from '../side.ts';
import type { Store } from '../store.ts';
import type { Outcome, PayoutId, Rail } from './rail.ts';

/** Idempotent: a batch that another process, or an earlier call, has cleared stays as it is. */
export function clear(store: Store, batch: Batch, nowSeconds: number): void {
  const entry = store.atomically(() => {
    if (store.batches.head(batch.id)?.state !== 'prepared') return undefined; // another process was faster
    const direct = transfersOf(directLines(batch.lines, store.payouts.ofBatch(batch.id)));
    const clearing = settlementEntry(batch.id, paidFromWallets(store, direct, nowSeconds));
    const number = clearing === undefined ? undefined : store.books.post(clearing, nowSeconds);
    store.batches.move(batch.id, 'prepared', 'sent');
    settleTouched(store, [batch.id]);
    return number;
  });
  if (entry !== undefined) assertPosted(store, entry);
  for (const { device, number } of batch.lines) assertConserved(`${device}/${number}`, store.channels.standing(device, number));
}

/** A prepaid payer's debt stays on its wallet, which is how the wallet pays; the operator, who holds its money, pays the payee. */
function paidFromWallets(store: Store, transfers: readonly Transfer[], nowSeconds: number): Transfer[] {
  return transfers.map((transfer) => {
    if (store.wallets.termsOf(transfer.payer)?.kind !== 'prepaid') return transfer;
    return { ...transfer, payer: store.devices.account(BANK, nowSeconds) };
  });
}

export const ledgerRail: Rail = {
  name: 'ledger',
  directions: ['pay', 'collect'],
  fee: { perBatchMicros: 0, fixedMicros: 0, shareMillionths: 0, minMicros: 0, maxMicros: undefined },
  unitMicros: () => 1,
  maxMicros: Number.MAX_SAFE_INTEGER,
  destinationOf: () => ({}),
  submit: (payouts) => Promise.resolve(settledAll(payouts)),
  poll: (payouts) => Promise.resolve(settledAll(payouts)),
};

function settledAll(payouts: ReadonlyArray<{ readonly id: PayoutId }>): ReadonlyMap<PayoutId, Outcome> {
  return new Map(payouts.map(({ id }) => [id, { kind: 'settled', reference: 'in the books' }]));
}
