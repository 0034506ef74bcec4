// Payouts from what is due to what has moved: routes, thresholds, cents, carry-over, and what a rail says, in any order.

import { describe, expect, onTestFinished, test } from 'vitest';
import { audit } from '../../hub/audit.ts';
import { accountIdOf } from '../../hub/ids.ts';
import { payoutOf } from '../../hub/payout.ts';
import { partsAmong } from '../../hub/payout-parts.ts';
import type { Outcome, PayoutPart, RailName } from '../../hub/rails/rail.ts';
import { applyRetention, setRetention } from '../../hub/retention.ts';
import type { Sent } from '../../hub/send.ts';
import { sendPayouts } from '../../hub/send.ts';
import type { Settlement } from '../../hub/settlement.ts';
import { settle } from '../../hub/settlement.ts';
import type { Store } from '../../hub/store.ts';
import { openStore } from '../../hub/store.ts';
import type { Terms } from '../../hub/terms.ts';
import { termsWith } from '../../hub/terms.ts';
import { freshFolder } from '../hub/fixture.ts';
import type { OwingChannel } from './owing.ts';
import { balanceOf, openChannel, settledUnits } from './owing.ts';
import type { ToldRail } from './told-rail.ts';
import { toldRail } from './told-rail.ts';

const SETTLED: Outcome = { kind: 'settled', reference: 'r' };
const REJECTED: Outcome = { kind: 'rejected', why: 'no such account' };

interface Scene {
  readonly store: Store;
  readonly rail: ToldRail;
  readonly channel: OwingChannel;
  readonly terms: Terms;
  now: number;
  settle(options?: { all?: boolean; dryRun?: boolean }): Settlement;
  send(): Promise<Sent>;
  route(name: string, direction: 'pay' | 'collect', rail?: RailName): void;
}

/** Alice owes bob, at 1.2345 cents a unit. */
function scene(changes: Partial<Terms> = {}, rail = toldRail()): Scene {
  const store = openStore(freshFolder());
  onTestFinished(() => store.close());
  const channel = openChannel(store, 'one', { payer: 'alice', payee: 'bob', currency: 'EUR', priceMicros: 12_345 });
  const terms = termsWith([rail], changes);
  const made: Scene = {
    ...{ store, rail, channel, terms, now: 1000 },
    settle: ({ all = false, dryRun = false } = {}) => settle(store, { dryRun, nowSeconds: made.now, terms, all }),
    send: () => sendPayouts(store, terms, made.now),
    route: (name, direction, to = 'sepa') =>
      store.atomically(() => store.routes.route(accountIdOf(name), direction, to, made.now)),
  };
  return made;
}

/** The newest first. */
function partsOfNewest(store: Store, count: number): Array<readonly PayoutPart[]> {
  const payouts = store.payouts.newest(count).map((row) => payoutOf(row, '', {}));
  return payouts.map(partsAmong(store, payouts));
}

const states = (store: Store): string[] =>
  store.payouts
    .newest(100)
    .map((payout) => payout.state)
    .reverse();

describe('a payee that is routed', () => {
  test('is paid in whole cents, and what is left goes into the next payout', async () => {
    const { store, rail, channel, ...it } = scene();
    it.route('bob', 'pay');
    channel.accept(100, 1); // 1.2345 EUR
    expect(it.settle()).toMatchObject({
      payouts: [{ grossMicros: 1_234_500, carriedMicros: 0, amountMicros: 1_230_000 }],
      held: [],
    });
    expect(states(store)).toEqual(['prepared']);
    rail.says.set('bob', SETTLED);
    expect((await it.send()).followed).toMatchObject([{ kind: 'moved', from: 'sent', to: 'settled' }, { kind: 'known' }]);
    expect(settledUnits(store, channel)).toBe(100);
    expect(balanceOf(store, 'bob')).toBe(4_500);
    expect(balanceOf(store, 'hub/bank')).toBe(1_230_000);
    expect(store.batches.newest(1)[0]?.state).toBe('settled');
    channel.accept(100, 2);
    expect(it.settle().payouts).toMatchObject([{ grossMicros: 1_234_500, carriedMicros: 4_500, amountMicros: 1_230_000 }]);
    await it.send();
    expect(balanceOf(store, 'bob')).toBe(9_000);
    expect(audit(store)).toEqual([]);
  });

  test('waits as long as the rail has not said, and nothing is concluded from that', async () => {
    const { store, rail, channel, ...it } = scene();
    it.route('bob', 'pay');
    channel.accept(100, 1);
    it.settle();
    rail.isGone = true;
    expect((await it.send()).unavailable).toEqual([{ rail: 'sepa', why: 'expected an answer from the bank, got none' }]);
    rail.isGone = false;
    await it.send();
    await it.send();
    expect(states(store)).toEqual(['sent']);
    expect(settledUnits(store, channel)).toBe(0);
    expect(new Set(rail.submitted.map((payouts) => JSON.stringify(payouts))).size).toBe(1); // the same, each time
    rail.says.set('bob', { kind: 'accepted', reference: 'q' });
    await it.send();
    expect(states(store)).toEqual(['accepted']);
    rail.says.set('bob', SETTLED);
    await it.send();
    expect(settledUnits(store, channel)).toBe(100);
    expect(audit(store)).toEqual([]);
  });

  test('is not paid again because the rail was made to forget it while another payout of its batch has no answer', async () => {
    const paid: string[] = [];
    const carolIs = { there: false };
    const rail = toldRail({
      // As rails do whose counterpart forgets: what was paid is in the memory alone.
      submit: (payouts, memory) => {
        const heard = payouts.filter(({ account }) => account === 'bob' || carolIs.there);
        for (const { id, account } of heard) {
          if (memory.get(`paid:${id}`) === undefined) paid.push(account);
          memory.put(`paid:${id}`, 'yes');
        }
        return Promise.resolve(new Map(heard.map(({ id }) => [id, SETTLED])));
      },
    });
    const { store, channel, ...it } = scene({}, rail);
    const other = openChannel(store, 'two', { payer: 'alice', payee: 'carol', currency: 'EUR', priceMicros: 12_345 });
    for (const name of ['bob', 'carol']) it.route(name, 'pay');
    for (const one of [channel, other]) one.accept(100, 1);
    it.settle();
    await it.send();
    expect([paid, states(store).sort()]).toEqual([['bob'], ['sent', 'settled']]);
    setRetention(store, 'rail-notes', '180', 1000);
    const later = 1000 + 200 * 86_400;
    const forgotten = (): unknown => applyRetention(store, later).find(({ kind }) => kind === 'rail-notes')?.rows;
    expect(forgotten()).toBe(0);
    await it.send();
    expect(paid).toEqual(['bob']);
    carolIs.there = true;
    await it.send();
    expect([paid, states(store)]).toEqual([
      ['bob', 'carol'],
      ['settled', 'settled'],
    ]);
    expect(forgotten()).toBe(2);
    await it.send();
    expect(paid).toEqual(['bob', 'carol']);
    expect(audit(store)).toEqual([]);
  });

  test('is paid again, and once, when the rail has rejected: what was not moved is carried over', async () => {
    const { store, rail, channel, ...it } = scene();
    it.route('bob', 'pay');
    channel.accept(100, 1);
    it.settle();
    rail.says.set('bob', REJECTED);
    await it.send();
    expect(balanceOf(store, 'bob')).toBe(1_234_500);
    expect(it.settle().batch).toBeUndefined(); // not at once, for the same reason
    channel.accept(100, 2);
    expect(it.settle().payouts).toMatchObject([{ grossMicros: 1_234_500, carriedMicros: 1_234_500, amountMicros: 2_460_000 }]);
    expect(store.batches.newest(2).map((batch) => batch.state)).toEqual(['sent', 'sent']);
    const [second, first] = partsOfNewest(store, 2);
    const part = { device: 'one', payee: 'bob', unit: 'use' };
    expect([first, second]).toEqual([
      [{ ...part, units: 100, amountMicros: 1_234_500 }],
      [{ ...part, units: 200, amountMicros: 2_469_000 }], // what the rejected one was made of, too
    ]);
    rail.says.set('bob', SETTLED);
    await it.send();
    expect(settledUnits(store, channel)).toBe(200);
    expect(store.batches.newest(2).map((batch) => batch.state)).toEqual(['settled', 'settled']);
    expect(balanceOf(store, 'bob')).toBe(9_000);
    expect(audit(store)).toEqual([]);
  });

  test('is paid again without new lines, a day later', async () => {
    const { store, rail, channel, ...it } = scene();
    it.route('bob', 'pay');
    channel.accept(100, 1);
    it.settle();
    rail.says.set('bob', REJECTED);
    await it.send();
    rail.says.set('bob', SETTLED);
    settle(store, { dryRun: false, nowSeconds: 1000 + 86_400, terms: it.terms });
    await it.send();
    expect(states(store)).toEqual(['rejected', 'settled']);
    expect(settledUnits(store, channel)).toBe(100);
    expect(audit(store)).toEqual([]);
  });

  test('is owed again when the money came back, and what is settled stays settled', async () => {
    const { store, rail, channel, ...it } = scene();
    it.route('bob', 'pay');
    channel.accept(100, 1);
    it.settle();
    rail.says.set('bob', { ...SETTLED, feeMicros: 100 });
    await it.send();
    rail.says.set('bob', { kind: 'reversed', reference: 'r', why: 'account closed' });
    await it.send();
    expect([balanceOf(store, 'bob'), balanceOf(store, 'hub/bank'), balanceOf(store, 'hub/fees')]).toEqual([1_234_500, 100, -100]);
    expect(settledUnits(store, channel)).toBe(100);
    channel.accept(1, 2);
    it.settle();
    rail.says.set('bob', SETTLED);
    await it.send();
    expect(states(store)).toEqual(['reversed', 'settled']);
    expect(balanceOf(store, 'bob')).toBe((1_234_500 + 12_345) % 10_000);
    expect(audit(store)).toEqual([]);
  });

  test.each([
    ['after another one', [false, true]],
    ['as the first one, in young books', [true, false]],
  ])('is owed again also when the payout was prepared while the clock stood years back, %s', async (_, backs) => {
    const it = scene();
    const years = 10 * 365 * 86_400;
    const pay = async (units: number): Promise<void> => {
      it.channel.accept(units, 1);
      it.settle();
      it.rail.says.set('bob', SETTLED);
      await it.send();
    };
    it.now = 1000 + years;
    it.channel.accept(1, 1);
    it.settle(); // between themselves
    it.route('bob', 'pay');
    for (const back of backs) {
      it.now -= back ? years : 0;
      await pay(100);
      it.now += back ? years : 0;
    }
    it.now += 60;
    it.rail.says.set('bob', { kind: 'reversed', reference: 'r', why: 'account closed' });
    await it.send();
    expect(states(it.store)).toEqual(['reversed', 'reversed']);
    expect(audit(it.store)).toEqual([]);
  });

  test('is paid what came back also when a payout can be no larger, and less than a cent was left', async () => {
    const { store, rail, channel, ...it } = scene({}, toldRail({ maxMicros: 1_230_000 }));
    it.route('bob', 'pay');
    channel.accept(100, 1); // 1.2345 EUR: as much as one payout moves, and some
    it.settle();
    rail.says.set('bob', SETTLED);
    await it.send();
    rail.says.set('bob', { kind: 'reversed', reference: 'r', why: 'account closed' });
    await it.send();
    expect(it.settle({ all: true }).payouts).toMatchObject([
      { grossMicros: 0, carriedMicros: 1_234_500, amountMicros: 1_230_000 },
    ]);
    rail.says.set('bob', SETTLED);
    await it.send();
    expect(balanceOf(store, 'bob')).toBe(4_500);
    expect(audit(store)).toEqual([]);
  });

  test('a payer that is routed too is collected from; the line is settled when both have moved', async () => {
    const { store, rail, channel, ...it } = scene();
    it.route('bob', 'pay');
    it.route('alice', 'collect');
    channel.accept(100, 1);
    it.settle();
    rail.says.set('bob', SETTLED);
    await it.send();
    expect(settledUnits(store, channel)).toBe(0);
    rail.says.set('alice', SETTLED);
    await it.send();
    expect(settledUnits(store, channel)).toBe(100);
    expect([balanceOf(store, 'alice'), balanceOf(store, 'bob'), balanceOf(store, 'hub/bank')]).toEqual([-4_500, 4_500, 0]);
    expect(audit(store)).toEqual([]);
  });
});

test('counts rise without a gap when a later batch is paid first', async () => {
  const { store, rail, channel, ...it } = scene();
  it.route('bob', 'pay');
  channel.accept(100, 1);
  it.settle();
  await it.send();
  const [first] = store.payouts.newest(1);
  channel.accept(50, 2);
  it.settle();
  const [second] = store.payouts.newest(1);
  rail.poll = () => Promise.resolve(new Map([[second?.id ?? ('' as never), SETTLED]]));
  await it.send();
  expect(states(store)).toEqual(['sent', 'settled']);
  expect(settledUnits(store, channel)).toBe(0);
  rail.poll = () => Promise.resolve(new Map([[first?.id ?? ('' as never), SETTLED]]));
  await it.send();
  expect(settledUnits(store, channel)).toBe(150);
  expect(store.batches.newest(2).map((batch) => batch.state)).toEqual(['settled', 'settled']);
  expect(audit(store)).toEqual([]);
});

describe('not yet', () => {
  const dear = (): ToldRail =>
    toldRail({ fee: { perBatchMicros: 0, fixedMicros: 200_000, shareMillionths: 0, minMicros: 0, maxMicros: undefined } });

  test.each<[string, ToldRail, Partial<Terms>, number, string]>([
    ['a fee above one per cent', dear(), {}, 1000, 'a fee of 0.20 EUR is more than 1 % of 12.34'],
    ['less than a cent', toldRail(), {}, 0.5, '0.006 EUR is less than 0.01, the least that rail sepa moves'],
    [
      'less than the threshold',
      toldRail(),
      { thresholdOf: () => ({ minMicros: 20_000_000, maxFeeShareMillionths: 10_000 }) },
      1000,
      '12.34 EUR is less than the threshold of 20.00',
    ],
    [
      'no IBAN',
      toldRail({ destinationOf: () => 'iban: expected an IBAN, got none' }),
      {},
      100,
      'iban: expected an IBAN, got none',
    ],
    ['a rail that is not configured', toldRail({ name: 'stripe' }), {}, 100, 'rail sepa is not configured'],
    ['another currency', toldRail({ unitMicros: () => undefined }), {}, 100, 'rail sepa does not move EUR'],
    ['a rail that only collects', toldRail({ directions: ['collect'] }), {}, 100, 'rail sepa does not pay'],
  ])('%s', (_name, rail, changes, units, why) => {
    const { store, channel, ...it } = scene(changes, rail);
    it.route('bob', 'pay');
    const cheap = openChannel(store, 'two', { payer: 'alice', payee: 'bob', currency: 'EUR', priceMicros: 6000 });
    if (units < 1) cheap.accept(1, 1);
    else channel.accept(units, 1);
    const before = it.settle({ dryRun: true });
    const { batch, held } = it.settle();
    expect(batch).toBeUndefined();
    expect(held).toEqual(before.held);
    expect(held[0]?.why).toContain(why);
    expect(store.batches.newest(1)).toEqual([]);
  });

  test('all overrides thresholds, and others are not held up', async () => {
    const { store, channel, rail, ...it } = scene({}, dear());
    it.route('bob', 'pay');
    channel.accept(1000, 1);
    const direct = openChannel(store, 'two', { payer: 'alice', payee: 'carol', currency: 'EUR', priceMicros: 5 });
    direct.accept(3, 1);
    expect(it.settle()).toMatchObject({
      batch: { state: 'settled', lines: [{ payee: 'carol' }] },
      held: [{ dueMicros: 12_345_000 }],
    });
    expect(it.settle({ all: true }).payouts).toMatchObject([{ amountMicros: 12_340_000, feeMicros: 200_000 }]);
    rail.says.set('bob', SETTLED);
    await it.send();
    expect(audit(store)).toEqual([]);
  });
});

test('a batch that needs approval goes nowhere before it has it', async () => {
  const { store, channel, rail, ...it } = scene({ approval: 'required' });
  it.route('bob', 'pay');
  channel.accept(100, 1);
  const { waiting } = it.settle();
  rail.says.set('bob', SETTLED);
  expect((await it.send()).followed).toEqual([]);
  expect(rail.submitted).toEqual([]);
  channel.accept(100, 1);
  expect(it.settle().waiting).toBe(waiting);
  store.atomically(() => store.routes.approve(waiting ?? '', 'carol', 5));
  expect(it.settle()).toMatchObject({ resumed: { id: waiting }, waiting: expect.any(String) as string });
  await it.send();
  expect(settledUnits(store, channel)).toBe(100);
});
