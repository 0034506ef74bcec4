// The rail of Lightning, against a local server built from LND's reference.

import { describe, expect, it } from 'vitest';
import type { LightningOptions } from '../../hub/rails/lightning.ts';
import { lightningRail } from '../../hub/rails/lightning.ts';
import { invoiceAmountMsat } from '../../hub/rails/lightning-destination.ts';
import type { Payout } from '../../hub/rails/rail.ts';
import { RailUnavailable } from '../../hub/rails/rail.ts';
import { Secret } from '../../hub/rails/secret.ts';
import { selfSigned } from '../hub/certificate.ts';
import type { RailFixture } from './conformance.ts';
import { breachesOf, conformance, payoutsOf } from './conformance.ts';
import type { LndServer } from './lnd-server.ts';
import { lndServer } from './lnd-server.ts';
import { memoryOf, NO_FEE, testClock } from './rail-world.ts';
import type { Served } from './served.ts';
import { served } from './served.ts';

const MACAROON = '0201036c6e64';
const REFUSING = nodeOf(99);
const HOUR_MS = 3_600_000;
const clock = testClock();

function nodeOf(number: number): string {
  return `02${String(number).padStart(64, '0')}`;
}

/** As long as a real one; what is in it only the node reads. */
function invoiceOf(number: number, prefix = `lnbcrt${20 + number}u`): string {
  return `${prefix}1${'q'.repeat(110)}${'qpzry9x8gf'[number % 10] ?? ''}`;
}

const OPTIONS: Omit<LightningOptions, 'url'> = {
  macaroon: new Secret(MACAROON),
  network: 'bcrt',
  fee: NO_FEE,
  maxMicros: 1_000_000_000_000,
  timeoutMs: 80,
  feeLimitMillionths: 10_000,
  giveUpMs: 24 * HOUR_MS,
};

function start(): Promise<Served<LndServer>> {
  const server = lndServer(MACAROON);
  server.failing.set(REFUSING, { reason: 'FAILURE_REASON_INCORRECT_PAYMENT_DETAILS', times: Infinity });
  for (let number = 0; number < 5; number++) {
    server.invoices.set(invoiceOf(number), {
      hash: `${number}`.padStart(64, 'a'),
      node: nodeOf(number),
      msat: 2_000_000 + number * 100_000,
    });
  }
  return served(server, clock, (url) => lightningRail({ ...OPTIONS, url }, clock));
}

const keysend: RailFixture = {
  name: 'lightning, to nodes',
  direction: 'pay',
  currency: 'SAT',
  amountMicros: (number) => 1_234_567_000 + number * 1000,
  particulars: (number) => ({ lightningNode: nodeOf(number) }),
  address: nodeOf,
  refused: [
    { particulars: {}, field: 'lightningNode' },
    { particulars: { lightningNode: '05' }, field: 'lightningNode' },
    { particulars: { lightningAddress: 'me@example.com' }, field: 'lightningAddress' },
  ],
  unpayable: { lightningNode: REFUSING },
  start,
};

const invoices: RailFixture = {
  ...keysend,
  name: 'lightning, to invoices',
  amountMicros: (number) => (2_000_000 + number * 100_000) * 1000,
  particulars: (number) => ({ lightningInvoice: invoiceOf(number) }),
  refused: [
    { particulars: { lightningInvoice: 'lnbc1' }, field: 'lightningInvoice' },
    { particulars: { lightningInvoice: invoiceOf(0, 'lnbc20u') }, field: 'lightningInvoice' },
    { particulars: { lightningInvoice: invoiceOf(0, 'lnbcrt') }, field: 'lightningInvoice' },
  ],
  unpayable: { lightningInvoice: invoiceOf(7) },
};

conformance(keysend);
conformance(invoices);

async function tried(
  fixture: RailFixture,
  look: (counterpart: Served<LndServer>, payout: Payout) => Promise<void>,
): Promise<void> {
  const counterpart = await start();
  const [payout] = payoutsOf(fixture, await counterpart.open(), 2) as [Payout];
  await look(counterpart, payout);
  await counterpart.close();
}

describe('lightning', () => {
  it('tries again under the same hash when no route was found, and says what routing cost', () =>
    tried(keysend, async (counterpart, payout) => {
      counterpart.server.failing.set(nodeOf(0), { reason: 'FAILURE_REASON_NO_ROUTE', times: 2 });
      const rail = await counterpart.open();
      const memory = memoryOf();
      await rail.submit([payout], memory);
      for (let hour = 0; hour < 4; hour++) {
        await counterpart.passTime();
        await rail.poll([payout], memory);
      }
      expect((await rail.poll([payout], memory)).get(payout.id)).toMatchObject({ kind: 'settled', feeMicros: 1_200_000 });
      expect(counterpart.server.payments.size).toBe(1);
    }));

  it('gives up after a day without a route, and for good', () =>
    tried(keysend, async (counterpart, payout) => {
      counterpart.server.failing.set(nodeOf(0), { reason: 'FAILURE_REASON_NO_ROUTE', times: 30 });
      const rail = await counterpart.open();
      const memory = memoryOf();
      let kind: string | undefined;
      for (let hour = 0; hour < 30 && kind !== 'rejected'; hour++) {
        kind = (await rail.submit([payout], memory)).get(payout.id)?.kind;
        await counterpart.passTime();
      }
      expect(kind).toBe('rejected');
      counterpart.server.failing.clear();
      expect((await rail.submit([payout], memory)).get(payout.id)?.kind).toBe('rejected');
      await counterpart.passTime();
      expect(counterpart.server.moved).toEqual([]);
    }));

  it('pays nothing again that the node was told to forget', () =>
    tried(keysend, async (counterpart, payout) => {
      const rail = await counterpart.open();
      const memory = memoryOf();
      await rail.submit([payout], memory);
      await counterpart.passTime();
      expect((await rail.poll([payout], memory)).get(payout.id)?.kind).toBe('settled');
      counterpart.server.payments.clear();
      expect((await rail.poll([payout], memory)).get(payout.id)?.kind).toBe('settled');
      await counterpart.passTime();
      expect(counterpart.server.moved).toHaveLength(1);
    }));

  it('pays an invoice for one payout, and never over another amount', () =>
    tried(invoices, async (counterpart, payout) => {
      const rail = await counterpart.open();
      const memory = memoryOf();
      const other = { ...payout, id: 'e'.repeat(32) as Payout['id'] };
      const less = { ...payout, id: 'd'.repeat(32) as Payout['id'], amountMicros: payout.amountMicros - 1_000_000 };
      await rail.submit([payout], memory);
      await counterpart.passTime();
      const outcomes = await rail.submit([payout, other, less], memory);
      expect([payout, other, less].map(({ id }) => outcomes.get(id))).toMatchObject([
        { kind: 'settled' },
        { kind: 'rejected', why: expect.stringMatching(/not given for another payout/) as string },
        { kind: 'rejected', why: expect.stringMatching(/expected an invoice over 1999000 msat, got one over 2000000/) as string },
      ]);
      expect(counterpart.server.moved).toHaveLength(1);
    }));

  it('reads the amount of an invoice as BOLT 11 has it', () => {
    const amounts = ['lnbc', 'lnbc1m', 'lnbc2500u', 'lnbc20n', 'lnbc10p', 'lnbc15p', 'lnbc2'].map((prefix) =>
      invoiceAmountMsat(invoiceOf(0, prefix)),
    );
    expect(amounts).toEqual([undefined, 100_000_000, 250_000_000, 2000, 1, undefined, 200_000_000_000]);
  });

  it('speaks only with the node whose certificate it was given', async () => {
    const [own, other] = [selfSigned(), selfSigned()];
    for (const [certificate, works] of [
      [own.cert, true],
      [other.cert, false],
    ] as const) {
      const server = lndServer(MACAROON);
      const counterpart = await served(
        server,
        clock,
        (url) => lightningRail({ ...OPTIONS, url, certificate, timeoutMs: 2000 }, clock),
        own,
      );
      const rail = await counterpart.open();
      const [payout] = payoutsOf(keysend, rail, 2) as [Payout];
      const kind = await rail.submit([payout], memoryOf()).then(
        (outcomes) => outcomes.get(payout.id)?.kind,
        (error: unknown) => error,
      );
      if (works) expect(kind).toBe('accepted');
      else expect(kind).toBeInstanceOf(RailUnavailable);
      await counterpart.close();
    }
  });

  it('is found out by the suite when its preimage is not written down', async () => {
    const careless: RailFixture = {
      ...keysend,
      async start() {
        const counterpart = await start();
        const open = (): ReturnType<typeof lightningRail> => {
          const rail = counterpart.open() as ReturnType<typeof lightningRail>;
          return {
            ...rail,
            submit: (payouts, memory) =>
              rail.submit(payouts, {
                get: (key) => memory.get(key),
                put: (key, value) => (key.startsWith('preimage:') ? undefined : memory.put(key, value)),
              }),
          };
        };
        return { ...counterpart, open };
      },
    };
    const breaches = await breachesOf(careless, [
      { call: 'submit', faults: ['lost after'], restart: false, timePasses: true, all: true },
    ]);
    expect(breaches).toEqual(expect.arrayContaining([expect.stringMatching(/not again/)]));
  });
});
