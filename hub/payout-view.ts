// Batches and payouts as people and reports read them: names in place of ids, and what was said last. In: the store. Out: plain JSON values, without destinations: those are personal.

import { nameOfIn } from './batch-view.ts';
import type { BatchState } from './batch.ts';
import type { PayoutRow, PayoutState } from './payout.ts';
import type { Direction, RailName } from './rails/rail.ts';
import type { PayoutEvent } from './store-payouts.ts';
import type { Store } from './store.ts';

export interface PayoutView {
  readonly id: string;
  readonly batch: string;
  readonly rail: RailName;
  readonly direction: Direction;
  readonly account: string;
  readonly currency: string;
  readonly grossMicros: number;
  readonly carriedMicros: number;
  readonly amountMicros: number;
  readonly state: PayoutState;
  readonly createdAtSeconds: number;
  readonly events: readonly PayoutEvent[];
}

export interface BatchStanding {
  readonly id: string;
  readonly state: BatchState;
  readonly preparedAtSeconds: number;
  readonly approvedBy: string | null;
  readonly payouts: readonly PayoutView[];
}

/** Of one batch, or of the newest ones and all that is not over; `undefined` when there is no such batch. */
export function standingOfBatch(store: Store, id: string): BatchStanding | undefined {
  return store.atOneMoment(() => {
    const head = store.batches.head(id);
    return head === undefined ? undefined : standingOf(store, head);
  });
}

export function standingOfBatches(store: Store, limit: number): BatchStanding[] {
  return store.atOneMoment(() => store.batches.heads(limit).map((head) => standingOf(store, head)));
}

function standingOf(store: Store, head: Pick<BatchStanding, 'id' | 'state' | 'preparedAtSeconds'>): BatchStanding {
  const approvedBy = store.routes.approvalOf(head.id)?.by ?? null;
  return { ...head, approvedBy, payouts: store.payouts.ofBatch(head.id).map((row) => payoutViewOf(store, row)) };
}

function payoutViewOf(store: Store, row: PayoutRow): PayoutView {
  const { id, batch, rail, direction, currency, grossMicros, carriedMicros, amountMicros, state, createdAtSeconds } = row;
  const sums = { grossMicros, carriedMicros, amountMicros };
  const whose = { id, batch, rail, direction, account: nameOfIn(store)(row.account), currency };
  return { ...whose, ...sums, state, createdAtSeconds, events: store.payouts.eventsOf(row.id) };
}
