// The rail of PayPal, against a local server built from PayPal's reference.

import { describe, expect, it } from 'vitest';
import { paypalRail } from '../../hub/rails/paypal.ts';
import { RailUnavailable } from '../../hub/rails/rail.ts';
import { Secret } from '../../hub/rails/secret.ts';
import type { Counterpart, RailFixture } from './conformance.ts';
import { breachesOf, conformance, payoutsOf } from './conformance.ts';
import type { PaypalServer } from './paypal-server.ts';
import { paypalServer } from './paypal-server.ts';
import { memoryOf, NO_FEE, testClock } from './rail-world.ts';
import type { Served } from './served.ts';
import { served } from './served.ts';

const BLOCKED = 'blocked@example.com';
const clock = testClock();
const OPTIONS = {
  clientId: new Secret('id'),
  clientSecret: new Secret('secret'),
  currencies: ['EUR', 'JPY'],
  fee: NO_FEE,
  maxMicros: 20_000_000_000,
  timeoutMs: 80,
  subject: 'You have a payout',
};

async function start(): Promise<Served<PaypalServer>> {
  const server = paypalServer(clock.nowMs, 'id:secret');
  server.ends.set(BLOCKED, 'FAILED');
  return served(server, clock, (url) => paypalRail({ ...OPTIONS, url }, clock));
}

const fixture: RailFixture = {
  name: 'paypal',
  direction: 'pay',
  currency: 'EUR',
  amountMicros: (number) => 1_230_000 + number * 10_000,
  particulars: (number) => ({ paypalReceiver: `payee${number}@example.com` }),
  address: (number) => `payee${number}@example.com`,
  refused: [
    { particulars: {}, field: 'paypalReceiver' },
    { particulars: { paypalReceiver: 'nobody' }, field: 'paypalReceiver' },
    { particulars: { paypalReceiver: 'ABC' }, field: 'paypalReceiver' },
  ],
  unpayable: { paypalReceiver: BLOCKED },
  start,
};

conformance(fixture);

describe('paypal', () => {
  it('says what has become of an item in each state', async () => {
    const counterpart = await start();
    const rail = await counterpart.open();
    const [payout] = payoutsOf(fixture, rail, 1);
    if (payout === undefined) throw new Error('expected a payout');
    const memory = memoryOf();
    await rail.submit([payout], memory);
    const kinds: Record<string, string | undefined> = {};
    for (const status of ['PENDING', 'UNCLAIMED', 'ONHOLD', 'NEVER_HEARD_OF', 'SUCCESS', 'REVERSED', 'REFUNDED']) {
      counterpart.server.setStatus(payout.id, status);
      kinds[status] = (await rail.poll([payout], memory)).get(payout.id)?.kind;
    }
    expect(kinds).toEqual({
      PENDING: 'accepted',
      UNCLAIMED: 'accepted',
      ONHOLD: 'accepted',
      NEVER_HEARD_OF: 'accepted',
      SUCCESS: 'settled',
      REVERSED: 'reversed',
      REFUNDED: 'reversed',
    });
    await counterpart.close();
  });

  it('never sends again what had no answer for longer than PayPal remembers', async () => {
    const counterpart = await start();
    const rail = await counterpart.open();
    const payouts = payoutsOf(fixture, rail, 2).slice(0, 1);
    const memory = memoryOf();
    counterpart.meet('lost after');
    await expect(rail.submit(payouts, memory)).rejects.toThrow(RailUnavailable);
    clock.pass(31 * 86_400_000);
    await expect(rail.submit(payouts, memory)).rejects.toThrow(/29 days/);
    expect(counterpart.server.batches()).toHaveLength(1);
    await counterpart.close();
  });

  it('does not let payouts that never have an answer hold up the others', async () => {
    const counterpart = await start();
    const rail = await counterpart.open();
    const payouts = payoutsOf(fixture, rail, 9).slice(0, 8);
    const memory = memoryOf();
    for (let time = 0; time < 4; time++) counterpart.meet('lost after');
    await rail.submit(payouts.slice(0, 4), memory).catch(() => undefined);
    clock.pass(31 * 86_400_000);
    for (let call = 0; call < 2; call++) await rail.submit(payouts, memory).catch(() => undefined);
    counterpart.server.work();
    const outcomes = await rail.poll(payouts, memory);
    expect(payouts.map(({ id }) => outcomes.get(id)?.kind)).toEqual([
      ...Array<undefined>(4),
      ...Array<string>(4).fill('settled'),
    ]);
    await counterpart.close();
  });

  it('names neither secret nor token in what it says', async () => {
    const counterpart = await start();
    const rail = paypalRail(
      { ...OPTIONS, url: 'http://127.0.0.1:1', clientId: new Secret('hush-id'), clientSecret: new Secret('hush') },
      clock,
    );
    const payouts = payoutsOf(fixture, rail, 1);
    const error = await rail.submit(payouts, memoryOf()).then(String, (error: unknown) => JSON.stringify([String(error), error]));
    expect(error).toContain('127.0.0.1');
    expect(error).not.toContain('hush');
    await counterpart.close();
  });

  it('is found out by the suite when a retry takes another id', async () => {
    const forgetful: RailFixture = {
      ...fixture,
      async start() {
        const counterpart = await start();
        let tries = 0;
        return { ...counterpart, open: async () => withNewIds(await counterpart.open(), () => tries++) };
      },
    };
    const breaches = await breachesOf(forgetful, [
      { call: 'submit', faults: ['lost after'], restart: false, timePasses: true, all: true },
    ]);
    expect(breaches).toEqual(expect.arrayContaining([expect.stringMatching(/not again/)]));
  });
});

/** A rail as it must not be: what it calls a payout on the outside is new each time. */
function withNewIds(rail: Awaited<ReturnType<Counterpart['open']>>, next: () => number): typeof rail {
  return {
    ...rail,
    async submit(payouts, memory) {
      const renamed = new Map(payouts.map((payout) => [payout.id.slice(0, 24) + String(next()).padStart(8, '0'), payout]));
      const asked = [...renamed].map(([id, payout]) => ({ ...payout, id: id as typeof payout.id }));
      const outcomes = await rail.submit(asked, memory);
      return new Map([...outcomes].map(([id, outcome]) => [renamed.get(id)?.id as typeof id, outcome]));
    },
    poll: () => Promise.resolve(new Map()),
  };
}
