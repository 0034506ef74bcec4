// The auditor's own record of an account, as a scenario describes it. In: the scenario's words, and who is in the world. Out: a wallet with nothing in it yet.

import { accountIdOf } from '../../hub/ids.ts';
import type { AccountSpec } from '../scenario-accounts.ts';
import type { Member } from '../world/cast.ts';
import type { OwnReturns } from './own-returns.ts';
import type { OwnBudget, OwnWallet } from './own-wallets.ts';

export function ownWalletOf(name: string, spec: AccountSpec, members: readonly Member[], returns: OwnReturns): OwnWallet {
  const { kind, currency, creditMicros } = spec;
  return {
    ...{ name, account: accountIdOf(name), kind, currency, creditMicros },
    budgets: budgetsOf(spec, members),
    returns,
    ...{ events: new Map(), lots: [], openings: [], isBudgeted: true },
    ...{ heldMicros: 0, claimedMicros: 0, expiredMicros: 0, takenBackMicros: 0, lastEntry: 0 },
  };
}

/** With the payee's name, as the hub is told of it. */
export function budgetsOf(
  { budgets }: AccountSpec,
  members: readonly Member[],
): ReadonlyArray<OwnBudget & { readonly payeeName: string | undefined }> {
  return budgets.map(({ limitMicros, zone, device: label, payee }) => ({
    ...{ limitMicros, zone },
    device: label === undefined ? undefined : members.find((member) => member.label === label)?.config.device,
    payee: payee === undefined ? undefined : accountIdOf(payee),
    payeeName: payee,
  }));
}
