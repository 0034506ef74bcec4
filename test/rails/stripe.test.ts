// The rail of Stripe with Stripe's own library, against a local server built from Stripe's reference.

import { describe, expect, it } from 'vitest';
import type { Direction, Payout, PayoutPart } from '../../hub/rails/rail.ts';
import { RailUnavailable } from '../../hub/rails/rail.ts';
import { Secret } from '../../hub/rails/secret.ts';
import type { CollectBy } from '../../hub/rails/stripe-collect-by.ts';
import { stripeRail } from '../../hub/rails/stripe.ts';
import type { Answered, Asked } from './faulty-server.ts';
import type { RailFixture, Step } from './conformance.ts';
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

function start(collectBy: CollectBy = 'payments', timeoutMs = 120): Promise<Served<StripeServer>> {
  const server = stripeServer(clock.nowMs, KEY);
  server.fates.set('acct_gone', 'resource_missing').set('pm_declined', 'card_declined').set('cus_gone', 'resource_missing');
  for (const [id, event_name] of Object.entries(METERS))
    server.metering.meters.push({ id: `mtr_${id}`, event_name, formula: 'sum', window: null });
  const meters = collectBy === 'meter-events' ? METERS : {};
  return served(server, clock, (url) => stripeRail({ ...OPTIONS, collectBy, meters, url, timeoutMs }, clock));
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
  const collectBy = fixture === invoice ? 'invoices' : fixture === meter ? 'meter-events' : 'payments';
  const counterpart = await start(collectBy, 2000);
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

  it('writes one invoice for a payer and a batch, with items that he can read and that sum to the cent', () =>
    tried(invoice, async (counterpart, payout) => {
      const rail = await counterpart.open();
      const { amountMicros } = payout;
      expect((await rail.submit([payout], memoryOf(), invoice.partsOf)).get(payout.id)?.kind).toBe('settled');
      const { invoices, items } = counterpart.server;
      expect(invoices).toMatchObject([{ customer: 'cus_0', status: 'paid', total: amountMicros / 10_000 }]);
      expect(items.map(({ description, amount }) => [description, amount])).toEqual([
        ['lobby: 3 vend of snacks for 1.234567 EUR', 123],
        ['hall: 70 Wh of power for 0.008999 EUR', 1],
        [`roof: 9 Wh of power for ${(amountMicros - 1_240_000) / 1e6} EUR`, amountMicros / 10_000 - 124],
      ]);
    }));

  it('goes on with a draft where it stands, when Stripe has long forgotten the keys', () =>
    tried(invoice, async (counterpart, payout) => {
      const { server } = counterpart;
      const rail = await counterpart.open();
      const answer = server.answer.bind(server);
      let left = 3; // the invoice and two of its three items
      server.answer = (asked) => (asked.method === 'POST' && left-- <= 0 ? { status: 503, body: '' } : answer(asked));
      await expect(rail.submit([payout], memoryOf(), invoice.partsOf)).rejects.toThrow(RailUnavailable);
      clock.pass(40 * 86_400_000);
      server.answer = answer;
      const memory = memoryOf({ [`payout:${payout.id}`]: JSON.stringify({ tries: 1, firstAtMs: 0 }) });
      expect((await rail.submit([payout], memory, invoice.partsOf)).get(payout.id)?.kind).toBe('settled');
      expect([server.invoices.length, server.items.length, server.moved.length]).toEqual([1, 3, 1]);
    }));

  it('pays no invoice to which somebody has added something', () =>
    tried(invoice, async (counterpart, payout) => {
      const { server } = counterpart;
      const rail = await counterpart.open();
      const memory = memoryOf();
      const answer = server.answer.bind(server);
      server.answer = (asked) => {
        if (asked.url.pathname.endsWith('/finalize'))
          server.items.push({ ...(server.items[0] as object), id: 'ii_x', amount: 100 } as never);
        return answer(asked);
      };
      await expect(rail.submit([payout], memory, invoice.partsOf)).rejects.toThrow(
        /expected invoice in_0 over \d+, got \d+; look at/,
      );
      expect(server.moved).toEqual([]);
    }));

  it('waits for a debit that takes days, and sees that an invoice was refunded', () =>
    tried(invoice, async (counterpart, payout) => {
      const { server } = counterpart;
      const rail = await counterpart.open();
      const memory = memoryOf();
      server.fates.set('pm_0', 'processing');
      expect((await rail.submit([payout], memory, invoice.partsOf)).get(payout.id)?.kind).toBe('accepted');
      expect((await rail.poll([payout], memory)).get(payout.id)?.kind).toBe('accepted');
      await counterpart.passTime();
      expect((await rail.poll([payout], memory)).get(payout.id)).toMatchObject({ kind: 'settled', reference: 'in_0' });
      Object.assign((server.intents[0] as unknown as { latest_charge: object }).latest_charge, { refunded: true });
      expect((await rail.poll([payout], memory)).get(payout.id)?.kind).toBe('reversed');
    }));

  it('voids an invoice that was declined or left uncollectible, so that nobody can pay it later', () =>
    tried(invoice, async (counterpart, payout) => {
      const { server } = counterpart;
      const rail = await counterpart.open();
      const declined = { ...payout, destination: { customer: 'cus_1', method: 'pm_declined', by: 'invoices' } };
      expect((await rail.submit([declined], memoryOf(), invoice.partsOf)).get(payout.id)).toEqual({
        kind: 'rejected',
        why: 'Stripe: card_declined, insufficient_funds',
      });
      expect(server.invoices[0]?.status).toBe('void');
      const gone = {
        ...payout,
        id: 'f'.repeat(32) as Payout['id'],
        destination: { customer: 'cus_1', method: 'pm_gone', by: 'invoices' },
      };
      server.fates.set('pm_gone', 'resource_missing');
      expect((await rail.submit([gone], memoryOf(), invoice.partsOf)).get(gone.id)?.kind).toBe('rejected');
      expect(server.invoices[1]?.status).toBe('void');
    }));

  it('goes on with a payout in the way in which it began, when the configuration has changed meanwhile', () =>
    tried(collect, async (counterpart, payout) => {
      const { server, door } = counterpart;
      const memory = memoryOf();
      counterpart.meet('lost after');
      await expect((await counterpart.open()).submit([payout], memory)).rejects.toThrow(RailUnavailable);
      const changed = stripeRail({ ...OPTIONS, collectBy: 'invoices', meters: {}, url: door.url, timeoutMs: 2000 }, clock);
      clock.pass(30 * 3_600_000);
      expect((await changed.submit([payout], memory, invoice.partsOf)).get(payout.id)).toMatchObject({
        kind: 'settled',
        reference: 'pi_0',
      });
      expect([server.invoices.length, server.moved.length]).toEqual([0, 1]);
    }));

  it('reports usage by unit, and calls it settled when the sums show it', () =>
    tried(meter, async (counterpart, payout) => {
      const { server } = counterpart;
      const rail = await counterpart.open();
      const memory = memoryOf();
      const partsOf = (): PayoutPart[] => [
        { device: 'a', payee: 'x', unit: 'vend', units: 3, amountMicros: 1 },
        { device: 'b', payee: 'x', unit: 'Wh', units: 50, amountMicros: 1 },
        { device: 'c', payee: 'y', unit: 'vend', units: 4, amountMicros: 1 },
      ];
      expect((await rail.submit([payout], memory, partsOf)).get(payout.id)?.kind).toBe('accepted');
      expect((await rail.poll([payout], memory)).get(payout.id)?.kind).toBe('accepted');
      server.work();
      expect((await rail.poll([payout], memory)).get(payout.id)?.kind).toBe('settled');
      expect(server.metering.events.map(({ name, identifier, customer, value }) => [name, identifier, customer, value])).toEqual([
        ['vends_sold', `tallystick-${payout.id}-vend`, 'cus_0', 7],
        ['energy', `tallystick-${payout.id}-Wh`, 'cus_0', 50],
      ]);
    }));

  it.each([
    ['lost before', 2],
    ['lost after', 2],
    ['lost before', 40],
    ['lost after', 40],
  ])('counts usage once when it is asked again, its first request %s, %i hours ago', (fault, hours) =>
    tried(meter, async (counterpart, payout) => {
      const rail = await counterpart.open();
      const memory = memoryOf();
      counterpart.meet(fault);
      await expect(rail.submit([payout], memory, meter.partsOf)).rejects.toThrow(RailUnavailable);
      await counterpart.passTime();
      clock.pass((hours - 1) * 3_600_000);
      await rail.submit([payout], memory, meter.partsOf);
      await counterpart.passTime();
      expect((await rail.poll([payout], memory)).get(payout.id)?.kind).toBe('settled');
      expect(counterpart.server.moved).toHaveLength(1);
    }),
  );

  it('gives each event of a customer a minute of its own, and sends nothing again where a sum is not its own', () =>
    tried(meter, async (counterpart, payout) => {
      const { events } = counterpart.server.metering;
      const rail = await counterpart.open();
      const memory = memoryOf();
      const other = { ...payout, id: 'e'.repeat(32) as Payout['id'] };
      counterpart.meet('lost after');
      await rail.submit([payout, other], memory, meter.partsOf).catch(() => undefined);
      expect(new Set(events.map(({ atSeconds }) => atSeconds)).size).toBe(2);
      await counterpart.passTime();
      events.push({ ...(events[0] as (typeof events)[0]), value: 5, identifier: 'of somebody else' });
      clock.pass(30 * 3_600_000);
      await expect(rail.submit([payout], memory, meter.partsOf)).rejects.toThrow(/report usage to this meter from nowhere else/);
      expect(events).toHaveLength(3);
    }));

  it('never calls usage settled that Stripe has taken and dropped', () =>
    tried(meter, async (counterpart, payout) => {
      const { server } = counterpart;
      const rail = await counterpart.open();
      const memory = memoryOf();
      await rail.submit([payout], memory, meter.partsOf);
      server.fates.set('cus_0', 'resource_missing');
      for (let hour = 0; hour < 30; hour++) await counterpart.passTime();
      expect((await rail.poll([payout], memory)).get(payout.id)?.kind).toBe('accepted');
      expect((await rail.submit([payout], memory, meter.partsOf)).get(payout.id)?.kind).toBe('accepted');
      expect([server.moved.length, server.metering.events.length]).toEqual([0, 1]);
    }));

  it('names a unit without a meter, and a meter that does not sum what comes as it comes', () =>
    tried(meter, async (counterpart, payout) => {
      const { meters } = counterpart.server.metering;
      const partsOf = (): PayoutPart[] => [{ device: 'a', payee: 'x', unit: 'second', units: 3, amountMicros: 1 }];
      await expect((await counterpart.open()).submit([payout], memoryOf(), partsOf)).rejects.toThrow(
        /meters.second: expected the name/,
      );
      for (const [change, sentence] of [
        [
          { formula: 'count' },
          /meters.vend: expected an active meter that sums "vends_sold" as it comes, got one that takes the count/,
        ],
        [{ formula: 'sum', window: 'day' }, /got one that is summed by the day/],
        [{ event_name: 'else' }, /got none of that name/],
      ] as const) {
        Object.assign(meters[0] as object, change);
        await expect((await counterpart.open()).submit([payout], memoryOf(), meter.partsOf)).rejects.toThrow(sentence);
      }
    }));

  /** Its counterpart answers some questions wrongly, and days go by. */
  const forgetful = (fixture: RailFixture, wrong: (asked: Asked) => Answered | undefined): RailFixture => ({
    ...fixture,
    async start() {
      const counterpart = (await fixture.start()) as Served<StripeServer>;
      const answer = counterpart.server.answer.bind(counterpart.server);
      counterpart.server.answer = (asked) => wrong(asked) ?? answer(asked);
      return { ...counterpart, passTime: async () => (clock.pass(DAY_MS), counterpart.passTime()) };
    },
  });
  const NOTHING = { status: 200, body: '{"object":"list","data":[],"has_more":false}' };
  const lost: Step = {
    call: 'submit',
    faults: ['lost after', 'lost after', 'lost after'],
    restart: false,
    timePasses: true,
    all: true,
  };

  it('is found out by the suite when it does not look before it asks again', async () => {
    const blind = forgetful(pay, ({ url }) => (url.searchParams.has('transfer_group') ? NOTHING : undefined));
    expect(await breachesOf(blind, [lost])).toEqual(expect.arrayContaining([expect.stringMatching(/not again/)]));
  });

  it('is found out by the suite when it does not look at the items of a draft before it adds some', async () => {
    let dropped = 3;
    const blind = forgetful(invoice, ({ url }) => {
      if (url.pathname.endsWith('/lines')) return NOTHING;
      return url.pathname.endsWith('/finalize') && dropped-- > 0 ? { status: 503, body: '' } : undefined;
    });
    expect(await breachesOf(blind, [{ ...lost, faults: [] }])).toEqual(
      expect.arrayContaining([expect.stringMatching(/expected settled in the end/)]),
    );
  }, 120_000);
});

const DAY_MS = 86_400_000;
