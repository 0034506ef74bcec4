// Money that comes, goes and comes back: each event once, under the operator's id, and never more than there is.

import { expect, test } from 'vitest';
import { drawClaims } from '../../hub/draw.ts';
import { accountIdOf } from '../../hub/ids.ts';
import { partsOf } from '../../hub/lots.ts';
import { openDispute, refund, resolveDispute } from '../../hub/returns.ts';
import { statementOf } from '../../hub/statement.ts';
import { htmlOf } from '../../hub/statement-html.ts';
import { csvOf, textOf } from '../../hub/statement-text.ts';
import { promote, reward, topUpWallet } from '../../hub/wallet-events.ts';
import { addAccount, giveTerms } from '../../hub/wallet-terms.ts';
import type { Payer } from '../hub/payer.ts';
import type { Bank } from './bank.ts';
import { openBank, UNIT_MICROS } from './bank.ts';

function openPrepaid(amountMicros: number): { bank: Bank; payer: Payer; channel: string } {
  const bank = openBank();
  const { store, nowSeconds } = bank;
  addAccount(store, 'alice', nowSeconds);
  giveTerms(store, 'alice', { kind: 'prepaid', currency: 'EUR', creditMicros: 0 }, nowSeconds);
  if (amountMicros > 0) topUpWallet(store, 'alice', { id: 'cash', amountMicros, nowSeconds });
  const payer = bank.enrol();
  return { bank, payer, channel: `${payer.config.device}/1` };
}

function held({ store }: Bank, name = 'alice'): number {
  return store.wallets.heldMicros(accountIdOf(name), 'EUR');
}

test('the same event twice is one entry; the same id with other content is refused with both, and nothing is recorded', () => {
  const { bank } = openPrepaid(1000);
  const { store, nowSeconds } = bank;
  const again = (amountMicros: number, name = 'alice'): unknown =>
    topUpWallet(store, name, { id: 'cash', amountMicros, nowSeconds: nowSeconds + 9 });
  expect(again(1000)).toMatchObject({ repeated: true });
  expect(() => again(1001)).toThrow(
    /^id: duplicate top-up id "cash": entry 1 .* alice 0\.001 EUR; asked for was .* alice 0\.001001 EUR$/,
  );
  addAccount(store, 'eve', nowSeconds);
  giveTerms(store, 'eve', { kind: 'prepaid', currency: 'EUR', creditMicros: 0 }, nowSeconds);
  expect(() => again(1000, 'eve')).toThrow('duplicate top-up id');
  expect(held(bank)).toBe(1000);
  expect(store.books.head().entry).toBe(1);
});

test('bad input is refused in one sentence that begins with the field', () => {
  const { bank, payer, channel } = openPrepaid(30 * UNIT_MICROS);
  const { store, nowSeconds } = bank;
  const event = { id: 'x', amountMicros: 1, nowSeconds };
  const cases: [() => unknown, string][] = [
    [() => topUpWallet(store, 'alice', { ...event, amountMicros: 0 }), 'amount: expected 0.000001 to'],
    [() => topUpWallet(store, 'alice', { ...event, amountMicros: 2 ** 53 }), 'amount: expected 0.000001 to'],
    [() => topUpWallet(store, 'alice', { ...event, id: 'a b' }), 'id: expected 1 to 64'],
    [() => topUpWallet(store, 'nobody', event), 'account: expected one that exists'],
    [() => topUpWallet(store, 'bob', event), 'account: bob has no terms'],
    [() => topUpWallet(store, 'hub/bank', event), "account: hub/bank is the operator's own"],
    [() => addAccount(store, 'hub/mine', nowSeconds), 'account: expected a name that does not begin with hub/'],
    [
      () => giveTerms(store, 'alice', { kind: 'prepaid', currency: 'USD', creditMicros: 0 }, nowSeconds),
      'currency: alice has terms in EUR',
    ],
    [() => promote(store, 'alice', { ...event, priority: 1, expiresAtSeconds: nowSeconds }), 'expires: expected a time to come'],
    [() => reward(store, 'AAAAAAAAAAA', event), 'device: expected one that is enrolled'],
    [() => refund(store, channel, { ...event, reason: 'r' }), 'channel: expected one that is known here'],
    [() => refund(store, 'x', { ...event, reason: 'r' }), 'channel: expected <device>/<number>'],
  ];
  for (const [run, sentence] of cases) expect(run).toThrow(sentence);
  bank.hear(payer, payer.commitment(1));
  expect(() => refund(store, channel, { ...event, reason: 'r' })).toThrow('was charged nothing');
  expect(store.books.head().entry).toBe(1);
});

test('lots pay by priority, then by their time, money in its place between them', () => {
  const lot = (entry: number, priority: number, leftMicros: number) => ({
    entry,
    priority,
    leftMicros,
    account: accountIdOf('alice'),
    currency: 'EUR',
    amountMicros: leftMicros,
    expiresAtSeconds: 0,
  });
  const lots = [lot(1, 5, 10), lot(2, 99, 10), lot(3, 100, 10)];
  expect(partsOf(15, 80, lots)).toEqual([
    { lot: 1, usedMicros: 10 },
    { lot: 2, usedMicros: 5 },
  ]);
  expect(partsOf(70, 80, lots)).toEqual([
    { lot: 1, usedMicros: 10 },
    { lot: 2, usedMicros: 10 },
  ]);
  expect(partsOf(72, 80, lots)).toEqual([
    { lot: 1, usedMicros: 10 },
    { lot: 2, usedMicros: 10 },
    { lot: 3, usedMicros: 2 },
  ]);
  expect(partsOf(500, 30, lots)).toHaveLength(3);
});

test('a promotion expires, but not under a channel that was let in on it', () => {
  const { bank, payer } = openPrepaid(0);
  const { store } = bank;
  const giveAt = bank.nowSeconds;
  promote(store, 'alice', {
    id: 'p',
    amountMicros: 40 * UNIT_MICROS,
    priority: 0,
    expiresAtSeconds: giveAt + 100,
    nowSeconds: giveAt,
  });
  expect(bank.hear(payer, payer.commitment(1), payer.payword(1, 3))).toEqual(['1:3']); // may cost 30 units
  bank.nowSeconds += 100;
  drawClaims(store, bank.nowSeconds);
  expect(held(bank)).toBe(27 * UNIT_MICROS); // 3 used, 10 expired, 27 held for the channel
  expect(bank.hear(payer, payer.commitment(2))).toEqual(['excessive-limit']);
  bank.hear(payer, payer.signed(1, 10, true));
  drawClaims(store, bank.nowSeconds);
  expect(held(bank)).toBe(0);
  const [promotion] = store.lots.allOf(accountIdOf('alice'));
  expect(promotion?.leftMicros).toBe(0);
  expect(store.books.balanceMicros(accountIdOf('hub/promotions'), 'EUR')).toBe(-10 * UNIT_MICROS);
});

test('no more comes back than was charged; a dispute holds an amount, and its winner gets it', () => {
  const { bank, payer, channel } = openPrepaid(30 * UNIT_MICROS);
  const { store, nowSeconds } = bank;
  bank.hear(payer, payer.commitment(1), payer.payword(1, 10));
  const request = (id: string, units: number): Parameters<typeof refund>[2] => ({
    id,
    amountMicros: units * UNIT_MICROS,
    reason: 'stale',
    nowSeconds,
  });
  expect(refund(store, channel, request('r1', 3))).toMatchObject({ repeated: false });
  expect(refund(store, channel, request('r1', 3))).toMatchObject({ repeated: true });
  openDispute(store, channel, request('d1', 5));
  expect(() => refund(store, channel, request('r2', 3))).toThrow('amount: expected at most 0.02, got 0.03');
  expect(() => openDispute(store, channel, request('d2', 3))).toThrow('amount: expected at most');
  expect(held(bank)).toBe(23 * UNIT_MICROS);
  const entry = store.books.find(resolveDispute(store, 'd1', 'payer', nowSeconds).entry);
  expect(entry).toMatchObject({ kind: 'resolution', refersTo: store.returns.dispute('d1')?.entry });
  expect(resolveDispute(store, 'd1', 'payer', nowSeconds).repeated).toBe(true);
  expect(() => resolveDispute(store, 'd1', 'payee', nowSeconds)).toThrow('dispute d1 is resolved for the payer');
  expect(held(bank)).toBe(28 * UNIT_MICROS);
  expect(store.books.balanceMicros(accountIdOf('bob'), 'EUR')).toBe(2 * UNIT_MICROS);
  openDispute(store, channel, request('d3', 2));
  resolveDispute(store, 'd3', 'payee', nowSeconds);
  expect(store.books.balanceMicros(accountIdOf('bob'), 'EUR')).toBe(2 * UNIT_MICROS);
  expect(refund(store, channel, request('r3', 2)).repeated).toBe(false);
  expect(() => refund(store, channel, request('r4', 1))).toThrow('expected at most 0');
  expect(store.wallets.differing()).toEqual([]);
});

test('a statement adds up in every period, and says what each number rests on', () => {
  const { bank, payer, channel } = openPrepaid(50 * UNIT_MICROS);
  const { store } = bank;
  const firstDay = Math.floor(bank.nowSeconds / 86_400);
  bank.hear(payer, payer.commitment(1), payer.payword(1, 7));
  drawClaims(store, bank.nowSeconds);
  bank.nowSeconds += 86_400;
  bank.hear(payer, payer.signed(1, 10, true));
  reward(store, payer.config.device, { id: 'w', amountMicros: 5, text: '=cmd|"calc"', nowSeconds: bank.nowSeconds });
  refund(store, channel, { id: 'r', amountMicros: UNIT_MICROS, reason: '<b>stale</b>', nowSeconds: bank.nowSeconds });
  const of = (fromDay: number, untilDay: number) =>
    statementOf(store, 'alice', { fromDay, untilDay }, bank.nowSeconds).currencies[0] ?? expect.fail('no currency');
  const [one, two, both] = [of(firstDay, firstDay + 1), of(firstDay + 1, firstDay + 2), of(firstDay, firstDay + 2)];
  expect(one).toMatchObject({
    openingMicros: 0,
    closingMicros: 43 * UNIT_MICROS,
    channels: [{ units: 7, amountMicros: -7 * UNIT_MICROS }],
  });
  expect(two).toMatchObject({ openingMicros: one.closingMicros, closingMicros: 41 * UNIT_MICROS + 5 });
  expect(two.channels).toEqual([
    expect.objectContaining({
      channel,
      units: 3,
      acceptedUnits: 10,
      proof: 'signature',
      closed: true,
      other: 'bob',
      price: '0.01 EUR per vend',
    }),
  ]);
  expect(two.entries.map(({ kind, amountMicros }) => [kind, amountMicros])).toEqual([
    ['reward', 5],
    ['refund', UNIT_MICROS],
  ]);
  expect(both).toMatchObject({ openingMicros: 0, closingMicros: two.closingMicros });
  const statement = statementOf(store, 'alice', { fromDay: firstDay, untilDay: firstDay + 2 }, bank.nowSeconds);
  expect(textOf(statement)).toContain('10 vend at 0.01 EUR per vend');
  expect(csvOf(statement)).toMatch(/channel,alice,EUR,[^,]*,[^,]*,-0\.10,/);
  expect(csvOf(statement)).not.toMatch(/(^|,)[=+@]/m);
  expect(htmlOf(statement)).toContain('&#60;b&#62;stale');
  expect(htmlOf(statement)).not.toContain('<b>');
  const earned = statementOf(store, 'bob', { fromDay: firstDay, untilDay: firstDay + 2 }, bank.nowSeconds).currencies[0];
  expect(earned).toMatchObject({
    closingMicros: 9 * UNIT_MICROS,
    channels: [{ role: 'payee', other: 'alice', amountMicros: 10 * UNIT_MICROS }],
  });
});
