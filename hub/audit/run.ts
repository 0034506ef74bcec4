// The whole audit, in the order in which one thing may be believed for the next. In: a database, in a state in which nothing is to be believed. Out: what was checked, and the first fault, or all
// of them. It recomputes everything from what devices have signed and revealed and from tariffs; it must never take a stored total for true.

import { sha256, verifierOf } from '../proofs.ts';
import type { Checkpoint } from '../checkpoint.ts';
import type { TableRows } from '../store-tables.ts';
import { faultsOfBatches } from './batches.ts';
import { faultsOfBooks } from './books.ts';
import { faultsOfChannels } from './channels.ts';
import { faultsOfCheckpoints } from './checkpoints.ts';
import { faultsOfDays } from './days.ts';
import { faultsOfDatabase } from './database.ts';
import { faultsOfEntries } from './entries.ts';
import type { Fault, Faults, Ground } from './fault.ts';
import type { HubKeys } from './keys.ts';
import { faultsOfNames } from './names.ts';
import { faultsOfRecords } from './records.ts';
import { faultsOfSettled } from './settled.ts';
import { faultsOfWallets } from './wallets.ts';

export interface Audit {
  readonly faults: readonly Fault[];
  /** How many of each thing were checked, in the order in which they came. */
  readonly checked: ReadonlyMap<string, number>;
}

export interface AuditOptions {
  /** Go on after the first fault. */
  readonly all?: boolean;
  /** Called now and then. */
  readonly onProgress?: (what: string, count: number) => void;
  /** Such as `checkpointRefusal` has let pass. */
  readonly checkpoints?: readonly Checkpoint[];
  readonly verifierOf?: Ground['verifierOf'];
}

const PARTS: readonly (readonly [string, (ground: Ground) => Faults])[] = [
  ['records', faultsOfRecords],
  ['accounts', faultsOfNames],
  ['channels', faultsOfChannels],
  ['entries', faultsOfEntries],
  ['batches', faultsOfBatches],
  ['channels', faultsOfSettled],
  ['accounts', faultsOfBooks],
  ['wallet_balances', faultsOfWallets],
  ['claim_days', faultsOfDays],
  ['sqlite_schema', faultsOfDatabase],
];

/** At one moment: within the caller's transaction, or on a database that nobody else writes to. */
export function auditTables(tables: TableRows, keys: HubKeys, options: AuditOptions = {}): Audit {
  const checked = new Map<string, number>();
  const ground: Ground = {
    ...keys,
    tables,
    sha256,
    verifierOf: options.verifierOf ?? verifierOf,
    counted(what, count) {
      const sum = (checked.get(what) ?? 0) + count;
      checked.set(what, sum);
      options.onProgress?.(what, sum);
    },
  };
  const faults: Fault[] = [];
  const { checkpoints = [] } = options;
  const parts = [...PARTS, ['entries', (on: Ground) => faultsOfCheckpoints(on, checkpoints)] as const];
  for (const [table, faultsOf] of parts) {
    for (const fault of surviving(table, faultsOf(ground))) {
      faults.push(fault);
      if (options.all !== true) return { faults, checked };
    }
  }
  return { faults, checked };
}

/** A file so damaged that it cannot be read on, or that holds what no calculation can go on with, is a fault like any other, and the other parts are looked at all the same. */
function* surviving(table: string, found: Faults): Faults {
  try {
    yield* found;
  } catch (error) {
    yield { table, row: '', what: `it cannot be read: ${(error as Error).message}` };
  }
}
