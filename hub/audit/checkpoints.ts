// Checkpoints: made of the books as they stand, and held against them later. In: the tables, the hub's key, checkpoints that somebody has kept. Out: a checkpoint; or faults, where the books are not
// a continuation of what the hub has signed. This is what finds a database that was rewritten in all its parts at once, or put back to an earlier state: such a one agrees with itself.

import type { Bytes } from '../../shared/bytes.ts';
import { fromHex, toHex } from '../../shared/bytes.ts';
import { bytesOf } from '../blob.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { CHECKPOINT_FORMAT, checkpointBytes } from '../checkpoint.ts';
import { signAsHub } from '../key.ts';
import { ledgerStart } from '../ledger.ts';
import { sha256 } from '../proofs.ts';
import { hashIn, RECORDS_START } from '../record.ts';
import type { Store } from '../store.ts';
import type { TableRows } from '../store-tables.ts';
import type { Fault, Faults, Ground } from './fault.ts';
import type { HubKeys } from './keys.ts';
import { hubKeysIn } from './keys.ts';

/** Of the store at this moment, signed by the hub. */
export function makeCheckpoint(store: Store, nowSeconds: number): Checkpoint {
  const { hub, publicKey } = hubKeysIn(store.dataDir);
  const stands = store.atOneMoment(() => {
    const { tables } = store;
    const [entries, records] = [tables.count('entries'), tables.count('records')];
    return {
      entries: { count: entries, hash: toHex(tables.hashOfEntry(entries) ?? ledgerStart(hub, sha256)) },
      records: { count: records, hash: toHex(recordHash(tables, records) ?? bytesOf(RECORDS_START)) },
      totals: [...tables.each<Checkpoint['totals'][number]>('totals')],
      batch: [...tables.each<NonNullable<Checkpoint['batch']>>('lastBatch')][0] ?? null,
    };
  });
  const unsigned = {
    format: CHECKPOINT_FORMAT,
    hub: toHex(hub),
    publicKey: toHex(publicKey),
    atSeconds: nowSeconds,
    ...stands,
  } as const;
  return { ...unsigned, signature: toHex(signAsHub(store.dataDir, checkpointBytes(unsigned))) };
}

function recordHash(tables: TableRows, record: number): Bytes | undefined {
  const sealed = tables.sealedAt(record);
  return sealed === undefined ? undefined : bytesOf(hashIn(sealed));
}

/** Why a checkpoint says nothing about this hub; `undefined` when it does. */
export function checkpointRefusal(
  checkpoint: Checkpoint,
  { hub, publicKey, verifierOf }: Pick<HubKeys, 'hub' | 'publicKey'> & Pick<Ground, 'verifierOf'>,
): string | undefined {
  if (checkpoint.hub !== toHex(hub) || checkpoint.publicKey !== toHex(publicKey))
    return `expected a checkpoint of hub ${toHex(hub)}, got one of hub ${checkpoint.hub}`;
  const isSigned = verifierOf(publicKey)(checkpointBytes(checkpoint), fromHex(checkpoint.signature) ?? '');
  return isSigned ? undefined : `its signature is not that of hub ${checkpoint.hub}: it was changed, or never signed`;
}

/** Checkpoints that were not refused, in any order. */
export function* faultsOfCheckpoints(ground: Ground, checkpoints: readonly Checkpoint[]): Faults {
  const { tables } = ground;
  const chains = [
    ['entries', 'entry', (at: number) => (at === 0 ? ledgerStart(ground.hub, ground.sha256) : tables.hashOfEntry(at))],
    ['records', 'record', (at: number) => (at === 0 ? bytesOf(RECORDS_START) : recordHash(tables, at))],
  ] as const;
  for (const [table, one, hashAt] of chains) {
    const inOrder = [...checkpoints].sort((a, b) => a[table].count - b[table].count);
    let goodUpTo = 0;
    for (const checkpoint of inOrder) {
      ground.counted('checkpoints', 1);
      const fault = chainFault(checkpoint, {
        table,
        one,
        hash: hashAt(checkpoint[table].count),
        found: tables.count(table),
        goodUpTo,
      });
      if (fault === undefined) goodUpTo = checkpoint[table].count;
      else yield fault;
    }
  }
  for (const checkpoint of checkpoints) yield* faultsOfTotals(ground, checkpoint);
}

interface Found {
  readonly table: 'entries' | 'records';
  readonly one: string;
  /** What the books have where the checkpoint ends. */
  readonly hash: Bytes | undefined;
  readonly found: number;
  /** The last one that an earlier checkpoint agrees with. */
  readonly goodUpTo: number;
}

function chainFault(checkpoint: Checkpoint, { table, one, hash, found, goodUpTo }: Found): Fault | undefined {
  const { count, hash: signed } = checkpoint[table];
  const of = `the checkpoint of ${dateOf(checkpoint)}`;
  if (count > found) {
    const missing = count - found;
    return {
      table,
      row: String(found + 1),
      what: `${of} has ${count} ${table}, these books have ${found}: ${missing} ${missing === 1 ? 'is' : 'are'} missing`,
    };
  }
  if (hash !== undefined && toHex(hash) === signed) return undefined;
  const first = goodUpTo + 1;
  const where = first === count ? `${one} ${count} is another one` : `one of ${one} ${first} to ${count} is another one`;
  return {
    table,
    row: String(first),
    what: `${of} ends in another hash after ${count} ${table}: ${where} than the hub has signed`,
  };
}

/** What never falls has fallen, or the batch that was the newest is gone. */
function* faultsOfTotals({ tables }: Ground, checkpoint: Checkpoint): Faults {
  const of = `the checkpoint of ${dateOf(checkpoint)}`;
  const now = new Map([...tables.each<Checkpoint['totals'][number]>('totals')].map((total) => [total.currency, total]));
  for (const then of checkpoint.totals) {
    for (const what of ['chargedMicros', 'claimedMicros', 'settledMicros'] as const) {
      const found = now.get(then.currency)?.[what] ?? 0;
      if (found < then[what])
        yield {
          table: 'channels',
          row: '',
          what: `${of} says that ${then[what]} ${then.currency} micros were ${what.slice(0, -6)}, the channels sum to ${found}`,
        };
    }
  }
  const { batch } = checkpoint;
  const isThere =
    batch === null || [...tables.of<{ readonly sequence: number }>('sequenceOf', batch.id)][0]?.sequence === batch.sequence;
  if (!isThere)
    yield { table: 'batches', row: batch.id, what: `${of} says that it was batch ${batch.sequence}, and it is not there` };
}

function dateOf({ atSeconds }: Checkpoint): string {
  return new Date(Math.min(atSeconds, 8e12) * 1000).toISOString();
}
