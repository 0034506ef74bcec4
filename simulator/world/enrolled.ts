// Who is there before time begins: devices and accounts of a scenario, in a database of their own. In: a scenario, a seed, and a folder. Out: the members of the cast, and the wallets that the auditor keeps of their
// payers. It is written in one commit, as an operator's enrolment of all of them at once would be.

import { openStore } from '../../hub/store.ts';
import type { OwnReturns } from '../audit/own-returns.ts';
import type { OwnWallet } from '../audit/own-wallets.ts';
import type { Scenario } from '../scenario.ts';
import type { Member } from './cast.ts';
import { castOf } from './cast.ts';
import { openAccounts } from './open-accounts.ts';
import { routeAll } from './rails.ts';

interface Enrolled {
  readonly members: Member[];
  readonly wallets: OwnWallet[];
}

interface Enrolment {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly dataDir: string;
  readonly epochSeconds: number;
  readonly returns: OwnReturns;
}

export function enrolAll({ scenario, seed, dataDir, epochSeconds, returns }: Enrolment): Enrolled {
  const store = openStore(dataDir);
  try {
    store.setRoot(scenario.hub.root);
    return store.atomically(() => {
      const members = castOf(scenario, seed, store, epochSeconds);
      routeAll(store, scenario.rails, members, epochSeconds);
      return { members, wallets: openAccounts(store, scenario.accounts, members, returns, epochSeconds) };
    });
  } finally {
    store.close();
  }
}
