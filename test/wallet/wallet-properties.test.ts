// Whatever happens, in whatever order: no prepaid account's true balance goes below zero, no post-paid one's below its credit, and the books explain every wallet.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawClaims } from '../../hub/draw.ts';
import { accountIdOf } from '../../hub/ids.ts';
import { MoneyRefused } from '../../hub/money-door.ts';
import { openDispute, refund, resolveDispute } from '../../hub/returns.ts';
import { settle } from '../../hub/settlement.ts';
import { hubStatus } from '../../hub/status.ts';
import type { Store } from '../../hub/store.ts';
import { promote, reward, topUpWallet, withdraw } from '../../hub/wallet-events.ts';
import { addAccount, giveTerms, setBudget } from '../../hub/wallet-terms.ts';
import { walletOf } from '../../hub/wallet.ts';
import type { Units } from '../../shared/units.ts';
import type { Payer } from '../hub/payer.ts';
import type { Bank } from './bank.ts';
import { openBank, balanceOf, UNIT_MICROS } from './bank.ts';

const CREDIT_MICROS = 25 * UNIT_MICROS;
const DAY_LIMIT_MICROS = 90 * UNIT_MICROS;
const NAMES = ['prepaid', 'post-paid', 'budgeted'] as const;
/** A unit limit of its own makes channels of different price. */
const LIMIT_UNITS = 30;

const action = fc.record({
  kind: fc.constantFrom(
    ...[
      'open',
      'open',
      'open',
      'pay',
      'pay',
      'pay',
      'close',
      'group',
      'top-up',
      'top-up',
      'withdraw',
      'promote',
      'reward',
      'refund',
      'dispute',
      'resolve',
    ],
    ...['release', 'draw', 'draw', 'settle', 'wait', 'wait', 'promote', 'prepaid', 'post-paid'],
  ),
  // Mostly the same: wallets break where things meet.
  who: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2, 2, 3, 4, 5),
  units: fc.integer({ min: 1, max: LIMIT_UNITS }),
});
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

interface Run {
  readonly bank: Bank;
  readonly payers: readonly { readonly name: (typeof NAMES)[number]; readonly payer: Payer; opened: number }[];
  step: number;
}

function openRun(): Run {
  const bank = openBank();
  for (const name of NAMES) addAccount(bank.store, name, bank.nowSeconds);
  giveTerms(bank.store, 'prepaid', { kind: 'prepaid', currency: 'EUR', creditMicros: 0 }, bank.nowSeconds);
  giveTerms(bank.store, 'post-paid', { kind: 'post-paid', currency: 'EUR', creditMicros: CREDIT_MICROS }, bank.nowSeconds);
  giveTerms(bank.store, 'budgeted', { kind: 'post-paid', currency: 'EUR', creditMicros: 1e9 }, bank.nowSeconds);
  setBudget(bank.store, 'budgeted', { dayZone: 'UTC', limitMicros: DAY_LIMIT_MICROS }, bank.nowSeconds);
  // The prepaid account is paid by the others, too: what it earns is not its wallet's.
  const pairs = NAMES.flatMap((name) => [0, 1].map((i) => [name, name === 'prepaid' || i === 0 ? 'bob' : 'prepaid'] as const));
  return {
    bank,
    payers: pairs.map(([name, payee]) => ({
      name,
      payer: bank.enrol({ payer: name, payee, limitUnits: LIMIT_UNITS }),
      opened: 0,
    })),
    step: 0,
  };
}

/** Refusals are part of the game; anything else is not. */
function attempt(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof MoneyRefused)) throw error;
  }
}

function act(run: Run, { kind, who, units }: Action): void {
  const { bank, payers } = run;
  const { store, nowSeconds } = bank;
  const one = payers[who] ?? payers[0]!;
  const other = payers[(who + 1) % payers.length]!;
  const { name, payer } = one;
  const channel = Math.max(1, one.opened - (units % 2));
  const where = `${payer.config.device}/${channel}`;
  const amountMicros = units * UNIT_MICROS;
  const id = `${run.step++}`;
  switch (kind) {
    case 'open':
      return open(bank, one, units);
    case 'group':
      // Both in one group: what one takes the other must not have.
      return void bank.hearAll([one, other].map((it) => [it.payer, it.payer.commitment(it.opened + 1)] as const)).forEach(() => {
        for (const it of [one, other]) it.opened = store.channels.highest(it.payer.config.device);
      });
    case 'pay':
      return void bank.hear(payer, units % 3 === 0 ? payer.signed(channel, units) : payer.payword(channel, units));
    case 'close':
      return void bank.hear(payer, payer.signed(channel, units, true));
    case 'top-up':
      return attempt(() => topUpWallet(store, name, { id, amountMicros: amountMicros * 2, nowSeconds }));
    case 'withdraw':
      return attempt(() => withdraw(store, name, { id, amountMicros, nowSeconds }));
    case 'promote':
      return attempt(() =>
        promote(store, name, { id, amountMicros, priority: units * 7, expiresAtSeconds: nowSeconds + units * 3000, nowSeconds }),
      );
    case 'reward':
      return attempt(() => reward(store, payer.config.device, { id, amountMicros, nowSeconds }));
    case 'refund':
      return attempt(() => refund(store, where, { id, amountMicros, reason: 'r', nowSeconds }));
    case 'dispute':
      return attempt(() => openDispute(store, where, { id: `d${units % 4}`, amountMicros, reason: 'r', nowSeconds }));
    case 'resolve':
      return attempt(() => resolveDispute(store, `d${units % 4}`, who % 2 === 0 ? 'payer' : 'payee', nowSeconds));
    case 'release':
      if (one.opened > 0)
        store.atomically(() =>
          store.reservations.ask({ device: payer.config.device, number: channel as never, reason: 'r' }, nowSeconds),
        );
      return bank.release();
    case 'draw':
      return void drawClaims(store, nowSeconds);
    case 'settle':
      return void settle(store, { dryRun: false, nowSeconds });
    case 'wait':
      bank.nowSeconds += units * 2500;
      return;
    case 'prepaid':
      return attempt(() => giveTerms(store, name, { kind: 'prepaid', currency: 'EUR', creditMicros: 0 }, nowSeconds));
    case 'post-paid':
      return attempt(() =>
        giveTerms(store, name, { kind: 'post-paid', currency: 'EUR', creditMicros: amountMicros }, nowSeconds),
      );
  }
}

function open(bank: Bank, one: Run['payers'][number], units: number): void {
  const [answer] = bank.hear(
    one.payer,
    one.payer.commitment(one.opened + 1, {
      limitUnits: Math.max(units, 5) as Units,
      chainUnits: 0 as Units,
      anchor: '\0'.repeat(16) as never,
    }),
  );
  if (answer === `${one.opened + 1}:0`) one.opened++;
}

function assertHolds({ bank }: Run): void {
  const { store, nowSeconds } = bank;
  for (const name of NAMES) {
    const account = accountIdOf(name);
    const wallet = walletOf(store, account) ?? expect.fail(`${name} has no terms`);
    const { trueMicros, worstMicros } = balanceOf(store, name);
    expect(trueMicros, `true balance of ${name}`).toBeGreaterThanOrEqual(-wallet.terms.creditMicros);
    expect(worstMicros, `what may become of ${name}`).toBeGreaterThanOrEqual(-wallet.terms.creditMicros);
  }
  const opened = store.reservations.countedMicros({ account: accountIdOf('budgeted'), currency: 'EUR', ...dayOf(nowSeconds) });
  expect(opened, 'what the budget of the day counts').toBeLessThanOrEqual(DAY_LIMIT_MICROS);
  expect(faultsOf(store)).toEqual([]);
}

function dayOf(nowSeconds: number): { fromSeconds: number; untilSeconds: number } {
  const fromSeconds = Math.floor(nowSeconds / 86_400) * 86_400;
  return { fromSeconds, untilSeconds: fromSeconds + 86_400 };
}

function faultsOf(store: Store): unknown[] {
  return [...hubStatus(store).faults, ...store.wallets.differing(), ...store.claimDays.differing()];
}

test('no sequence of events takes a wallet below what it may come to', () => {
  fc.assert(
    fc.property(fc.array(action, { minLength: 20, maxLength: 50, size: 'max' }), (actions) => {
      const run = openRun();
      for (const one of actions) {
        act(run, one);
        assertHolds(run);
      }
      drawClaims(run.bank.store, run.bank.nowSeconds);
      assertHolds(run);
    }),
    { numRuns: 40 },
  );
}, 120_000);
