// Whose money a line or a payout moves: one account, in one direction, in one currency. In: lines and payouts. Out: their sides, and keys to hold them by.

import type { AccountId } from '../shared/identity.ts';
import type { BatchLine } from './batch.ts';
import type { Direction } from './rails/rail.ts';

/** Whose payouts: one account, one direction, one currency. */
export interface Side {
  readonly account: AccountId;
  readonly direction: Direction;
  readonly currency: string;
}

/** The same for the same side, whatever else the value holds. */
export function sideKeyOf({ account, direction, currency }: Side): string {
  return `${currency}${direction}${account}`;
}

/** The payouts that a line needs: to its payee, from its payer, both or none. */
export function sidesOf({ payer, payee, currency }: Pick<BatchLine, 'payer' | 'payee' | 'currency'>): readonly [Side, Side] {
  return [
    { account: payee, direction: 'pay', currency },
    { account: payer, direction: 'collect', currency },
  ];
}

/** Lines that neither wait for a payout nor for a collection: their parties clear directly. */
export function* directLines(lines: Iterable<BatchLine>, payouts: readonly Side[]): Iterable<BatchLine> {
  const waiting = new Set(payouts.map(sideKeyOf));
  for (const line of lines) if (waiting.size === 0 || !sidesOf(line).some((side) => waiting.has(sideKeyOf(side)))) yield line;
}
