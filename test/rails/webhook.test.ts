// The rail of webhooks, against a receiver on this machine: signatures, back-off, what is disabled, and where it must not go.

import * as fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { addressFault, guardedAddress } from '../../hub/rails/address-guard.ts';
import { deliveryOf, replayDelivery } from '../../hub/rails/deliveries.ts';
import type { Payout } from '../../hub/rails/rail.ts';
import { Secret } from '../../hub/rails/secret.ts';
import type { WebhookOptions } from '../../hub/rails/webhook.ts';
import { webhookRail } from '../../hub/rails/webhook.ts';
import type { RailFixture } from './conformance.ts';
import { breachesOf, conformance, payoutsOf } from './conformance.ts';
import { memoryOf, NO_FEE, testClock } from './rail-world.ts';
import type { Served } from './served.ts';
import { served } from './served.ts';
import type { WebhookReceiver } from './webhook-receiver.ts';
import { isSigned, webhookReceiver } from './webhook-receiver.ts';

const SECRET = `whsec_${Buffer.from('a secret of twenty-four!').toString('base64')}`;
const NEXT = `whsec_${Buffer.from('the next one, when it is').toString('base64')}`;
const HOUR_MS = 3_600_000;
const clock = testClock();

const OPTIONS: Omit<WebhookOptions, 'url'> = {
  secrets: [new Secret(SECRET)],
  allow: ['127.0.0.1'],
  directions: ['pay', 'collect'],
  currencies: ['EUR'],
  unitMicros: 1,
  maxMicros: 1_000_000_000_000,
  fee: NO_FEE,
  timeoutMs: 80,
  source: '/tallystick',
  settledBy: 'answer',
  askAgainMs: HOUR_MS,
};

const noNames = (host: string): Promise<readonly string[]> => Promise.reject(new Error(`no name ${host}`));

function start(options: Partial<WebhookOptions> = {}, slow = false): Promise<Served<WebhookReceiver>> {
  const receiver = webhookReceiver(SECRET);
  receiver.slow = slow;
  receiver.strangers.add('stranger');
  return served(receiver, clock, (url) => webhookRail({ ...OPTIONS, url: `${url}/hook?token=hush`, ...options }, clock, noNames));
}

const fixture: RailFixture = {
  name: 'webhook, to a service that settles at once',
  direction: 'pay',
  currency: 'EUR',
  amountMicros: (number) => 1_000_001 + number,
  particulars: (number) => ({ webhookReceiver: `payee ${number}` }),
  address: (number) => `payee ${number}`,
  refused: [
    { particulars: {}, field: 'webhookReceiver' },
    { particulars: { webhookReceiver: 'x'.repeat(201) }, field: 'webhookReceiver' },
  ],
  unpayable: { webhookReceiver: 'stranger' },
  start,
};

conformance(fixture);
conformance({ ...fixture, name: 'webhook, to a service that takes its time', start: () => start({}, true) });

async function tried(
  look: (counterpart: Served<WebhookReceiver>, payout: Payout) => Promise<void>,
  options: Partial<WebhookOptions> = {},
): Promise<void> {
  const counterpart = await start(options);
  const [payout] = payoutsOf(fixture, await counterpart.open(), 2) as [Payout];
  await look(counterpart, payout);
  await counterpart.close();
}

describe('webhook', () => {
  it('signs with every secret, under the same id and over the same bytes at each attempt', () =>
    tried(
      async (counterpart, payout) => {
        const rail = await counterpart.open();
        const memory = memoryOf();
        counterpart.server.instead.push({ status: 500, body: '' });
        await expect(rail.submit([payout], memory)).rejects.toThrow(/answered 500/);
        clock.pass(6000);
        expect((await rail.submit([payout], memory)).get(payout.id)?.kind).toBe('settled');
        const [first, second] = counterpart.server.seen as [never, never];
        for (const asked of [first, second]) expect([isSigned(asked, SECRET), isSigned(asked, NEXT)]).toEqual([true, true]);
        const { body, headers } = first as { body: string; headers: Record<string, string> };
        expect((second as { body: string }).body).toBe(body);
        expect((second as { headers: Record<string, string> }).headers['webhook-id']).toBe(headers['webhook-id']);
        expect((second as { headers: Record<string, string> }).headers['webhook-timestamp']).not.toBe(
          headers['webhook-timestamp'],
        );
        expect(JSON.parse(body)).toMatchObject({
          specversion: '1.0',
          id: payout.id,
          type: 'tallystick.payout.requested',
          data: { amount: '1.000001', amountMicros: 1_000_001 },
        });
      },
      { secrets: [new Secret(NEXT), new Secret(SECRET)] },
    ));

  it('is believed by the reference library', () =>
    tried(async (counterpart, payout) => {
      const now = { ...clock, nowMs: Date.now };
      const rail = webhookRail({ ...OPTIONS, url: `${counterpart.door.url}/hook` }, now, noNames);
      await rail.submit([payout], memoryOf());
      const [{ body, headers }] = counterpart.server.seen as unknown as [{ body: string; headers: Record<string, string> }];
      expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({ id: payout.id });
      expect(() => new Webhook(NEXT).verify(body, headers)).toThrow();
    }));

  it('tries for three days with growing pauses, across restarts, gives up, and goes on when it is replayed', () =>
    tried(async (counterpart, payout) => {
      const memory = memoryOf();
      const beganAtMs = clock.nowMs();
      const atMs: number[] = [];
      counterpart.server.instead.push(...Array.from({ length: 10 }, () => ({ status: 503, body: '' })));
      for (let minute = 0; minute < 80 * 60; minute += 2) {
        const before = counterpart.server.seen.length;
        await (await counterpart.open()).submit([payout], memory).catch(() => undefined);
        if (counterpart.server.seen.length > before) atMs.push(clock.nowMs() - beganAtMs);
        clock.pass(120_000);
      }
      expect(atMs).toHaveLength(10);
      expect(atMs.at(-1)).toBeGreaterThan(72 * HOUR_MS);
      expect(deliveryOf(memory, payout.id)).toMatchObject({ state: 'given-up', said: '503' });
      replayDelivery(memory, payout.id, clock.nowMs());
      expect((await (await counterpart.open()).submit([payout], memory)).get(payout.id)?.kind).toBe('settled');
    }));

  it('waits as long as it is asked to', () =>
    tried(async (counterpart, payout) => {
      const memory = memoryOf();
      const rail = await counterpart.open();
      counterpart.server.instead.push({ status: 429, body: '', headers: { 'retry-after': '7200' } });
      await rail.submit([payout], memory).catch(() => undefined);
      clock.pass(7_100_000);
      expect((await rail.submit([payout], memory)).get(payout.id)?.kind).toBe('sent');
      expect(counterpart.server.seen).toHaveLength(1);
      clock.pass(200_000);
      expect((await rail.submit([payout], memory)).get(payout.id)?.kind).toBe('settled');
    }));

  it('sends nothing more to a receiver that is gone, until it is replayed', () =>
    tried(async (counterpart, payout) => {
      const memory = memoryOf();
      const rail = await counterpart.open();
      counterpart.server.instead.push({ status: 410, body: '' });
      await expect(rail.submit([payout], memory)).rejects.toThrow(/410/);
      clock.pass(100 * HOUR_MS);
      await expect(rail.submit([payout], memory)).rejects.toThrow(/deliveries replay/);
      expect(counterpart.server.seen).toHaveLength(1);
      replayDelivery(memory, payout.id, clock.nowMs());
      expect((await rail.submit([payout], memory)).get(payout.id)?.kind).toBe('settled');
    }));

  it('takes a bare 2xx for a promise, or for the end where that is agreed; and a page in HTML for nothing', () =>
    tried(async (counterpart, payout) => {
      const delivery = webhookRail({ ...OPTIONS, url: counterpart.door.url, settledBy: 'delivery' }, clock, noNames);
      const answer = await counterpart.open();
      const kinds: unknown[] = [];
      for (const rail of [answer, delivery]) {
        for (const body of ['', '{}', '<html>sign in</html>']) {
          counterpart.server.instead.push({ status: 200, body });
          const outcome = await rail.submit([payout], memoryOf()).then(
            (outcomes) => outcomes.get(payout.id)?.kind,
            () => 'unavailable',
          );
          kinds.push(outcome);
        }
      }
      expect(kinds).toEqual(['accepted', 'accepted', 'unavailable', 'settled', 'settled', 'unavailable']);
    }));

  it('reads what the receiver says later', () =>
    tried(async (counterpart, payout) => {
      const rail = await counterpart.open();
      const read = (value: unknown): unknown =>
        rail.readReply?.(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), [payout], memoryOf());
      expect(read({ payout: payout.id, status: 'settled', reference: 'r1' })).toEqual({
        replies: [{ payout: payout.id, outcome: { kind: 'settled', reference: 'r1' } }],
        remarks: [],
      });
      expect(
        read([
          { payout: payout.id, status: 'quantum' },
          { payout: 'another', status: 'settled' },
        ]),
      ).toMatchObject({ replies: [], remarks: [expect.stringMatching(/quantum/), expect.stringMatching(/another/)] });
      expect(read('<xml/>')).toMatch(/^reply: expected/);
      expect(read([{ status: 'settled' }])).toMatch(/^reply: expected/);
    }));

  it('does not show what its address holds', () =>
    tried(async (counterpart, payout) => {
      const rail = await counterpart.open();
      await counterpart.close();
      const error = await rail.submit([payout], memoryOf()).then(String, String);
      expect(error).toContain('127.0.0.1');
      expect(error).not.toContain('hush');
    }));

  it('reads no more of an answer than it must', () =>
    tried(async (counterpart, payout) => {
      counterpart.server.instead.push({ status: 200, body: ' '.repeat(1_000_000) });
      await expect((await counterpart.open()).submit([payout], memoryOf())).rejects.toThrow(/more than 65536 bytes/);
    }));

  it('is found out by the suite when it sends each attempt under another id', async () => {
    const careless: RailFixture = {
      ...fixture,
      async start() {
        const counterpart = await start();
        let tries = 0;
        const answer = counterpart.server.answer.bind(counterpart.server);
        // As if the rail had put a new id into each event: to the receiver it is another one.
        counterpart.server.answer = (asked) => {
          const event = JSON.parse(asked.body) as { data: { payout: string } };
          const renamed = JSON.stringify({ ...event, data: { ...event.data, payout: `${event.data.payout}${tries++}` } });
          return answer({
            ...asked,
            body: renamed,
            headers: {
              ...asked.headers,
              'webhook-signature': new Webhook(SECRET).sign(
                String(asked.headers['webhook-id']),
                new Date(Number(asked.headers['webhook-timestamp']) * 1000),
                renamed,
              ),
            },
          });
        };
        return counterpart;
      },
    };
    const breaches = await breachesOf(careless, [
      { call: 'submit', faults: ['lost after'], restart: false, timePasses: true, all: true },
    ]);
    expect(breaches).toEqual(expect.arrayContaining([expect.stringMatching(/not again/)]));
  });
});

describe('where a webhook may go', () => {
  const PRIVATE = [
    '127.0.0.1',
    '10.1.2.3',
    '192.168.1.1',
    '172.16.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:0:1::',
  ];

  it.each(PRIVATE)('is not %s, as a name or as an address', async (address) => {
    const host = address.includes(':') ? `[${address}]` : address;
    expect(addressFault(new URL(`https://${host}/x`), [])).toMatch(/^expected a public address/);
    await expect(guardedAddress(new URL('https://hook.example/x'), [], () => Promise.resolve([address]))).rejects.toThrow(
      /^expected hook.example to lead to public addresses/,
    );
  });

  it.each(['https://2130706433/', 'https://0x7f.1/', 'https://0177.0.0.1/', 'https://127.1/'])(
    'is not %s, however it is written',
    (text) => {
      expect(addressFault(new URL(text), [])).toMatch(/^expected a public address/);
    },
  );

  it('is not a name that leads to a public address and a private one', async () => {
    const both = (): Promise<string[]> => Promise.resolve(['93.184.216.34', '10.0.0.1']);
    await expect(guardedAddress(new URL('https://hook.example/x'), [], both)).rejects.toThrow(/10\.0\.0\.1/);
  });

  it('is a public address, over https', async () => {
    const one = (): Promise<string[]> => Promise.resolve(['93.184.216.34']);
    expect(await guardedAddress(new URL('https://hook.example/x'), [], one)).toBe('93.184.216.34');
    await expect(guardedAddress(new URL('http://hook.example/x'), [], one)).rejects.toThrow(/^expected https/);
    await expect(guardedAddress(new URL('ftp://hook.example/x'), ['hook.example'], one)).rejects.toThrow(/^expected https/);
    await expect(guardedAddress(new URL('https://a:b@hook.example/x'), [], one)).rejects.toThrow(/name or password/);
  });

  it('is what the operator has allowed by name', async () => {
    const inner = (): Promise<string[]> => Promise.resolve(['10.0.0.1']);
    expect(await guardedAddress(new URL('http://erp.local:8080/x'), ['erp.local:8080'], inner)).toBe('10.0.0.1');
    await expect(guardedAddress(new URL('http://erp.local:8081/x'), ['erp.local:8080'], inner)).rejects.toThrow(
      /^expected https/,
    );
  });

  it('is no address of the private IPv4 networks, mapped into IPv6 or not', () => {
    fc.assert(
      fc.property(fc.constantFrom(10, 127), fc.nat(255), fc.nat(255), fc.nat(255), fc.boolean(), (a, b, c, d, mapped) => {
        const text = `${a}.${b}.${c}.${d}`;
        expect(addressFault(new URL(`https://${mapped ? `[::ffff:${text}]` : text}/`), [])).toBeDefined();
      }),
    );
  });
});
