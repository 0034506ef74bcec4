// Hands payouts to their rails and asks what has become of those under way. In: the store, the operator's terms, and rails that may be slow, silent or gone. Out: what
// followed. Before a rail is told of a payout, the payout is `sent` and that is durable; after a crash the same payouts are handed over again, under the same ids. No
// timeout, lost answer or error concludes anything.

import { nameOfIn } from './batch-view.ts';
import { lockRails } from './lock.ts';
import type { Followed } from './outcome.ts';
import { recordOutcomes } from './outcome.ts';
import type { PayoutRow } from './payout.ts';
import { payoutOf } from './payout.ts';
import { partsAmong } from './payout-parts.ts';
import type { Outcomes, Payout, Rail, RailName } from './rails/rail.ts';
import { RailUnavailable } from './rails/rail.ts';
import type { Store } from './store.ts';
import type { Terms } from './terms.ts';

export interface Sent {
  readonly followed: readonly Followed[];
  /** Rails that could not be reached or have not answered, with what they said. */
  readonly unavailable: ReadonlyArray<{ readonly rail: RailName; readonly why: string }>;
}

/** Alone among processes; `undefined` while another one sends. */
export async function sendAlone(store: Store, terms: Terms, nowSeconds: number): Promise<Sent | undefined> {
  const lock = lockRails(store.dataDir);
  if (lock === undefined) return undefined;
  try {
    return await sendPayouts(store, terms, nowSeconds);
  } finally {
    lock.release();
  }
}

/** Everything that may be sent, and everything that is under way, once. */
export async function sendPayouts(store: Store, terms: Terms, nowSeconds: number): Promise<Sent> {
  markSent(store, nowSeconds);
  const followed: Followed[] = [];
  const unavailable: Array<{ rail: RailName; why: string }> = [];
  for (const rail of terms.rails.values()) {
    try {
      for await (const outcomes of talkTo(store, rail, terms.watchSeconds, nowSeconds))
        followed.push(...record(store, rail, outcomes, nowSeconds));
    } catch (error) {
      if (!(error instanceof RailUnavailable)) throw error;
      unavailable.push({ rail: rail.name, why: error.message });
    }
  }
  return { followed, unavailable };
}

/** Of batches that are approved where that is required, and whose file is written: `settlement.ts` has moved them on. */
function markSent(store: Store, nowSeconds: number): void {
  const isSendable = (row: PayoutRow): boolean => store.batches.head(row.batch)?.state === 'sent';
  if (!store.payouts.inState('prepared').some(isSendable)) return;
  store.atomically(() => {
    for (const row of store.payouts.inState('prepared').filter(isSendable)) {
      store.payouts.move(row.id, 'prepared', 'sent');
      store.payouts.note(row.id, {
        said: 'sent',
        by: 'hub',
        atSeconds: nowSeconds,
        reference: undefined,
        why: undefined,
        counts: true,
      });
    }
  });
}

/** First what the rail may not have heard of, batch by batch; then what it has. */
async function* talkTo(store: Store, rail: Rail, watchSeconds: number, nowSeconds: number): AsyncGenerator<Outcomes> {
  const memory = store.payouts.memoryOf(rail.name, (write) => store.atomically(write));
  for (const payouts of unheard(store, rail.name)) yield await rail.submit(payouts, memory, partsAmong(store, payouts));
  const underWay = store.payouts.watched(rail.name, nowSeconds - watchSeconds, nowSeconds);
  if (underWay.length > 0) yield await rail.poll(told(store, underWay), memory);
}

/** All payouts of a batch on this rail that were ever sent, as long as one of them has no answer: a rail is told of the same ones again. */
function unheard(store: Store, rail: RailName): Payout[][] {
  const waiting = store.payouts.inState('sent').filter((row) => row.rail === rail);
  const batches = [...new Set(waiting.map((row) => row.batch))];
  return batches.map((batch) => {
    const rows = store.payouts.ofBatch(batch).filter((row) => row.rail === rail && wasSent(store, row));
    return told(store, rows);
  });
}

/** One that was withheld was rejected before any rail heard of it. */
function wasSent(store: Store, { id, state }: PayoutRow): boolean {
  if (state === 'prepared') return false;
  return state !== 'rejected' || store.payouts.eventsOf(id).some((event) => event.said === 'sent');
}

/** As rails know them; one whose person was erased has no destination any more, and no rail can be told of it. */
function told(store: Store, rows: readonly PayoutRow[]): Payout[] {
  const nameOf = nameOfIn(store);
  return rows.flatMap((row) => {
    const destination = store.particulars.frozen(row.id);
    return destination === undefined ? [] : [payoutOf(row, nameOf(row.account), destination)];
  });
}

function record(store: Store, { name }: Rail, outcomes: Outcomes, nowSeconds: number): Followed[] {
  const said = [...outcomes].map(([payout, outcome]) => ({ payout, outcome }));
  const known = said.filter(({ payout }) => store.payouts.find(payout)?.rail === name);
  if (known.length < said.length) throw new Error(`rail ${name} spoke of payouts that it was never given`);
  return recordOutcomes(store, known, name, nowSeconds);
}
