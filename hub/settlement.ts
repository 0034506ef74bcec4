// Settlement: all that is due into one batch, and what of it needs no rail through the hub's own books. In: the store and the operator's terms; the hub may run in
// another process meanwhile. Out: the batch, with payouts that `send.ts` hands to rails. Every step is a transaction or can be repeated without harm, and the
// batch's state says which is next: so a crash at any step is resumed by the next call, and nothing is settled twice.

import type { AccountId } from '../shared/identity.ts';
import type { Batch, BatchLine } from './batch.ts';
import { carryingBatchIdOf } from './batch.ts';
import { batchTreeOf, openBatchTree } from './batch-tree.ts';
import type { StreamedBatchView } from './batch-view.ts';
import { nameOfIn, streamedViewOf } from './batch-view.ts';
import { assertDrawn, writeClaims } from './draw.ts';
import { writeHead } from './head-signed.ts';
import { payoutIdOf } from './payout.ts';
import type { Held, Plan, PlannedPayout } from './plan.ts';
import { planOf } from './plan.ts';
import { sha256 } from './proofs.ts';
import { writeCsv } from './rails/csv.ts';
import { clear } from './rails/ledger.ts';
import { saltsOf } from './salts.ts';
import type { Store } from './store.ts';
import type { Terms } from './terms.ts';
import { BOOKS_ONLY } from './terms.ts';

export interface SettleOptions {
  /** Show what would be settled, and change nothing. */
  readonly dryRun: boolean;
  readonly nowSeconds: number;
  /** The built-in ledger alone, unless given. */
  readonly terms?: Terms;
  /** Whatever it costs: thresholds hold nothing back. */
  readonly all?: boolean;
  /** Close the batch, and go no further. */
  readonly prepareOnly?: boolean;
}

export interface Settlement {
  readonly dryRun: boolean;
  /** `undefined` when there was nothing to settle. */
  readonly batch: StreamedBatchView | undefined;
  /** A batch that an earlier call had left under way, and that this one has finished first. */
  readonly resumed: StreamedBatchView | undefined;
  /** What the batch moves on rails, once it is sent. */
  readonly payouts: readonly PlannedPayout[];
  /** Not yet: what is due and stays out of the batch, with what is missing. */
  readonly held: readonly Held[];
  /** The id of a prepared batch that somebody has to approve, or to send. */
  readonly waiting: string | undefined;
}

const NOTHING: Omit<Settlement, 'dryRun'> = { batch: undefined, resumed: undefined, payouts: [], held: [], waiting: undefined };

export function settle(store: Store, options: SettleOptions): Settlement {
  const { dryRun } = options;
  if (dryRun) return preview(store, options);
  const left = store.batches.underWay();
  if (left !== undefined && !advance(store, left, options)) {
    return { ...NOTHING, dryRun, batch: viewOf(store, left.id), waiting: left.id };
  }
  const { id, plan } = prepare(store, options);
  const prepared = id === undefined ? undefined : store.batches.find(id);
  const waits = prepared !== undefined && !advance(store, prepared, options);
  const { payouts, held } = plan;
  return {
    ...{ dryRun, batch: viewOf(store, id ?? left?.id), resumed: viewOf(store, left?.id) },
    ...{ payouts, held, waiting: waits ? id : undefined },
  };
}

function viewOf(store: Store, id: string | undefined): StreamedBatchView | undefined {
  const batch = id === undefined ? undefined : store.batches.find(id);
  return batch === undefined ? undefined : streamedViewOf(batch, nameOfIn(store));
}

export interface Prepared {
  readonly id: string | undefined;
  readonly plan: Plan;
}

const EMPTY: Plan = { lines: [], payouts: [], held: [] };

/** Draws what is still unclaimed and closes it, with all that is due, into a batch. */
export function prepare(store: Store, options: SettleOptions): Prepared {
  // Without a lock on the database: most calls of a hub at rest end here.
  if (store.batches.isQuiet()) return { id: undefined, plan: EMPTY };
  const { drawn, prepared } = store.atomically(() => {
    const drawn = writeClaims(store, options.nowSeconds);
    // Another process may have begun a batch since we looked: then that one is finished instead.
    const underWay = store.batches.underWay();
    if (underWay !== undefined) return { drawn, prepared: { id: underWay.id, plan: EMPTY } };
    if (isUnrouted(store)) return { drawn, prepared: { id: closeAll(store, options.nowSeconds), plan: EMPTY } };
    const plan = planAt(store, store.batches.due('claimed'), options);
    return { drawn, prepared: { id: close(store, plan, options.nowSeconds), plan } };
  });
  assertDrawn(store, drawn);
  return prepared;
}

function planAt(store: Store, lines: readonly BatchLine[], { terms = BOOKS_ONLY, all = false, nowSeconds }: SettleOptions): Plan {
  return planOf({
    lines,
    lost: store.payouts.sidesWithLost(),
    // A prepaid payer has paid: its wallet owes what it has used.
    railOf: (account, direction) =>
      direction === 'collect' && store.wallets.termsOf(account)?.kind === 'prepaid'
        ? undefined
        : store.routes.routeOf(account, direction),
    carriedOf: (side) => store.payouts.carried(side),
    particularsOf: (account: AccountId) => store.particulars.of(account),
    ...{ terms, all, nowSeconds },
  });
}

/** Nobody is paid by a rail: then all that is due is in the batch, and nothing has to be planned. */
function isUnrouted({ routes, payouts }: Store): boolean {
  return routes.routes().length === 0 && payouts.sidesWithLost().length === 0;
}

/** A million lines, without holding them. Within the caller's transaction. */
function closeAll(store: Store, nowSeconds: number): string | undefined {
  const tree = store.batches.prepareDue(openBatchTree(store.hub, saltsOf(store.dataDir)), nowSeconds);
  if (tree !== undefined) writeHead(store, tree, nowSeconds);
  return tree?.id;
}

/** The plan as rows; within the caller's transaction. */
function close(store: Store, { lines, payouts }: Plan, nowSeconds: number): string | undefined {
  const replaced = payouts.flatMap((payout) => payout.replaces);
  if (lines.length === 0 && replaced.length === 0) return undefined;
  const tree = lines.length > 0 ? batchTreeOf(store.hub, lines, saltsOf(store.dataDir)) : undefined;
  const id = tree?.id ?? carryingBatchIdOf(store.hub, replaced, sha256);
  store.batches.prepare(id, lines, nowSeconds);
  if (tree !== undefined) writeHead(store, tree, nowSeconds);
  for (const payout of payouts) {
    const payoutId = payoutIdOf({ ...payout, hub: store.hub, batch: id }, sha256);
    store.payouts.add({ ...payout, id: payoutId, batch: id }, nowSeconds);
    store.particulars.freeze(payoutId, payout.account, payout.destination, nowSeconds);
  }
  return id;
}

/** As far as it goes without a rail; false when somebody has to say so first. */
function advance(
  store: Store,
  { id }: Pick<Batch, 'id'>,
  { nowSeconds, prepareOnly = false, terms = BOOKS_ONLY }: SettleOptions,
): boolean {
  if (prepareOnly) return false;
  if (terms.approval === 'required' && store.routes.approvalOf(id) === undefined) return false;
  const batch = store.batches.find(id) as Batch;
  writeCsv(store.dataDir, batch, nameOfIn(store), store.payouts.ofBatch(batch.id));
  clear(store, batch, nowSeconds);
  return true;
}

function preview(store: Store, options: SettleOptions): Settlement {
  return store.atOneMoment(() => {
    const { lines, payouts, held } = planAt(store, store.batches.due('accepted'), options);
    if (lines.length === 0) return { ...NOTHING, dryRun: true, payouts, held };
    const { id } = batchTreeOf(store.hub, lines, saltsOf(store.dataDir));
    const batch: Batch = { id, state: 'prepared', preparedAtSeconds: options.nowSeconds, lines };
    return { ...NOTHING, dryRun: true, batch: streamedViewOf(batch, nameOfIn(store)), payouts, held };
  });
}
