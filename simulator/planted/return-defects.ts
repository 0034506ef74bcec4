// Defects of what comes back, and of what is kept back: refunds that count twice or go elsewhere, disputes that pay half, payouts that go out although they were withheld. In: the shipped store. Out: the same
// store with one of its verbs wrong.

import { accountIdOf } from '../../hub/ids.ts';
import { BANK } from '../../hub/ledger.ts';
import type { Entry } from '../../hub/ledger.ts';
import type { Store } from '../../hub/store.ts';
import type { Defect } from './defect.ts';
import { inStore } from './defect.ts';

const posting =
  (change: (entry: Entry) => Entry): (() => (store: Store) => Store) =>
  () =>
  (store) => ({
    ...store,
    books: { ...store.books, post: (entry, nowSeconds) => store.books.post(change(entry), nowSeconds) },
  });

const elsewhere = (entry: Entry): Entry => ({
  ...entry,
  postings: entry.postings.map((one) => (one.amountMicros > 0 ? { ...one, account: accountIdOf(BANK) } : one)),
});

const half = (entry: Entry): Entry => ({
  ...entry,
  postings: entry.postings.map((one) => ({ ...one, amountMicros: Math.trunc(one.amountMicros / 2) })),
});

export const RETURN_DEFECTS: readonly Defect[] = [
  inStore(
    { id: 'refund-to-another', room: 'ledger', what: 'A refund is credited to the bank of the operator.' },
    posting((entry) => (entry.kind === 'refund' ? elsewhere(entry) : entry)),
  ),
  inStore(
    { id: 'dispute-paid-by-half', room: 'ledger', what: 'Of a dispute that is resolved half the amount moves.' },
    posting((entry) => (entry.kind === 'resolution' ? half(entry) : entry)),
  ),
  inStore(
    { id: 'returns-forgotten', room: 'ledger', what: 'What came back of a channel is not kept: refunds are only posted.' },
    () => {
      return (store) => ({ ...store, returns: { ...store.returns, addRefund: () => undefined } });
    },
  ),
  inStore(
    { id: 'withheld-and-sent', room: 'settlement', what: 'A payout that was withheld is noted, and stays prepared.' },
    () => {
      return (store) => ({
        ...store,
        payouts: {
          ...store.payouts,
          move: (id, from, to) => (from === 'prepared' && to === 'rejected' ? true : store.payouts.move(id, from, to)),
        },
      });
    },
  ),
];
