// The rail of Stripe with Stripe's own library, against a local server built from Stripe's reference.

import { describe, expect, it } from 'vitest';
import type { Direction, Payout } from '../../hub/rails/rail.ts';
import { RailUnavailable } from '../../hub/rails/rail.ts';
import { Secret } from '../../hub/rails/secret.ts';
import type { CollectBy } from '../../hub/rails/stripe-collect-by.ts';
import { stripeRail } from '../../hub/rails/stripe.ts';
import type { RailFixture } from './conformance.ts';
import { breachesOf, conformance, payoutsOf } from './conformance.ts';
import { memoryOf, NO_FEE, testClock } from './rail-world.ts';
import type { Served } from './served.ts';
import { served } from './served.ts';
import type { StripeServer } from './stripe-server.ts';
import { PRICE_MICROS, stripeServer } from './stripe-server.ts';

const KEY = 'sk_test_hushhushhush';
const clock = testClock();

const OPTIONS = {
  secretKey: new Secret(KEY),
  directions: ['pay', 'collect'] as Direction[],
  currencies: ['EUR', 'JPY', 'KWD', 'ISK'],
  fee: NO_FEE,
  maxMicros: 999_999_990_000,
  timeoutMs: 80,
};
const METERS = { vend: 'vends_sold', Wh: 'energy' };

function start(collectBy: CollectBy = 'payments'): Promise<Served<StripeServer>> {
  const server = stripeServer(clock.nowMs, KEY);
  server.fates.set('acct_gone', 'resource_missing').set('pm_declined', 'card_declined').set('cus_gone', 'resource_missing');
  for (const [id, event_name] of Object.entries(METERS))
    server.metering.meters.push({ id: `mtr_${id}`, event_name, formula: 'sum', window: null });
  const meters = collectBy === 'meter-events' ? METERS : {};
  return served(server, clock, (url) => stripeRail({ ...OPTIONS, collectBy, meters, url }, clock));
}

const pay: RailFixture = {
  name: 'stripe, paying by transfers',
  direction: 'pay',
  currency: 'EUR',
  amountMicros: (number) => 5_000_000 + number * 10_000,
  particulars: (number) => ({ stripeAccount: `acct_${number}` }),
  address: (number) => `acct_${number}`,
  refused: [
    { particulars: {}, field: 'stripeAccount' },
    { particulars: { stripeAccount: 'cus_1' }, field: 'stripeAccount' },
  ],
  unpayable: { stripeAccount: 'acct_gone' },
  start: () => start(),
};

const collect: RailFixture = {
  ...pay,
  name: 'stripe, collecting by payment intents',
  direction: 'collect',
  particulars: (number) => ({ stripeCustomer: `cus_${number}`, stripePaymentMethod: `pm_${number}` }),
  address: (number) => `cus_${number}`,
  refused: [
    { particulars: {}, field: 'stripeCustomer' },
    { particulars: { stripeCustomer: 'cus_1' }, field: 'stripePaymentMethod' },
  ],
  unpayable: { stripeCustomer: 'cus_9', stripePaymentMethod: 'pm_declined' },
};

const invoice: RailFixture = {
  ...collect,
  name: 'stripe, collecting by invoices',
  refused: [
    { particulars: {}, field: 'stripeCustomer' },
    { particulars: { stripeCustomer: 'cus_1', stripePaymentMethod: 'card_1' }, field: 'stripePaymentMethod' },
  ],
  partsOf: ({ amountMicros }) => [
    { device: 'lobby', payee: 'snacks', unit: 'vend', units: 3, amountMicros: 1_234_567 },
    { device: 'hall', payee: 'power', unit: 'Wh', units: 70, amountMicros: 8999 },
    { device: 'roof', payee: 'power', unit: 'Wh', units: 9, amountMicros: amountMicros - 1_240_000 },
  ],
  start: () => start('invoices'),
};

const meter: RailFixture = {
  ...collect,
  name: 'stripe, collecting by meter events',
  refused: [{ particulars: {}, field: 'stripeCustomer' }],
  unpayable: { stripeCustomer: 'cus_gone' },
  amountMicros: (number) => (number + 1) * PRICE_MICROS,
  partsOf: ({ amountMicros }) => [
    { device: 'lobby', payee: 'snacks', unit: 'vend', units: amountMicros / PRICE_MICROS, amountMicros },
  ],
  start: () => start('meter-events'),
};

for (const fixture of [pay, collect, invoice, meter]) conformance(fixture);

async function tried(
  fixture: RailFixture,
  look: (counterpart: Served<StripeServer>, payout: Payout) => Promise<void>,
): Promise<void> {
  const counterpart = (await fixture.start()) as Served<StripeServer>;
  const [payout] = payoutsOf(fixture, await counterpart.open(), 2) as [Payout];
  await look(counterpart, payout);
  await counterpart.close();
}

describe('stripe', () => {
  it.each([true, false])(
    'gets over an error of 500 that Stripe keeps under the key for a day, its effect done: %s',
    (withEffect) =>
      tried(pay, async (counterpart, payout) => {
        const rail = await counterpart.open();
        const memory = memoryOf();
        counterpart.server.failNext(withEffect);
        await expect(rail.submit([payout], memory)).rejects.toThrow(RailUnavailable);
        if (!withEffect) await expect(rail.submit([payout], memory)).rejects.toThrow(RailUnavailable);
        clock.pass(25 * 3_600_000);
        expect((await rail.submit([payout], memory)).get(payout.id)?.kind).toBe('settled');
        expect(counterpart.server.moved).toHaveLength(1);
      }),
  );

  it('looks for what it made before it asks again, also when it has lost its memory and Stripe the key', () =>
    tried(pay, async (counterpart, payout) => {
      const rail = await counterpart.open();
      const memory = memoryOf();
      counterpart.meet('lost after');
      await expect(rail.submit([payout], memory)).rejects.toThrow(RailUnavailable);
      clock.pass(40 * 86_400_000);
      expect((await rail.submit([payout], memory)).get(payout.id)?.kind).toBe('settled');
      expect((await rail.poll([payout], memoryOf())).get(payout.id)?.kind).toBe('settled');
      expect(counterpart.server.moved).toHaveLength(1);
    }));

  it('waits for funds', () =>
    tried(pay, async (counterpart, payout) => {
      const rail = await counterpart.open();
      counterpart.server.balanceMinor = 0;
      await expect(rail.submit([payout], memoryOf())).rejects.toThrow(/balance is too low/);
    }));

  it('sees a reversal, a refund and a lost dispute', () =>
    tried(pay, async (counterpart, payout) => {
      const rail = await counterpart.open();
      const memory = memoryOf();
      await rail.submit([payout], memory);
      Object.assign(counterpart.server.transfers[0] as object, { reversed: true });
      expect((await rail.poll([payout], memory)).get(payout.id)?.kind).toBe('reversed');
      for (const change of [{ refunded: true }, { disputed: true }]) {
        const [charged] = payoutsOf(collect, rail, 2) as [Payout];
        const fresh = { ...charged, id: `${charged.id.slice(1)}${change.refunded === true ? 1 : 2}` as Payout['id'] };
        await rail.submit([fresh], memory);
        const intent = counterpart.server.intents.at(-1) as unknown as { latest_charge: object; lost?: boolean };
        Object.assign(intent.latest_charge, change);
        intent.lost = true;
        expect((await rail.poll([fresh], memory)).get(fresh.id)?.kind).toBe('reversed');
      }
    }));

  it('cancels what was declined, so that nobody can pay it later, and says the fee of what was paid', () =>
    tried(collect, async (counterpart, payout) => {
      const rail = await counterpart.open();
      expect((await rail.submit([payout], memoryOf())).get(payout.id)).toEqual({
        kind: 'settled',
        reference: 'pi_0',
        feeMicros: 330_000,
      });
      const declined = {
        ...payout,
        id: 'f'.repeat(32) as Payout['id'],
        destination: { customer: 'cus_1', method: 'pm_declined' },
      };
      const outcome = (await rail.submit([declined], memoryOf())).get(declined.id);
      expect(outcome).toEqual({ kind: 'rejected', why: 'Stripe: card_declined, insufficient_funds' });
      expect(counterpart.server.intents.at(-1)?.status).toBe('canceled');
    }));

  it('does not believe a refusal while an earlier attempt may still be on its way', () =>
    tried(pay, async (counterpart, payout) => {
      const rail = await counterpart.open();
      const memory = memoryOf();
      const { account = '' } = payout.destination;
      counterpart.meet('no answer before');
      await expect(rail.submit([payout], memory)).rejects.toThrow(RailUnavailable);
      counterpart.server.fates.set(account, 'resource_missing');
      expect((await rail.submit([payout], memory)).get(payout.id)?.kind).toBe('sent');
      clock.pass(16 * 60_000);
      expect((await rail.submit([payout], memory)).get(payout.id)?.kind).toBe('rejected');
      counterpart.server.fates.delete(account);
      expect((await rail.submit([payout], memory)).get(payout.id)?.kind).toBe('rejected');
      expect(counterpart.server.moved).toEqual([]);
    }));

  it('counts in the units that Stripe counts each currency in', async () => {
    const counterpart = await start();
    const rail = await counterpart.open();
    expect(['EUR', 'JPY', 'KWD', 'ISK', 'USD'].map((currency) => rail.unitMicros(currency))).toEqual([
      10_000,
      1_000_000,
      10_000,
      1_000_000,
      undefined,
    ]);
    await counterpart.close();
  });

  it('never shows the key, whatever Stripe says of it', async () => {
    const server = stripeServer(clock.nowMs, 'sk_test_another');
    const counterpart = await served(server, clock, (url) =>
      stripeRail(
        {
          ...OPTIONS,
          collectBy: 'payments',
          meters: {},
          url,
        },
        clock,
      ),
    );
    const rail = await counterpart.open();
    const error = await rail
      .submit(payoutsOf(pay, rail, 2).slice(0, 1), memoryOf())
      .then(String, (failure: unknown) => JSON.stringify([String(failure), failure]));
    expect(error).toMatch(/refused the secret key/);
    expect(error).not.toMatch(/sk_test/);
    await counterpart.close();
  });

  it('is found out by the suite when it does not look before it asks again', async () => {
    const blind: RailFixture = {
      ...pay,
      async start() {
        const counterpart = await start();
        const answer = counterpart.server.answer.bind(counterpart.server);
        counterpart.server.answer = (asked) =>
          asked.url.searchParams.has('transfer_group')
            ? { status: 200, body: '{"object":"list","data":[],"has_more":false}' }
            : answer(asked);
        return { ...counterpart, passTime: async () => (clock.pass(DAY_MS), counterpart.passTime()) };
      },
    };
    const breaches = await breachesOf(blind, [
      { call: 'submit', faults: ['lost after', 'lost after', 'lost after'], restart: false, timePasses: true, all: true },
    ]);
    expect(breaches).toEqual(expect.arrayContaining([expect.stringMatching(/not again/)]));
  });
});

const DAY_MS = 86_400_000;
