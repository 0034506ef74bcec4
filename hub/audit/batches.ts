// Batches, from their lines: a batch's id is the hash of its lines, and what the hub has signed of it says the same. In: the tables, and the hub's key. Out: faults.

import { parseDeviceId } from '../../shared/identity.ts';
import { MAX_AMOUNT_MICROS, MAX_CHANNEL_NUMBER, MAX_UNITS } from '../../shared/units.ts';
import { bytesOf, hexOf } from '../blob.ts';
import type { BatchLine } from '../batch.ts';
import { carryingBatchIdOf } from '../batch.ts';
import type { BatchTree } from '../batch-tree.ts';
import { openBatchTree } from '../batch-tree.ts';
import { headBytes } from '../head.ts';
import { ledgerStart } from '../ledger.ts';
import type { RawRow } from '../store-tables.ts';
import { earlierIdOf } from './earlier-batch.ts';
import type { Faults, Ground } from './fault.ts';
import type { RawLine } from './line.ts';
import { lineOf } from './line.ts';
import { payoutsIn } from './payouts.ts';

interface RawBatch extends RawRow {
  readonly batch: string;
  readonly sequence: number;
  readonly state: string;
  readonly prepared_at_seconds: number;
}

interface RawHead extends RawRow {
  readonly batch: string;
  readonly number: number;
  readonly lines: number;
  readonly root: Buffer;
  readonly prepared_at_seconds: number;
  readonly entry: number;
  readonly ledger: Buffer;
  readonly signature: Buffer;
  readonly chunks: Buffer;
}

export function* faultsOfBatches(ground: Ground): Faults {
  let expected = 1;
  for (const row of ground.tables.each<RawBatch>('batches')) {
    ground.counted('batches', 1);
    const at = { table: 'batches', row: row.batch };
    if (row.sequence !== expected) yield { ...at, what: `expected sequence ${expected} next, got ${row.sequence}` };
    expected = row.sequence + 1;
    yield* faultsOfBatch(ground, row);
  }
  for (const { batch, line } of ground.tables.each('orphanLines'))
    yield { table: 'batch_lines', row: `${String(batch)}/${String(line)}`, what: 'there is no such batch' };
}

function* faultsOfBatch(ground: Ground, row: RawBatch): Faults {
  const { batch } = row;
  const [head] = ground.tables.of<RawHead>('headOf', batch);
  const payouts = payoutsIn(ground, batch);
  const tree = openBatchTree(ground.hub, ground.salts);
  const earlier: BatchLine[] = [];
  let count = 0;
  for (const raw of ground.tables.of<RawLine>('linesOf', batch)) {
    ground.counted('batch lines', 1);
    const what = fieldFault(raw, count);
    if (what !== undefined) {
      yield { table: 'batch_lines', row: `${batch}/${raw.line}`, what };
      return;
    }
    count++;
    const line = lineOf(raw);
    payouts.add(raw);
    if (head === undefined) earlier.push(line);
    else tree.add(line);
  }
  const at = { table: 'batches', row: batch };
  const made = head === undefined ? undefined : tree.finish();
  const id = made?.id ?? (count > 0 ? earlierIdOf(ground.hub, earlier) : carryingIdOf(ground, batch));
  if (id !== batch) yield { ...at, what: `its lines hash to batch ${id}` };
  if (head !== undefined && head.prepared_at_seconds !== row.prepared_at_seconds)
    yield {
      table: 'tree_heads',
      row: batch,
      what: `it was prepared at ${row.prepared_at_seconds}, its head says ${head.prepared_at_seconds}`,
    };
  if (head !== undefined && made !== undefined) yield* faultsOfHead(ground, head, made);
  yield* payouts.faults(row.state);
}

/** A batch without lines carries what earlier payouts did not move. */
function carryingIdOf({ tables, hub, sha256 }: Ground, batch: string): string {
  const replaced = [...tables.of<{ readonly payout: string }>('carriedBy', batch)].map(({ payout }) => payout);
  return carryingBatchIdOf(hub, replaced, sha256);
}

/** What a leaf has no room for, or would write in the same way as another value. */
function fieldFault(row: RawLine, expected: number): string | undefined {
  if (row.line !== expected) return `expected line ${expected} next`;
  if (parseDeviceId(row.device) === undefined) return `expected a device's id, got ${JSON.stringify(row.device)}`;
  for (const account of [row.payer, row.payee])
    if (!/^[0-9a-f]{16}$/.test(account)) return `expected an account's id, got ${JSON.stringify(account)}`;
  if (!/^[A-Z]{3}$/.test(row.currency)) return `expected a currency, got ${JSON.stringify(row.currency)}`;
  const bounds = [
    ['number', row.number, MAX_CHANNEL_NUMBER],
    ['from_units', row.from_units, MAX_UNITS],
    ['to_units', row.to_units, MAX_UNITS],
    ['from_micros', row.from_micros, MAX_AMOUNT_MICROS],
    ['to_micros', row.to_micros, MAX_AMOUNT_MICROS],
  ] as const;
  for (const [what, value, limit] of bounds)
    if (!Number.isSafeInteger(value) || value < 0 || value > limit) return `${what}: expected 0 to ${limit}, got ${value}`;
  return undefined;
}

/** What the hub has signed of the batch: its tree, and the books as they stood. */
function* faultsOfHead(ground: Ground, head: RawHead, made: BatchTree): Faults {
  const at = { table: 'tree_heads', row: head.batch };
  if (bytesOf(head.root) !== made.root || head.lines !== made.count || !head.chunks.equals(made.chunks))
    yield {
      ...at,
      what: `the batch's ${made.count} lines hash to the root ${hexOf(made.root)}, the head says ${head.lines} and ${head.root.toString('hex')}`,
    };
  const { batch, number, lines, prepared_at_seconds: preparedAtSeconds, entry } = head;
  const [root, ledger] = [bytesOf(head.root), bytesOf(head.ledger)];
  const signed = headBytes(ground.hub, { batch, number, lines, root, preparedAtSeconds, entry, ledger });
  if (!ground.verifierOf(ground.publicKey)(signed, bytesOf(head.signature)))
    yield { ...at, what: "it does not carry the hub's signature" };
  const hash = ground.tables.hashOfEntry(entry) ?? (entry === 0 ? ledgerStart(ground.hub, ground.sha256) : undefined);
  if (hash === undefined || ground.sealOf(entry, hash) !== ledger)
    yield { ...at, what: `the hub has signed that entry ${entry} had another hash` };
}
