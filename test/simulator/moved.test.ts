// What may be left unmoved in the end: less than a rail's smallest amount of each side, and lines that wait because their other side has less than that. From bad day 568, where a payer was left with more than a
// cent of which a part could not be paid on.

import { expect, it } from 'vitest';
import type { Account } from '../../hub/account.ts';
import { accountIdOf } from '../../hub/ids.ts';
import type { Store } from '../../hub/store.ts';
import { auditMoved, routedSide } from '../../simulator/audit/payouts.ts';
import type { Counterpart, Order } from '../../simulator/world/counterpart.ts';

const CENT = 10_000;

interface Case {
  readonly what: string;
  /** Of one payer to one payee: claimed, and settled of that. */
  readonly lines: readonly (readonly [number, number])[];
  readonly paid: number;
  readonly collected: number;
  readonly says: readonly string[];
}

const CASES: readonly Case[] = [
  { what: 'nothing', lines: [[50_000, 50_000]], paid: 50_000, collected: 50_000, says: [] },
  { what: 'less than a cent of each side', lines: [[57_000, 57_000]], paid: 50_000, collected: 50_000, says: [] },
  {
    what: 'a line that waits for its payee, beside what its payer carries',
    lines: [
      [52_865, 52_865],
      [7140, 0],
    ],
    paid: 52_370,
    collected: 44_730,
    says: [],
  },
  {
    what: 'a line that nobody holds back',
    lines: [
      [52_865, 52_865],
      [17_140, 0],
    ],
    paid: 52_370,
    collected: 44_730,
    says: ['ann (collect)', 'bob (pay)'],
  },
  { what: 'a cent of the payer alone', lines: [[60_000, 60_000]], paid: 60_000, collected: 50_000, says: ['ann (collect)'] },
  { what: 'more than was owed', lines: [[50_000, 50_000]], paid: 60_000, collected: 50_000, says: ['bob (pay)'] },
];

it.each(CASES)('in the end there may be left: $what', ({ lines, paid, collected, says }) => {
  const counterpart = {
    spec: { name: 'stripe', unitMicros: CENT },
    orders: new Map([
      ['1', settledOrder('bob', 'pay', paid)],
      ['2', settledOrder('ann', 'collect', collected)],
    ]),
  } as unknown as Counterpart;
  const accounts = lines.map(
    ([claimedMicros, settledMicros]) =>
      ({ payer: accountIdOf('ann'), payee: accountIdOf('bob'), claimedMicros, settledMicros }) as Account,
  );
  const noRow = { payouts: { find: () => undefined } } as unknown as Store;
  const sides = [routedSide(counterpart, 'ann', 'collect'), routedSide(counterpart, 'bob', 'pay')];
  const said: string[] = [];
  auditMoved(noRow, accounts, sides, (_rule, detail) => said.push(detail.replace(/:.*/, '')));
  expect(said).toEqual(says);
});

function settledOrder(account: string, direction: 'pay' | 'collect', amountMicros: number): Order {
  return { payout: { account, direction, amountMicros }, stages: ['taken', 'settled'] } as unknown as Order;
}
