// What wallets promise, held against the books: a channel is let in only on money that is there and within its budgets, what it may cost is held back once and comes back at its close, and no account falls
// below its limit. In: the auditor's own wallets, and the committed books. Out: a sentence for each breach.

import type { Account } from '../../hub/account.ts';
import type { Store } from '../../hub/store.ts';
import type { Broken } from './broken.ts';
import { localTime } from './local-time.ts';
import type { Opening, OwnBudget, OwnWallet } from './own-wallets.ts';
import { readEntries } from './own-wallets.ts';

interface Holding {
  /** What open channels may cost and closed ones were charged, less what of it is claimed. */
  readonly outstandingMicros: number;
  /** Charged and not claimed yet. */
  readonly unclaimedMicros: number;
}

/** After the commit that has opened a channel: it was not let in on what is not there. */
export function auditOpening(store: Store, wallet: OwnWallet, opening: Opening, hubSeconds: number, broken: Broken): void {
  readEntries(store, wallet, broken);
  const { outstandingMicros } = holdingOf(store, wallet, broken);
  const overMicros = wallet.lots.reduce((sum, lot) => sum + (lot.expiresAtSeconds <= hubSeconds ? lot.leftMicros : 0), 0);
  const restMicros = wallet.heldMicros + wallet.creditMicros - outstandingMicros - overMicros;
  const name = `${wallet.name}: channel ${opening.device}/${opening.number}`;
  if (restMicros < -wallet.takenBackMicros)
    broken('wallet-limit', `${name} was let in for ${opening.mostMicros} micros, ${-restMicros} more than there were`);
  for (const budget of wallet.isBudgeted ? wallet.budgets : []) {
    const countedMicros = countedOf(store, wallet, budget, opening);
    if (applies(budget, opening) && countedMicros > budget.limitMicros)
      broken('budget', `${name} was let in, and ${countedMicros} micros count against a budget of ${budget.limitMicros}`);
  }
}

/** At every audit. */
export function auditWallet(store: Store, wallet: OwnWallet, broken: Broken): void {
  readEntries(store, wallet, broken);
  for (const [key, event] of wallet.events)
    if (event.answered && !event.booked)
      broken('wallet-events', `${wallet.name}: "${key}" was answered, and is not in the books`);
  const { outstandingMicros, unclaimedMicros } = holdingOf(store, wallet, broken);
  const held = store.wallets.heldMicros(wallet.account, wallet.currency);
  if (held !== wallet.heldMicros)
    broken('wallet-balance', `${wallet.name}: its entries sum to ${wallet.heldMicros} micros, ${held} are kept`);
  const counted = store.reservations.outstandingMicros(wallet.account, wallet.currency);
  if (counted !== outstandingMicros)
    broken('reservation', `${wallet.name}: ${outstandingMicros} micros are outstanding, the hub counts ${counted}`);
  const restMicros = wallet.heldMicros - unclaimedMicros + wallet.creditMicros;
  if (restMicros < -wallet.takenBackMicros) broken('wallet-limit', `${wallet.name}: ${-restMicros} micros below its limit`);
}

/** At the end, when all is claimed: nothing is left of promotions whose time is over, but for what open channels wait for. */
export function auditPromotions(store: Store, wallet: OwnWallet, hubSeconds: number, broken: Broken): void {
  const { outstandingMicros } = holdingOf(store, wallet, broken);
  const freeMicros = wallet.heldMicros + wallet.creditMicros - outstandingMicros;
  for (const { entry, leftMicros, expiresAtSeconds } of wallet.lots) {
    if (leftMicros > 0 && expiresAtSeconds <= hubSeconds && freeMicros > 0)
      broken('promotion', `${wallet.name}: ${leftMicros} micros are left of the promotion of entry ${entry}, whose time is over`);
  }
}

function holdingOf(store: Store, wallet: OwnWallet, broken: Broken): Holding {
  let outstandingMicros = 0;
  let unclaimedMicros = 0;
  for (const opening of wallet.openings) {
    if (opening.endedMicros !== undefined) continue;
    const account = store.channels.account(opening.device, opening.number);
    if (account === undefined) continue; // whoever was told of it finds that out
    const isOver = account.closed || isUsedUp(opening, account);
    auditReservation(store, wallet, opening, account, isOver, broken);
    const unclaimed = account.chargedMicros - account.claimedMicros;
    unclaimedMicros += unclaimed;
    outstandingMicros += isOver ? unclaimed : opening.mostMicros - account.claimedMicros;
    if (isOver && unclaimed === 0) opening.endedMicros = account.chargedMicros;
  }
  return { outstandingMicros, unclaimedMicros };
}

/** Nothing more can be owed on it, and all is claimed. */
function isUsedUp({ limitUnits }: Opening, { acceptedUnits, claimedUnits }: Account): boolean {
  return acceptedUnits === limitUnits && claimedUnits === acceptedUnits;
}

function auditReservation(
  store: Store,
  wallet: OwnWallet,
  { device, number, mostMicros }: Opening,
  account: Account,
  isOver: boolean,
  broken: Broken,
): void {
  const name = `${wallet.name}: channel ${device}/${number}`;
  const row = store.reservations.find(device, number);
  if (row === undefined) return broken('reservation', `${name} is open, and nothing is held back for it`);
  if (row.limitMicros !== mostMicros)
    broken('reservation', `${name}: ${row.limitMicros} micros are held back, its limit costs ${mostMicros}`);
  if (isOver !== (row.releasedBy !== undefined))
    broken('reservation', `${name} is ${isOver ? 'over' : 'open'}, and what was held back is ${isOver ? 'not ' : ''}free again`);
  const countedMicros = isOver ? account.chargedMicros : mostMicros;
  if (row.countedMicros !== countedMicros)
    broken('reservation', `${name}: it counts with ${row.countedMicros} micros, ${countedMicros} are right`);
}

function applies({ device, payee }: OwnBudget, opening: Opening): boolean {
  return (device === undefined || device === opening.device) && (payee === undefined || payee === opening.payee);
}

/** What counts against the budget in the day of the opening, or in all. */
function countedOf(store: Store, wallet: OwnWallet, budget: OwnBudget, { openedAtSeconds }: Opening): number {
  const { zone } = budget;
  const isInPeriod = (one: Opening): boolean =>
    zone === undefined || localTime(zone, one.openedAtSeconds).day === localTime(zone, openedAtSeconds).day;
  return wallet.openings
    .filter((one) => applies(budget, one) && isInPeriod(one))
    .reduce((sum, one) => sum + (one.endedMicros ?? countedMicrosOf(store, one)), 0);
}

function countedMicrosOf(store: Store, opening: Opening): number {
  const account = store.channels.account(opening.device, opening.number);
  const isOver = account !== undefined && (account.closed || isUsedUp(opening, account));
  return isOver ? account.chargedMicros : opening.mostMicros;
}
