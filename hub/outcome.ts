// What an outcome does to the books: a payout's state, the entry that its movement is, and the channels whose lines have moved. In: what rails or their counterparts have said of
// payouts. Out: what followed, in one transaction for all that was said at once. The same word twice changes nothing; one that comes too late is noted, and changes nothing.

import { BANK, FEES } from './ledger.ts';
import type { Entry } from './ledger.ts';
import { assertPosted } from './audit.ts';
import { accountIdOf } from './ids.ts';
import type { PayoutRow, PayoutState } from './payout.ts';
import { stepFrom } from './payout.ts';
import type { Outcome, PayoutId } from './rails/rail.ts';
import type { Store } from './store.ts';

export interface Said {
  readonly payout: PayoutId;
  readonly outcome: Outcome;
}

/** What one outcome has changed, or why it has not. */
export type Followed =
  | { readonly kind: 'moved'; readonly payout: PayoutId; readonly from: PayoutState; readonly to: PayoutState }
  | { readonly kind: 'known'; readonly payout: PayoutId }
  | { readonly kind: 'late'; readonly payout: PayoutId; readonly why: string };

/** In a transaction of its own. `by`: the rail, or whoever brought the reply. */
export function recordOutcomes(store: Store, said: readonly Said[], by: string, nowSeconds: number): Followed[] {
  if (said.length === 0) return [];
  const entries: number[] = [];
  const followed = store.atomically(() => {
    const touched = new Set<string>();
    const all = said.map((one) => follow(store, one, { by, nowSeconds, entries, touched }));
    settleTouched(store, touched);
    return all;
  });
  for (const entry of entries) assertPosted(store, entry);
  return followed;
}

/** Channels rise by what has moved; batches of which all has moved are settled. Within the caller's transaction. */
export function settleTouched(store: Store, batches: Iterable<string>): void {
  for (const batch of batches) store.channels.settle(batch);
  for (const { id } of store.batches.finished()) if (store.batches.isSettled(id)) store.batches.move(id, 'sent', 'settled');
}

interface Recording {
  readonly by: string;
  readonly nowSeconds: number;
  readonly entries: number[];
  readonly touched: Set<string>;
}

function follow(store: Store, { payout, outcome }: Said, recording: Recording): Followed {
  const row = store.payouts.find(payout);
  if (row === undefined) throw new Error(`expected an outcome of a payout that was prepared, got one of ${payout}`);
  const step = stepFrom(row.state, outcome.kind);
  if (step.kind === 'known') return { kind: 'known', payout };
  if (step.kind === 'late') {
    noteOnce(store, payout, outcome, recording);
    return { kind: 'late', payout, why: step.why };
  }
  let from = row.state;
  for (const to of step.through) {
    store.payouts.move(payout, from, to);
    book(store, row, to, outcome, recording);
    from = to;
  }
  note(store, payout, outcome, { ...recording, counts: true });
  return { kind: 'moved', payout, from: row.state, to: from };
}

/** The money that has moved, or come back, in the books. */
function book(store: Store, row: PayoutRow, to: PayoutState, outcome: Outcome, recording: Recording): void {
  if (to === 'settled') {
    post(store, movementOf(row), recording);
    const feeMicros = outcome.kind === 'settled' ? (outcome.feeMicros ?? 0) : 0;
    if (feeMicros > 0) post(store, feeOf(row, feeMicros), recording);
    for (const batch of store.payouts.moved(row.id)) recording.touched.add(batch);
  }
  if (to === 'reversed') post(store, reversalOf(store, row), recording);
}

function post(store: Store, entry: Entry, { nowSeconds, entries }: Recording): void {
  for (const name of [BANK, FEES]) store.devices.account(name, nowSeconds);
  entries.push(store.books.post(entry, nowSeconds));
}

const keyOf = ({ id, direction }: PayoutRow): string => `${direction === 'pay' ? 'payout' : 'collection'}:${id}`;

/** Paid: the account is owed less, and less money lies outside. Collected: the opposite. */
function postingsOf({ account, direction, currency, amountMicros }: PayoutRow): Entry['postings'] {
  const micros = direction === 'pay' ? -amountMicros : amountMicros;
  return [
    { account, currency, amountMicros: micros },
    { account: accountIdOf(BANK), currency, amountMicros: -micros },
  ];
}

function movementOf(row: PayoutRow): Entry {
  return { kind: row.direction === 'pay' ? 'payout' : 'collection', key: keyOf(row), postings: postingsOf(row) };
}

function feeOf({ id, currency }: PayoutRow, feeMicros: number): Entry {
  const postings = [
    { account: accountIdOf(FEES), currency, amountMicros: -feeMicros },
    { account: accountIdOf(BANK), currency, amountMicros: feeMicros },
  ];
  return { kind: 'fee', key: `fee:${id}`, postings };
}

function reversalOf(store: Store, row: PayoutRow): Entry {
  const refersTo = store.books.numberOf(keyOf(row));
  if (refersTo === undefined) throw new Error(`payout ${row.id} is reversed, and no entry says that it has moved`);
  const postings = postingsOf(row).map((posting) => ({ ...posting, amountMicros: -posting.amountMicros }));
  return { kind: 'reversal', key: `reversal:${row.id}`, refersTo, postings };
}

function note(
  store: Store,
  payout: PayoutId,
  outcome: Outcome,
  { by, nowSeconds, counts }: Recording & { readonly counts: boolean },
): void {
  const reference = 'reference' in outcome ? outcome.reference : undefined;
  const why = 'why' in outcome ? outcome.why : undefined;
  store.payouts.note(payout, { said: outcome.kind, by, atSeconds: nowSeconds, reference, why, counts });
}

/** However often it is said. */
function noteOnce(store: Store, payout: PayoutId, outcome: Outcome, recording: Recording): void {
  const reference = 'reference' in outcome ? outcome.reference : undefined;
  const isNoted = store.payouts
    .eventsOf(payout)
    .some((event) => !event.counts && event.said === outcome.kind && event.reference === reference);
  if (!isNoted) note(store, payout, outcome, { ...recording, counts: false });
}
