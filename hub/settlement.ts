// Settlement: all claims into one batch, and the batch through the rails. In: the store; the hub may run in another process meanwhile. Out: the batch. Every
// step is a transaction or can be repeated without harm, and the batch's state says which is next: so a crash at any
// step is resumed by the next call, and nothing is settled twice.

import type { AccountId } from '../shared/identity.ts';
import type { Account } from './account.ts';
import type { Batch } from './batch.ts';
import { linesOf } from './batch.ts';
import { batchTreeOf } from './batch-tree.ts';
import type { BatchView } from './batch-view.ts';
import { batchViewOf, nameOfIn } from './batch-view.ts';
import { fullyClaimed } from './claim.ts';
import { assertDrawn, writeClaims } from './draw.ts';
import { writeHead } from './head-signed.ts';
import { writeCsv } from './rails/csv.ts';
import { clear } from './rails/ledger.ts';
import { saltsOf } from './salts.ts';
import type { Store } from './store.ts';

export interface SettleOptions {
  /** Show what would be settled, and change nothing. */
  readonly dryRun: boolean;
  readonly nowSeconds: number;
}

export interface Settlement {
  readonly dryRun: boolean;
  /** `undefined` when there was nothing to settle. */
  readonly batch: BatchView | undefined;
  /** A batch that an earlier call had left under way, and that this one has finished first. */
  readonly resumed: BatchView | undefined;
}

export function settle(store: Store, { dryRun, nowSeconds }: SettleOptions): Settlement {
  if (dryRun) return { dryRun, batch: preview(store, nowSeconds), resumed: undefined };
  const left = store.batches.underWay();
  if (left !== undefined) advance(store, left, nowSeconds);
  const id = prepare(store, nowSeconds);
  const prepared = id === undefined ? undefined : store.batches.find(id);
  if (prepared !== undefined) advance(store, prepared, nowSeconds);
  return { dryRun, batch: viewOf(store, id ?? left?.id), resumed: viewOf(store, left?.id) };
}

function viewOf(store: Store, id: string | undefined): BatchView | undefined {
  const batch = id === undefined ? undefined : store.batches.find(id);
  return batch === undefined ? undefined : batchViewOf(batch, nameOfIn(store));
}

/** Draws what is still unclaimed and closes it, with all older claims, into a batch; its id. */
function prepare(store: Store, nowSeconds: number): string | undefined {
  if (store.channels.unclaimed().length === 0 && store.channels.unsettled().length === 0) return undefined;
  const { drawn, id } = store.atomically(() => {
    const drawn = writeClaims(store, nowSeconds);
    const lines = linesOf(store.channels.unsettled());
    // Another process may have begun a batch since we looked: then that one is finished instead.
    const underWay = store.batches.underWay();
    if (underWay !== undefined) return { drawn, id: underWay.id };
    if (lines.length === 0) return { drawn, id: undefined };
    const tree = batchTreeOf(store.hub, lines, saltsOf(store.dataDir));
    store.batches.prepare(tree.id, lines, nowSeconds);
    writeHead(store, tree, nowSeconds);
    return { drawn, id: tree.id };
  });
  assertDrawn(store, drawn);
  return id;
}

/** From whatever state the batch is in to settled. */
function advance(store: Store, batch: Batch, nowSeconds: number): void {
  if (batch.state === 'prepared') {
    writeCsv(store.dataDir, batch, (account: AccountId) => nameOfIn(store)(account));
    store.atomically(() => {
      if (store.batches.find(batch.id)?.state === 'prepared') store.batches.move(batch.id, 'prepared', 'sent');
    });
  }
  if (batch.state !== 'settled') clear(store, batch, nowSeconds);
}

/** As the store reads them: so that a dry run names the batch that a settlement at this moment would make. */
function inBooksOrder(a: Account, b: Account): number {
  if (a.device !== b.device) return a.device < b.device ? -1 : 1;
  return a.number - b.number;
}

function preview(store: Store, nowSeconds: number): BatchView | undefined {
  return store.atOneMoment(() => {
    const waiting = new Map(store.channels.unsettled().map((account) => [`${account.device}/${account.number}`, account]));
    for (const account of fullyClaimed(store.channels.unclaimed())) waiting.set(`${account.device}/${account.number}`, account);
    const lines = linesOf([...waiting.values()].sort(inBooksOrder));
    if (lines.length === 0) return undefined;
    const { id } = batchTreeOf(store.hub, lines, saltsOf(store.dataDir));
    const batch: Batch = { id, state: 'prepared', preparedAtSeconds: nowSeconds, lines };
    return batchViewOf(batch, nameOfIn(store));
  });
}
