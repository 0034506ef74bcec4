// Limits that fit a wallet: the default is a tenth of what is free, what the operator has said stays, and both a device that finds nothing free and a refused commitment are told what mends it.

import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { fittingLimit } from '../../hub/fitting-limit.ts';
import { accountIdOf } from '../../hub/ids.ts';
import { flatTariff, profileTerms } from '../../hub/profiles.ts';
import { topUpWallet } from '../../hub/wallet-events.ts';
import { addAccount, giveTerms, setBudget } from '../../hub/wallet-terms.ts';
import { mostOf } from '../../shared/charge.ts';
import type { Units } from '../../shared/units.ts';
import { BY_TIME } from '../audit/business.ts';
import { openBank, UNIT_MICROS } from './bank.ts';

const VEND = flatTariff(profileTerms('vending'));

function funded(micros: number): ReturnType<typeof openBank> {
  const bank = openBank();
  onTestFinished(() => bank.store.close());
  addAccount(bank.store, 'alice', bank.nowSeconds);
  giveTerms(bank.store, 'alice', { kind: 'prepaid', currency: 'EUR', creditMicros: 0 }, bank.nowSeconds);
  if (micros > 0) topUpWallet(bank.store, 'alice', { id: 'a', amountMicros: micros, nowSeconds: bank.nowSeconds });
  return bank;
}

const wanted = (limitUnits: number, isGiven = false) => ({ payer: accountIdOf('alice'), tariff: VEND, limitUnits, isGiven });

test('the default is a tenth of what the wallet has free, and says so', () => {
  const { store, nowSeconds } = funded(500_000_000);
  expect(fittingLimit(store, wanted(500), nowSeconds)).toEqual({
    limitUnits: 20,
    advice:
      'limit: 20 vend, worth 50.00 EUR, at most a tenth of the 500.00 EUR that the payer has free: a channel holds back its whole limit; --limit sets another',
  });
  expect(fittingLimit(store, wanted(20), nowSeconds)).toEqual({ limitUnits: 20, advice: undefined });
});

test('what the operator has said stays, and a wallet that has less is named', () => {
  const { store, nowSeconds } = funded(100_000_000);
  expect(fittingLimit(store, wanted(40, true), nowSeconds)).toEqual({ limitUnits: 40, advice: undefined });
  expect(fittingLimit(store, wanted(41, true), nowSeconds)).toEqual({
    limitUnits: 41,
    advice: expect.stringMatching(
      /41 vend holds back 102.50 EUR, more than the 100.00 EUR .* none is opened until there is more; top up/,
    ) as string,
  });
});

test('an empty wallet, one too small for ten units, one in another currency, and none', () => {
  const empty = funded(0);
  expect(fittingLimit(empty.store, wanted(500), empty.nowSeconds)).toMatchObject({
    limitUnits: 500,
    advice: expect.stringContaining('0.00 EUR') as string,
  });
  const small = funded(20_000_000);
  expect(fittingLimit(small.store, wanted(500), small.nowSeconds)).toMatchObject({
    limitUnits: 500,
    advice: expect.stringContaining('20.00 EUR') as string,
  });
  const dollars = { ...wanted(500), tariff: { ...VEND, currency: 'USD' } };
  expect(fittingLimit(small.store, dollars, small.nowSeconds)).toEqual({ limitUnits: 500, advice: undefined });
  expect(fittingLimit(small.store, { ...wanted(500), payer: accountIdOf('bob') }, small.nowSeconds).advice).toBeUndefined();
});

test('it is the largest that costs no more than a tenth, whatever the tariff and the wallet', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000_000_000 }), fc.constantFrom(VEND, BY_TIME), (micros, tariff) => {
      const { store, nowSeconds } = funded(micros);
      const { limitUnits } = fittingLimit(store, { ...wanted(500), tariff }, nowSeconds);
      const cost = (units: number): number => mostOf(tariff, units as Units) ?? Infinity;
      const share = Math.floor(micros / 10);
      if (limitUnits < 500) expect([cost(limitUnits) <= share, cost(limitUnits + 1) > share]).toEqual([true, true]);
      else expect(cost(500) <= share || cost(1) > share).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('a refused commitment says in the quarantine what is missing, and names nobody', () => {
  const bank = funded(20 * UNIT_MICROS);
  const payer = bank.enrol({ limitUnits: 30, chainUnits: 30 });
  expect(bank.hear(payer, payer.commitment(1))).toEqual(['excessive-limit']);
  expect(bank.refusals()).toEqual([
    'its limit of 30 vend would hold back 0.30 EUR, its payer has 0.20 EUR free; top up, or enrol it with --limit 20 or less',
  ]);
  setBudget(bank.store, 'alice', { limitMicros: 5 * UNIT_MICROS }, bank.nowSeconds);
  topUpWallet(bank.store, 'alice', { id: 'b', amountMicros: 100 * UNIT_MICROS, nowSeconds: bank.nowSeconds });
  bank.hear(payer, payer.commitment(2));
  expect(bank.refusals().at(-1)).toBe(
    'its limit of 30 vend would hold back 0.30 EUR, a budget of its payer leaves less; see tallystick account show',
  );
  const dear = bank.enrol({ limitUnits: 30, chainUnits: 30, creditMicros: 30 * UNIT_MICROS });
  bank.hear(dear, dear.commitment(1, { limitUnits: 31 as Units }));
  expect(bank.refusals().at(-1)).toMatch(
    /would hold back 0.31 EUR, the device's credit is 0.30 EUR; enrol it with a smaller --limit/,
  );
});
