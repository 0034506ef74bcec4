// Wallets against the ledger: what is kept beside the postings, because every commitment asks for it, is what they sum to. In: the tables. Out: faults. Entries must have been audited
// before: here they are believed.

import type { RawRow } from '../store-tables.ts';
import type { Faults, Ground } from './fault.ts';

interface RawDiffering extends RawRow {
  readonly account: string;
  readonly currency: string;
  readonly heldMicros: number;
  readonly postedMicros: number;
}

export function* faultsOfWallets({ tables }: Ground): Faults {
  for (const { account, currency, heldMicros, postedMicros } of tables.each<RawDiffering>('wallets')) {
    const what = `its postings as a payer sum to ${postedMicros} micros, the wallet says ${heldMicros}`;
    yield { table: 'wallet_balances', row: `${account}/${currency}`, what };
  }
}
