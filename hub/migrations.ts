// The database's schema as the ordered list of steps that made it; step n leaves `user_version` at n. In: a database of an earlier version.
// Out: one of this version. A step that was released is never edited: the next one corrects it. What the books may not do, the database
// itself refuses: constraints carry the bounds, triggers keep history unchangeable and counts from falling.

import { CHAIN } from './schema-chain.ts';
import { FIRMWARE, GRANTS, QUARANTINE } from './schema-devices.ts';
import { FIRST } from './schema-first.ts';
import { PARTICULARS_SCHEMA } from './schema-particulars.ts';
import { WALLETS, WALLETS_UNCHANGEABLE } from './schema-wallets.ts';
import { HEADS } from './schema-heads.ts';
import { LINES } from './schema-lines.ts';
import { RETENTION } from './schema-retention.ts';
import { SALES } from './schema-sales.ts';
import { SETTLEMENT, SETTLEMENT_UNCHANGEABLE } from './schema-settlement.ts';
import { GUARDS } from './schema-guards.ts';
import { RECORDS_SCHEMA } from './schema-records.ts';
import { SEGMENTS } from './schema-tariffs.ts';

function unchangeable(table: string): string {
  return ['UPDATE', 'DELETE']
    .map(
      (verb) =>
        `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table} ` +
        `BEGIN SELECT RAISE(ABORT, '${table} are never changed: a correction is a new one'); END;`,
    )
    .join('\n');
}

export const MIGRATIONS: readonly string[] = [
  FIRST + ['commitments', 'batch_lines', 'entries', 'postings', 'tariffs'].map(unchangeable).join('\n'),
  GRANTS + unchangeable('grants'),
  FIRMWARE + ['firmware_files', 'firmware_orders'].map(unchangeable).join('\n'),
  QUARANTINE,
  CHAIN + ['entries', 'postings'].map(unchangeable).join('\n'),
  PARTICULARS_SCHEMA,
  WALLETS + WALLETS_UNCHANGEABLE.map(unchangeable).join('\n'),
  HEADS + unchangeable('tree_heads'),
  SALES + ['places', 'tills', 'clocks'].map(unchangeable).join('\n'),
  SETTLEMENT + SETTLEMENT_UNCHANGEABLE.map(unchangeable).join('\n'),
  RECORDS_SCHEMA + GUARDS,
  SEGMENTS,
  RETENTION,
  LINES + unchangeable('batch_lines'),
];
