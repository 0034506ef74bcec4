// Every account's balance, reckoned from channels and from what operators did, against the postings. In: the committed books, and the auditor's own wallets. Out: a sentence for each account
// that stands elsewhere than it must, the operator's own among them, and for postings that do not sum to zero.

import type { Account } from '../../hub/account.ts';
import { accountIdOf } from '../../hub/ids.ts';
import { BANK, PROMOTIONS } from '../../hub/ledger.ts';
import type { Store } from '../../hub/store.ts';
import type { Broken } from './broken.ts';
import type { OwnWallet } from './own-wallets.ts';

interface Balances {
  add(account: string, currency: string, micros: number): void;
  move(from: string, to: string, currency: string, micros: number): void;
  /** Those that are not zero. */
  differing(): ReadonlyArray<readonly [string, bigint]>;
}

function openBalances(): Balances {
  const held = new Map<string, bigint>();
  const add = (account: string, currency: string, micros: number): void => {
    const key = `${currency} ${Buffer.from(account, 'latin1').toString('hex')}`;
    held.set(key, (held.get(key) ?? 0n) + BigInt(micros));
  };
  return {
    add,
    move(from, to, currency, micros) {
      add(from, currency, -micros);
      add(to, currency, micros);
    },
    differing: () => [...held].filter(([, micros]) => micros !== 0n),
  };
}

export function auditBalances(store: Store, accounts: readonly Account[], wallets: readonly OwnWallet[], broken: Broken): void {
  const due = openBalances();
  const bank = accountIdOf(BANK);
  const prepaid = new Set(wallets.filter(({ kind }) => kind === 'prepaid').map(({ account }) => account));
  for (const { payer, payee, tariff, claimedMicros, settledMicros } of accounts) {
    due.move(payer, payee, tariff.currency, claimedMicros);
    // A prepaid payer has paid before: the operator holds its money.
    due.move(payee, prepaid.has(payer) ? bank : payer, tariff.currency, settledMicros);
  }
  for (const wallet of wallets) moveWallet(due, wallet);
  let sum = 0n;
  for (const { account, currency, amountMicros } of store.books.balances()) {
    due.add(account, currency, -amountMicros);
    sum += BigInt(amountMicros);
  }
  if (sum !== 0n) broken('postings-sum-to-zero', `all postings sum to ${sum} micros`);
  for (const [key, micros] of due.differing())
    broken('balances', `account ${key}: what has happened and its postings differ by ${micros} micros`);
}

/** What was asked for and is booked; expired is what the books took back, each time for a reason that was looked at. */
function moveWallet(due: Balances, { account, currency, events, expiredMicros }: OwnWallet): void {
  for (const { amountMicros, booked, promotion } of events.values())
    if (booked) due.move(accountIdOf(promotion === undefined ? BANK : PROMOTIONS), account, currency, amountMicros);
  due.move(account, accountIdOf(PROMOTIONS), currency, expiredMicros);
}
