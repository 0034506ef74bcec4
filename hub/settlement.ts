// Settlement: all that is due into one batch, and what of it needs no rail through the hub's own books. In: the store and the operator's terms; the hub may run in
// another process meanwhile. Out: the batch, with payouts that `send.ts` hands to rails. Every step is a transaction or can be repeated without harm, and the
// batch's state says which is next: so a crash at any step is resumed by the next call, and nothing is settled twice.

import type { AccountId } from '../shared/identity.ts';
import type { Batch } from './batch.ts';
import { carryingBatchIdOf } from './batch.ts';
import type { BatchTree } from './batch-tree.ts';
import { batchTreeOf, openBatchTree } from './batch-tree.ts';
import type { StreamedBatchView } from './batch-view.ts';
import { nameOfIn, streamedViewOf } from './batch-view.ts';
import { assertDrawn, writeClaims } from './draw.ts';
import { writeHead } from './head-signed.ts';
import { payoutIdOf } from './payout.ts';
import type { Held } from './fitting.ts';
import type { Plan, PlannedPayout } from './plan.ts';
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
  if (dryRun) return previewed(store, options, holdingLines);
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

const EMPTY: Plan = { lines: [], lineCount: 0, choice: () => () => true, payouts: [], held: [] };

/** Draws what is still unclaimed and closes it, with all that is due, into a batch. */
export function prepare(store: Store, options: SettleOptions): Prepared {
  // Without a lock on the database: most calls of a hub at rest end here.
  if (store.batches.isQuiet()) return { id: undefined, plan: EMPTY };
  const { drawn, prepared } = store.atomically(() => {
    const drawn = writeClaims(store, options.nowSeconds);
    // Another process may have begun a batch since we looked: then that one is finished instead.
    const underWay = store.batches.underWay();
    if (underWay !== undefined) return { drawn, prepared: { id: underWay.id, plan: EMPTY } };
    if (isUnrouted(store)) return { drawn, prepared: { id: closeLines(store, options.nowSeconds)?.id, plan: EMPTY } };
    const plan = planAt(store, 'claimed', options);
    return { drawn, prepared: { id: close(store, plan, options.nowSeconds), plan } };
  });
  assertDrawn(store, drawn);
  return prepared;
}

function planAt(
  store: Store,
  upTo: 'claimed' | 'accepted',
  { terms = BOOKS_ONLY, all = false, nowSeconds }: SettleOptions,
): Plan {
  return planOf({
    lines: store.batches.due(upTo),
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

/** A million lines, without holding them; all that are due, unless some are chosen. Within the caller's transaction. */
function closeLines(store: Store, nowSeconds: number, choice?: ReturnType<Plan['choice']>): BatchTree | undefined {
  const tree = store.batches.prepareDue(openBatchTree(store.hub, saltsOf(store.dataDir)), nowSeconds, choice);
  if (tree !== undefined) writeHead(store, tree, nowSeconds);
  return tree;
}

/** The plan as rows; within the caller's transaction. */
function close(store: Store, plan: Plan, nowSeconds: number): string | undefined {
  const replaced = plan.payouts.flatMap((payout) => payout.replaces);
  if (plan.lineCount === 0 && replaced.length === 0) return undefined;
  const id = plan.lineCount > 0 ? closePlanned(store, plan, nowSeconds) : closeCarrying(store, replaced, nowSeconds);
  for (const payout of plan.payouts) {
    const payoutId = payoutIdOf({ ...payout, hub: store.hub, batch: id }, sha256);
    store.payouts.add({ ...payout, id: payoutId, batch: id }, nowSeconds);
    store.particulars.freeze(payoutId, payout.account, payout.destination, nowSeconds);
  }
  return id;
}

function closePlanned(store: Store, { lineCount, choice }: Plan, nowSeconds: number): string {
  const tree = closeLines(store, nowSeconds, choice());
  if (tree?.count !== lineCount) throw new Error(`expected a batch of ${lineCount} lines, as planned, got ${tree?.count ?? 0}`);
  return tree.id;
}

function closeCarrying(store: Store, replaced: readonly string[], nowSeconds: number): string {
  const id = carryingBatchIdOf(store.hub, replaced, sha256);
  store.batches.prepare(id, [], nowSeconds);
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

/** A dry run whose lines are read while it is shown, for there may be a million: they are what is due then, and only then. */
export function previewed<T>(store: Store, options: SettleOptions, show: (preview: Settlement) => T): T {
  return store.atOneMoment(() => show(preview(store, options)));
}

function holdingLines(preview: Settlement): Settlement {
  const { batch } = preview;
  if (batch === undefined) return preview;
  const lines = [...batch.eachLine()];
  return { ...preview, batch: { ...batch, lines, eachLine: () => lines } };
}

function preview(store: Store, options: SettleOptions): Settlement {
  const { lines, lineCount, payouts, held } = planAt(store, 'accepted', options);
  if (lineCount === 0) return { ...NOTHING, dryRun: true, payouts, held };
  const { id } = batchTreeOf(store.hub, lines, saltsOf(store.dataDir));
  const batch: Batch = { id, state: 'prepared', preparedAtSeconds: options.nowSeconds, lines };
  return { ...NOTHING, dryRun: true, batch: streamedViewOf(batch, nameOfIn(store)), payouts, held };
}
