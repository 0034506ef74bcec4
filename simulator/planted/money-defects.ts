// Defects of the books and of settlement: money that is counted twice, credited to the wrong one, or forgotten. In: the shipped store. Out: the same store with
// one of its verbs wrong.

import type { BatchLine } from '../../hub/batch.ts';
import type { Entry } from '../../hub/ledger.ts';
import type { Store } from '../../hub/store.ts';
import type { Defect } from './defect.ts';
import { everyNth, inStore } from './defect.ts';

type Books = Store['books'];
type Channels = Store['channels'];
type Batches = Store['batches'];

const inBooks = (make: (books: Books) => Partial<Books>) => () => (store: Store) => ({
  ...store,
  books: { ...store.books, ...make(store.books) },
});
const inChannels = (make: (channels: Channels) => Partial<Channels>) => () => (store: Store) => ({
  ...store,
  channels: { ...store.channels, ...make(store.channels) },
});
const inBatches = (make: (batches: Batches) => Partial<Batches>) => () => (store: Store) => ({
  ...store,
  batches: { ...store.batches, ...make(store.batches) },
});

const changed = (entry: Entry, change: (amountMicros: number) => number): Entry => ({
  ...entry,
  postings: entry.postings.map((posting) => ({ ...posting, amountMicros: change(posting.amountMicros) })),
});

/** All that goes into a batch is hashed, and something else is written. */
const writtenAs = (
  batches: Batches,
  change: (lines: readonly BatchLine[]) => BatchLine[],
): Pick<Batches, 'prepare' | 'prepareDue'> => ({
  prepare: (id, lines, nowSeconds) => batches.prepare(id, change(lines), nowSeconds),
  prepareDue(builder, nowSeconds, isIn = () => true) {
    const lines = [...batches.due('claimed')].filter(isIn);
    if (lines.length === 0) return undefined;
    for (const line of lines) builder.add(line);
    const tree = builder.finish();
    batches.prepare(tree.id, change(lines), nowSeconds);
    return tree;
  },
});

export const MONEY_DEFECTS: readonly Defect[] = [
  inStore(
    { id: 'claim-counted-twice', room: 'ledger', what: 'A claim is posted, and the channel is not marked as claimed.' },
    inChannels(() => ({ claim: () => undefined })),
  ),
  inStore(
    { id: 'entry-posted-twice', room: 'ledger', what: 'Each claim entry is posted twice.' },
    inBooks((books) => ({
      post(entry, nowSeconds) {
        if (entry.kind === 'claim') books.post(entry, nowSeconds);
        return books.post(entry, nowSeconds);
      },
    })),
  ),
  inStore({ id: 'entry-not-posted', room: 'ledger', what: 'Every fifth claim entry is not written.' }, () => (store) => {
    const skips = everyNth(5);
    const held = new Map<number, Entry>();
    return {
      ...store,
      books: {
        ...store.books,
        post(entry, nowSeconds) {
          const before = store.books.head().entry;
          if (entry.kind !== 'claim' || before === 0 || !skips()) return store.books.post(entry, nowSeconds);
          held.set(before, entry);
          return before;
        },
        postingsOf: (entry) => [...(held.get(entry)?.postings ?? store.books.postingsOf(entry))],
      },
    };
  }),
  inStore(
    { id: 'postings-in-cents', room: 'ledger', what: 'Postings are rounded to whole cents.' },
    inBooks((books) => ({
      post: (entry, nowSeconds) =>
        books.post(
          changed(entry, (micros) => Math.sign(micros) * Math.ceil(Math.abs(micros) / 10_000) * 10_000),
          nowSeconds,
        ),
    })),
  ),
  inStore(
    { id: 'debit-and-credit-swapped', room: 'ledger', what: 'Payers are credited and payees debited.' },
    inBooks((books) => ({
      post: (entry, nowSeconds) =>
        books.post(
          changed(entry, (micros) => -micros),
          nowSeconds,
        ),
    })),
  ),
  inStore({ id: 'posting-dropped', room: 'ledger', what: 'The last posting of an entry is not written.' }, () => (store) => {
    const held = new Map<number, Entry>();
    return {
      ...store,
      books: {
        ...store.books,
        post(entry, nowSeconds) {
          const number = store.books.post({ ...entry, postings: entry.postings.slice(0, -1) }, nowSeconds);
          held.set(number, entry);
          return number;
        },
        postingsOf: (number) => [...(held.get(number)?.postings ?? store.books.postingsOf(number))],
      },
    };
  }),
  inStore(
    {
      id: 'retried-without-id',
      room: 'settlement',
      what: 'A batch that a crash has left is forgotten, and its claims are settled in another one.',
    },
    inBatches(() => ({ underWay: () => undefined })),
  ),
  inStore(
    { id: 'settled-not-marked', room: 'settlement', what: 'A batch is settled, and its channels are not marked as settled.' },
    inChannels(() => ({ settle: () => 0 })),
  ),
  inStore(
    { id: 'line-left-out', room: 'settlement', what: 'The last line of a batch is not written.' },
    inBatches((batches) => writtenAs(batches, (lines) => lines.slice(0, -1))),
  ),
  inStore(
    {
      id: 'settled-from-zero',
      room: 'settlement',
      what: 'A line settles a channel from its first unit, whatever was settled before.',
    },
    inBatches((batches) => writtenAs(batches, (lines) => lines.map((line) => ({ ...line, fromUnits: 0, fromMicros: 0 })))),
  ),
  inStore(
    { id: 'claimed-beyond-accepted', room: 'settlement', what: 'One unit more than accepted is claimed.' },
    inChannels((channels) => ({ claim: (account) => channels.claim({ ...account, acceptedUnits: account.acceptedUnits + 1 }) })),
  ),
  inStore(
    { id: 'bank-file-names-another', room: 'settlement', what: 'The bank file names another account than the books.' },
    () => (store) => {
      const first = new Set<string>();
      return {
        ...store,
        devices: {
          ...store.devices,
          accountName(account) {
            const name = store.devices.accountName(account);
            if (name !== undefined) first.add(name);
            return name === undefined ? undefined : [...first][0];
          },
        },
      };
    },
  ),
];
