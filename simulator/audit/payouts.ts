// What rails promise, held against the counterpart's own ledger: nothing is handed over that the books do not know as sent, every payout moves once, no more moves than is owed, and what the books call
// settled, rejected or reversed is so over there. In: the committed books, and counterparts. Out: a sentence for each breach.

import type { Account } from '../../hub/account.ts';
import { accountIdOf } from '../../hub/ids.ts';
import type { PayoutRow } from '../../hub/payout.ts';
import type { Direction } from '../../hub/rails/rail.ts';
import type { Store } from '../../hub/store.ts';
import type { AccountId } from '../../shared/identity.ts';
import type { Counterpart, Order, Stage } from '../world/counterpart.ts';
import type { Broken } from './broken.ts';

/** Whose payouts: an account, and which way. */
export interface RoutedSide {
  readonly counterpart: Counterpart;
  readonly name: string;
  readonly account: AccountId;
  readonly direction: Direction;
}

const stageOf = ({ stages }: Order): Stage => stages.at(-1) as Stage;
/** Money that is there, or on its way. */
const mayMove = (order: Order): boolean => stageOf(order) !== 'rejected' && stageOf(order) !== 'reversed';

/** When it reaches the counterpart. */
export function auditArrival(
  store: Store,
  sides: readonly RoutedSide[],
  counterpart: Counterpart,
  order: Order,
  broken: Broken,
): void {
  const { id, account, direction, batch } = order.payout;
  const row = store.payouts.find(id);
  if (row === undefined || row.state === 'prepared')
    broken('payout-durable', `${id}: it was handed over, and the books say that it is ${row?.state ?? 'not there'}`);
  if (counterpart.withheld.has(id)) broken('payout-withheld', `${id}: an operator has kept it back, and it was handed over`);
  const again = [...counterpart.orders.values()].find(
    (one) => one !== order && one.payout.batch === batch && one.payout.account === account && one.payout.direction === direction,
  );
  if (again !== undefined) broken('payout-once', `${id}: ${account} is paid of batch ${batch} under ${again.payout.id}, too`);
  const side = sides.find((one) => one.name === account && one.direction === direction);
  if (side === undefined) return broken('payout-once', `${id}: nobody has routed ${account} there`);
  auditSide(side, store.channels.accountsOf(side.account), broken);
}

/** Never more on its way than was ever claimed. */
function auditSide(side: RoutedSide, accounts: readonly Account[], broken: Broken): void {
  const owedMicros = owedBy(side, accounts, 'claimedMicros');
  const movedMicros = movedOn(side, mayMove);
  if (movedMicros > owedMicros)
    broken(
      'claimed >= moved',
      `${side.name}: ${movedMicros} micros move by ${side.counterpart.spec.name}, ${owedMicros} are claimed`,
    );
}

const isOf = (one: Account, { account, direction }: RoutedSide): boolean =>
  (direction === 'pay' ? one.payee : one.payer) === account;

function owedBy(side: RoutedSide, accounts: readonly Account[], what: 'claimedMicros' | 'settledMicros'): number {
  return accounts.reduce((sum, one) => (isOf(one, side) ? sum + one[what] : sum), 0);
}

function movedOn({ counterpart, name, direction }: RoutedSide, counts: (order: Order) => boolean): number {
  return [...counterpart.orders.values()]
    .filter((order) => order.payout.account === name && order.payout.direction === direction && counts(order))
    .reduce((sum, order) => sum + order.payout.amountMicros, 0);
}

const everMoved = ({ stages }: Order): boolean => stages.includes('settled');

/** At every audit. */
export function auditPayouts(store: Store, accounts: readonly Account[], sides: readonly RoutedSide[], broken: Broken): void {
  for (const side of sides) {
    auditSide(side, accounts, broken);
    const settledMicros = owedBy(side, accounts, 'settledMicros');
    const movedMicros = movedOn(side, everMoved) + side.counterpart.spec.unitMicros - 1;
    if (settledMicros > movedMicros)
      broken('moved >= settled', `${side.name}: ${settledMicros} micros are settled, no more than ${movedMicros} have moved`);
  }
  for (const counterpart of new Set(sides.map((side) => side.counterpart))) auditStates(store, counterpart, broken);
}

function auditStates(store: Store, { spec, orders, doubted }: Counterpart, broken: Broken): void {
  const rows = new Map(store.payouts.ofRail(spec.name).map((row) => [row.id as string, row]));
  for (const { payout } of orders.values())
    if (rows.get(payout.id)?.amountMicros !== payout.amountMicros)
      broken('payout-once', `${payout.id}: ${payout.amountMicros} micros move, and the books know nothing of it`);
  for (const row of rows.values()) {
    const isKeptBack = row.state === 'rejected' && doubted.has(row.id) && !orders.has(row.id);
    const fault = isKeptBack ? undefined : stateFault(row, orders.get(row.id));
    if (fault !== undefined) broken('moved = settled', `${row.id}: the books say ${row.state}, ${spec.name} says ${fault}`);
  }
}

/** What the counterpart knows, where it cannot be so. The books may not have heard of it yet, and never know more than it. */
function stateFault({ state }: PayoutRow, order: Order | undefined): string | undefined {
  const stage = order === undefined ? 'nothing' : stageOf(order);
  const fits: Readonly<Record<PayoutRow['state'], boolean>> = {
    prepared: order === undefined,
    sent: true,
    accepted: order !== undefined,
    settled: order?.stages.includes('settled') === true,
    rejected: stage === 'rejected',
    reversed: stage === 'reversed',
  };
  return fits[state] ? undefined : stage;
}

/** What cannot be moved because it is less than the rail's smallest amount. */
export function leftMicros(side: RoutedSide, accounts: readonly Account[]): number {
  return owedBy(side, accounts, 'claimedMicros') - movedOn(side, (order) => stageOf(order) === 'settled');
}

/** At the end, when nothing is under way any more: all that is owed has moved, once, but for less than one unit, and for lines that wait because their other side has less than one. */
export function auditMoved(
  store: Pick<Store, 'payouts'>,
  accounts: readonly Account[],
  sides: readonly RoutedSide[],
  broken: Broken,
): void {
  for (const side of sides) {
    const { name, direction, counterpart } = side;
    const left = leftMicros(side, accounts);
    const others = sides.filter((other) => other !== side);
    const waiting = accounts.filter((one) => isOf(one, side) && waitsForMore(one, accounts, others));
    const waitingMicros = waiting.reduce((sum, one) => sum + one.claimedMicros - one.settledMicros, 0);
    if (left < 0 || left - waitingMicros >= counterpart.spec.unitMicros)
      broken('moved = settled', `${name} (${direction}): what was claimed and what moved differ by ${left} micros in the end`);
  }
  for (const { spec, orders } of new Set(sides.map((side) => side.counterpart))) {
    for (const order of orders.values()) {
      const row = store.payouts.find(order.payout.id);
      if (row !== undefined && row.state !== stageOf(order))
        broken('moved = settled', `${row.id}: in the end the books say ${row.state}, ${spec.name} says ${stageOf(order)}`);
    }
  }
}

/** Less than a rail can move of one of its sides, or of the other: the line waits for more. */
export function waitsForMore(account: Account, accounts: readonly Account[], sides: readonly RoutedSide[]): boolean {
  return sides.some((side) => isOf(account, side) && leftMicros(side, accounts) < side.counterpart.spec.unitMicros);
}

export function routedSide(counterpart: Counterpart, name: string, direction: Direction): RoutedSide {
  return { counterpart, name, account: accountIdOf(name), direction };
}
