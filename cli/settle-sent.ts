// What became of payouts when rails were asked, as text and as JSON. In: what followed. Out: one line for each payout that moved on, or could not.

import type { Followed } from '../hub/outcome.ts';
import type { Sent } from '../hub/send.ts';
import { nameOfIn } from '../hub/batch-view.ts';
import type { Store } from '../hub/store.ts';
import type { Terms } from '../hub/terms.ts';
import { formatMicros } from './money.ts';

/** What is known already is not worth a line. */
const isNews = (one: Followed): boolean => one.kind !== 'known';

export function sentJson({ followed, unavailable }: Sent): object {
  return { followed: followed.filter(isNews), unavailable };
}

export function printSent(store: Store, { followed, unavailable }: Sent): void {
  printFollowed(store, followed);
  for (const { rail, why } of unavailable) process.stdout.write(`${rail}: nothing is known yet: ${why}\n`);
}

export function printFollowed(store: Store, followed: readonly Followed[]): void {
  const nameOf = nameOfIn(store);
  for (const one of followed.filter(isNews)) {
    const row = store.payouts.find(one.payout);
    const whose = row === undefined ? '' : `${nameOf(row.account)}, ${formatMicros(row.amountMicros)} ${row.currency}`;
    const what = one.kind === 'moved' ? `${one.from} -> ${one.to}` : one.kind === 'late' ? `too late: ${one.why}` : '';
    process.stdout.write(`payout ${one.payout}  ${whose}  ${what}\n`);
  }
}

/** What somebody has to carry to the counterpart, with the sums that it will show. */
export function printFiles(store: Store, { rails }: Terms): void {
  for (const rail of rails.values()) {
    const memory = store.payouts.memoryOf(rail.name, (write) => store.atomically(write));
    const batches = new Set(store.payouts.inState('sent').flatMap((row) => (row.rail === rail.name ? [row.batch] : [])));
    for (const batch of batches)
      for (const { path, direction, payouts, sumMicros, currency } of rail.filesOf?.(batch, memory) ?? [])
        process.stdout.write(`${path}: ${payouts} to ${direction}, ${formatMicros(sumMicros)} ${currency} in all\n`);
  }
}
