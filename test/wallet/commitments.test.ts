// Commitments before a wallet: what a channel may cost is held back when it opens, and given back when it closes.

import { expect, test } from 'vitest';
import { accountIdOf } from '../../hub/ids.ts';
import { drawClaims } from '../../hub/draw.ts';
import { decimalText } from '../../hub/tariff/decimal.ts';
import { promote, topUpWallet, withdraw } from '../../hub/wallet-events.ts';
import { addAccount, giveTerms, setBudget } from '../../hub/wallet-terms.ts';
import { availableMicros, walletOf, withdrawableMicros } from '../../hub/wallet.ts';
import type { Bank } from './bank.ts';
import { openBank, UNIT_MICROS } from './bank.ts';

const CHANNEL_MICROS = 30 * UNIT_MICROS;

function prepaid(bank: Bank, name: string, amountMicros: number): void {
  addAccount(bank.store, name, bank.nowSeconds);
  giveTerms(bank.store, name, { kind: 'prepaid', currency: 'EUR', creditMicros: 0 }, bank.nowSeconds);
  if (amountMicros > 0) topUpWallet(bank.store, name, { id: `first-${name}`, amountMicros, nowSeconds: bank.nowSeconds });
}

function available(bank: Bank, name: string): number {
  const wallet = walletOf(bank.store, accountIdOf(name));
  return wallet === undefined ? expect.fail(`${name} has no terms`) : availableMicros(wallet, bank.nowSeconds);
}

test('an account without terms opens what its devices may, and holds nothing back', () => {
  const bank = openBank();
  const payer = bank.enrol();
  expect(bank.hear(payer, payer.commitment(1))).toEqual(['1:0']);
  expect(bank.store.reservations.openOf(accountIdOf('alice'))).toEqual([]);
});

test('an empty wallet opens nothing; once it is topped up the same commitment is accepted', () => {
  const bank = openBank();
  prepaid(bank, 'alice', 0);
  const payer = bank.enrol();
  expect(bank.hear(payer, payer.commitment(1))).toEqual(['excessive-limit']);
  topUpWallet(bank.store, 'alice', { id: 'cash-1', amountMicros: CHANNEL_MICROS - 1, nowSeconds: bank.nowSeconds });
  expect(bank.hear(payer, payer.commitment(1))).toEqual(['excessive-limit']);
  topUpWallet(bank.store, 'alice', { id: 'cash-2', amountMicros: 1, nowSeconds: bank.nowSeconds });
  expect(bank.hear(payer, payer.commitment(1))).toEqual(['1:0']);
  expect(available(bank, 'alice')).toBe(0);
});

test('two commitments in one group cannot both have the same money', () => {
  const bank = openBank();
  prepaid(bank, 'alice', CHANNEL_MICROS);
  const [one, other] = [bank.enrol(), bank.enrol()];
  expect(
    bank.hearAll([
      [one, one.commitment(1)],
      [other, other.commitment(1)],
    ]),
  ).toEqual(['1:0', 'excessive-limit']);
});

test('a closed channel gives back what was not used, before and after its claim is drawn', () => {
  const bank = openBank();
  prepaid(bank, 'alice', CHANNEL_MICROS);
  const payer = bank.enrol();
  bank.hear(payer, payer.commitment(1), payer.payword(1, 7), payer.signed(1, 10, true));
  expect(available(bank, 'alice')).toBe(CHANNEL_MICROS - 10 * UNIT_MICROS);
  drawClaims(bank.store, bank.nowSeconds);
  expect(available(bank, 'alice')).toBe(CHANNEL_MICROS - 10 * UNIT_MICROS);
  expect(bank.store.wallets.heldMicros(accountIdOf('alice'), 'EUR')).toBe(20 * UNIT_MICROS);
});

test('a channel used up to its limit holds nothing back once it is drawn', () => {
  const bank = openBank();
  prepaid(bank, 'alice', 2 * CHANNEL_MICROS);
  const payer = bank.enrol();
  bank.hear(payer, payer.commitment(1), payer.payword(1, 30), payer.commitment(2));
  drawClaims(bank.store, bank.nowSeconds);
  expect(bank.store.reservations.openOf(accountIdOf('alice')).map(({ number }) => number)).toEqual([2]);
  expect(bank.store.reservations.find(payer.config.device, 1 as never)).toMatchObject({
    releasedBy: 'limit',
    countedMicros: CHANNEL_MICROS,
  });
  expect(available(bank, 'alice')).toBe(0);
});

test('a post-paid account goes as far below zero as its credit, and no further', () => {
  const bank = openBank();
  addAccount(bank.store, 'alice', 1);
  giveTerms(bank.store, 'alice', { kind: 'post-paid', currency: 'EUR', creditMicros: CHANNEL_MICROS }, 1);
  const payer = bank.enrol();
  expect(bank.hear(payer, payer.commitment(1), payer.payword(1, 30), payer.commitment(2))).toEqual(['1:30', 'excessive-limit']);
});

test("in a currency that is not the wallet's nothing can be opened", () => {
  const bank = openBank();
  prepaid(bank, 'alice', 1e9);
  const { tariff } = {
    tariff: { currency: 'USD', unit: 'vend', priceMicros: 1 as never, perUnits: 1, validFromSeconds: 0, validUntilSeconds: 4e9 },
  };
  const payer = bank.enrol({ tariff });
  expect(bank.hear(payer, payer.commitment(1))).toEqual(['excessive-limit']);
});

test('a released channel takes no more, and frees what it held back', () => {
  const bank = openBank();
  prepaid(bank, 'alice', CHANNEL_MICROS);
  const payer = bank.enrol();
  bank.hear(payer, payer.commitment(1), payer.payword(1, 4));
  bank.store.reservations.ask({ device: payer.config.device, number: 1 as never, reason: 'dead board' }, bank.nowSeconds);
  bank.release();
  expect(available(bank, 'alice')).toBe(CHANNEL_MICROS - 4 * UNIT_MICROS);
  expect(bank.hear(payer, payer.payword(1, 4), payer.payword(1, 5))).toEqual(['1:4 closed', 'channel-closed']);
  expect(bank.store.reservations.asked()).toEqual([]);
});

test('terms that what is open already would break are refused, and nothing is recorded', () => {
  const bank = openBank();
  const payer = bank.enrol();
  bank.hear(payer, payer.commitment(1), payer.payword(1, 2));
  const give = (): void => giveTerms(bank.store, 'alice', { kind: 'prepaid', currency: 'EUR', creditMicros: 0 }, bank.nowSeconds);
  expect(give).toThrow(`terms: alice is short of ${decimalText(CHANNEL_MICROS)} EUR`);
  expect(bank.store.wallets.termsOf(accountIdOf('alice'))).toBeUndefined();
  expect(bank.store.reservations.openOf(accountIdOf('alice'))).toEqual([]);
  giveTerms(bank.store, 'alice', { kind: 'post-paid', currency: 'EUR', creditMicros: CHANNEL_MICROS }, bank.nowSeconds);
  expect(available(bank, 'alice')).toBe(0);
  topUpWallet(bank.store, 'alice', { id: 'x', amountMicros: CHANNEL_MICROS, nowSeconds: bank.nowSeconds });
  expect(give).not.toThrow();
});

test('what an open channel may cost cannot be withdrawn, nor can promotions or credit', () => {
  const bank = openBank();
  prepaid(bank, 'alice', CHANNEL_MICROS + 5);
  const { store, nowSeconds } = bank;
  promote(store, 'alice', { id: 'p', amountMicros: 7, expiresAtSeconds: nowSeconds + 10, priority: 1, nowSeconds });
  const payer = bank.enrol();
  bank.hear(payer, payer.commitment(1));
  const take = (amountMicros: number) => (): unknown =>
    withdraw(store, 'alice', { id: `w-${amountMicros}`, amountMicros, nowSeconds });
  expect(take(6)).toThrow('amount: expected at most 0.000005 EUR');
  expect(take(5)).not.toThrow();
  const wallet = walletOf(store, accountIdOf('alice')) ?? expect.fail('no wallet');
  expect(withdrawableMicros(wallet)).toBe(0);
});

test('budgets: per device, per payee and per day in a zone, the tightest holds', () => {
  const bank = openBank();
  const [payer, other] = [bank.enrol(), bank.enrol({ payee: 'carol' })];
  const set = (request: Parameters<typeof setBudget>[2]): unknown =>
    setBudget(bank.store, 'alice', { currency: 'EUR', ...request }, bank.nowSeconds);
  set({ device: payer.config.device, limitMicros: CHANNEL_MICROS });
  expect(bank.hear(payer, payer.commitment(1), payer.commitment(2))).toEqual(['1:0', 'excessive-limit']);
  bank.hear(payer, payer.signed(1, 10, true)); // 20 of 30 units come back, which is no whole channel
  expect(bank.hear(payer, payer.commitment(2))).toEqual(['excessive-limit']);
  set({ device: payer.config.device, limitMicros: undefined });
  set({ payee: 'carol', limitMicros: CHANNEL_MICROS });
  expect(bank.hear(other, other.commitment(1), other.commitment(2))).toEqual(['1:0', 'excessive-limit']);
  set({ dayZone: 'Asia/Kolkata', limitMicros: CHANNEL_MICROS + 10 * UNIT_MICROS + CHANNEL_MICROS });
  expect(bank.hear(payer, payer.commitment(2), payer.commitment(3))).toEqual(['2:0', 'excessive-limit']);
  // 1,000,000 s is 13:46:40 UTC, 19:16:40 in India: midnight there is 17,000 s on.
  bank.nowSeconds += 16_999;
  expect(bank.hear(payer, payer.commitment(3))).toEqual(['excessive-limit']);
  bank.nowSeconds += 1;
  expect(bank.hear(payer, payer.commitment(3))).toEqual(['3:0']);
});
