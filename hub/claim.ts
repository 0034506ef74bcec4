// Claims: what is accepted and not yet in the books. In: where channels stand. Out: what their payers newly owe. Claims are drawn on a timer and at
// settlement, never per voucher: so the books grow with time and accounts, not with the number of vouchers.

import type { Account } from './account.ts';
import type { Transfer } from './ledger.ts';

/** What is owed above what was claimed before. */
export function owedBy(accounts: readonly Account[]): Transfer[] {
  return accounts.map(({ payer, payee, tariff, chargedMicros, claimedMicros }) => {
    return { payer, payee, currency: tariff.currency, amountMicros: chargedMicros - claimedMicros };
  });
}
