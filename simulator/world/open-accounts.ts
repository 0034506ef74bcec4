// Accounts before the hub's first start: terms and budgets, as a scenario has them. In: the scenario's words, who is in the world, and the hub's store. Out: accounts with terms, and the auditor's own
// wallets, which know nothing of the store.

import { budgetsOf, ownWalletOf } from '../audit/own-accounts.ts';
import type { OwnReturns } from '../audit/own-returns.ts';
import type { OwnWallet } from '../audit/own-wallets.ts';
import type { Store } from '../../hub/store.ts';
import { giveTerms, setBudget } from '../../hub/wallet-terms.ts';
import type { AccountSpec } from '../scenario-accounts.ts';
import type { Member } from './cast.ts';

/** Each account of a spec's payer, with its devices. */
export function accountsOf(spec: AccountSpec, members: readonly Member[]): Map<string, Member[]> {
  const found = new Map<string, Member[]>();
  for (const member of members) {
    if (member.group.payer !== spec.payer) continue;
    found.set(member.payer, [...(found.get(member.payer) ?? []), member]);
  }
  return found;
}

export function openAccounts(
  store: Store,
  specs: readonly AccountSpec[],
  members: readonly Member[],
  returns: OwnReturns,
  nowSeconds: number,
): OwnWallet[] {
  return specs.flatMap((spec) =>
    [...accountsOf(spec, members).keys()].map((name) => {
      const { kind, currency, creditMicros } = spec;
      giveTerms(store, name, { kind, currency, creditMicros }, nowSeconds);
      for (const budget of budgetsOf(spec, members)) {
        const { zone, device, payeeName, limitMicros } = budget;
        const scope = { ...(device === undefined ? {} : { device }), ...(payeeName === undefined ? {} : { payee: payeeName }) };
        setBudget(store, name, { ...scope, ...(zone === undefined ? {} : { dayZone: zone }), limitMicros }, nowSeconds);
      }
      return ownWalletOf(name, spec, members, returns);
    }),
  );
}
