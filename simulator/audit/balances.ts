// Every account's balance, reckoned from channels and from what operators did, against the postings. In: the committed books, and the auditor's own wallets. Out: a sentence for each account
// that stands elsewhere than it must, the operator's own among them, and for postings that do not sum to zero.

import type { Account } from '../../hub/account.ts';
import { accountIdOf } from '../../hub/ids.ts';
import { BANK, FEES, PROMOTIONS } from '../../hub/ledger.ts';
import type { Store } from '../../hub/store.ts';
import type { Broken } from './broken.ts';
import type { RailSpec } from '../scenario-rails.ts';
import type { OwnReturns } from './own-returns.ts';
import { endsOf, isBooked } from './own-returns.ts';
import type { OwnWallet } from './own-wallets.ts';
import type { RoutedSide } from './payouts.ts';

const OWN_BANK = accountIdOf(BANK);

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

interface Known {
  readonly wallets: readonly OwnWallet[];
  readonly sides: readonly RoutedSide[];
  readonly returns: OwnReturns;
}

export function auditBalances(
  store: Store,
  accounts: readonly Account[],
  { wallets, sides, returns }: Known,
  broken: Broken,
): void {
  const due = openBalances();
  const prepaid = new Set(wallets.filter(({ kind }) => kind === 'prepaid').map(({ account }) => account));
  const routed = new Set(sides.map(({ account }) => account));
  for (const { payer, payee, tariff, claimedMicros, settledMicros } of accounts) {
    due.move(payer, payee, tariff.currency, claimedMicros);
    if (routed.has(payee) || routed.has(payer)) continue;
    // A prepaid payer has paid before: the operator holds its money.
    due.move(payee, prepaid.has(payer) ? OWN_BANK : payer, tariff.currency, settledMicros);
  }
  for (const wallet of wallets) moveWallet(due, wallet);
  for (const [key, own] of returns) if (isBooked(store, key)) due.move(...endsOf(own), own.currency, own.amountMicros);
  for (const { spec } of new Set(sides.map(({ counterpart }) => counterpart))) movePayouts(due, store, spec, broken);
  let sum = 0n;
  for (const { account, currency, amountMicros } of store.books.balances()) {
    due.add(account, currency, -amountMicros);
    sum += BigInt(amountMicros);
  }
  if (sum !== 0n) broken('postings-sum-to-zero', `all postings sum to ${sum} micros`);
  for (const [key, micros] of due.differing())
    broken('balances', `account ${key}: what has happened and its postings differ by ${micros} micros`);
}

/** Those of which the books say that they have moved: whether that is so is asked over there. */
function movePayouts(due: Balances, store: Store, { name, feeMicros }: RailSpec, broken: Broken): void {
  for (const { id, account, direction, currency, amountMicros, state } of store.payouts.ofRail(name)) {
    const [from, to] = direction === 'pay' ? [account, OWN_BANK] : [OWN_BANK, account];
    if (state === 'settled') due.move(from, to, currency, amountMicros);
    const fee = store.books.find(store.books.numberOf(`fee:${id}`) ?? 0);
    if (fee === undefined && feeMicros > 0 && state === 'settled')
      broken('balances', `${id} is settled, and its fee is in no entry`);
    if (fee === undefined) continue;
    due.move(accountIdOf(FEES), OWN_BANK, currency, feeMicros);
    if (state !== 'settled' && state !== 'reversed') broken('balances', `${id}: a fee, and the payout is ${state}`);
  }
}

/** What was asked for and is booked; expired is what the books took back, each time for a reason that was looked at. */
function moveWallet(due: Balances, { account, currency, events, expiredMicros }: OwnWallet): void {
  for (const { amountMicros, booked, promotion } of events.values())
    if (booked) due.move(accountIdOf(promotion === undefined ? BANK : PROMOTIONS), account, currency, amountMicros);
  due.move(account, accountIdOf(PROMOTIONS), currency, expiredMicros);
}
