// The hub's clock jumps by years, there and back, as a machine without a battery does at its first contact with a time server. Money depends on it in one place: whether a
// tariff is valid when a channel opens. All else goes on.

import { afterEach, expect, test, vi } from 'vitest';
import type { Bytes } from '../../shared/bytes.ts';
import { payAt, startHub } from '../hub/fixture.ts';
import type { ConnectedPayer } from '../hub/payer.ts';

const YEAR_MS = 365 * 86_400_000;

afterEach(() => void vi.useRealTimers());

function jumpTo(atMs: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: atMs });
}

/** With another last byte, in one of 255 ways. */
function spoiled(message: Bytes, way: number): Bytes {
  const last = message.length - 1;
  return message.substring(0, last) + String.fromCharCode(message.charCodeAt(last) ^ (1 + way));
}

async function paidUpTo(payer: ConnectedPayer, units: number): Promise<void> {
  await payer.send(payer.payword(1, units));
  await payer.hears((answer) => answer.kind === 'receipt' && answer.channel === 1 && answer.acceptedUnits === units);
}

test('paying, claiming and settling go on, whatever the clock says', async () => {
  const hub = await startHub({ claimEveryMs: 20 });
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  const now = Date.now();
  let units = 0;
  for (const atMs of [now, now - 20 * YEAR_MS, now + 50 * YEAR_MS, 0, now]) {
    jumpTo(atMs);
    await paidUpTo(payer, (units += 3));
    hub.settle({ dryRun: false });
    expect(hub.status()).toMatchObject({ balanced: true, units: { accepted: units, settled: units } });
  }
});

test('a channel opens only while the hub’s clock is within the tariff’s validity, and opens when the clock is right again', async () => {
  const hub = await startHub();
  const nowSeconds = Math.floor(Date.now() / 1000);
  const validity = { validFromSeconds: nowSeconds - 1000, validUntilSeconds: nowSeconds + 100_000 };
  const tariff = { currency: 'EUR', unit: 'vend', priceMicros: 10_000 as never, perUnits: 1, ...validity };
  const payer = await payAt(hub, { tariff });
  await payer.send(payer.commitment(1));
  for (const atMs of [0, Date.now() + 10 * YEAR_MS]) {
    jumpTo(atMs);
    await payer.send(payer.commitment(2));
    await payer.hears((answer) => answer.kind === 'reject' && answer.reason === 'expired-tariff');
    await paidUpTo(payer, atMs === 0 ? 3 : 4);
    vi.useRealTimers();
  }
  await payer.send(payer.commitment(2));
  await payer.hears((answer) => answer.kind === 'receipt' && answer.channel === 2);
  expect(hub.status()).toMatchObject({ balanced: true, units: { accepted: 4 } });
});

test('a device’s allowance for failed tries neither vanishes nor overflows when the clock jumps', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  const now = Date.now();
  jumpTo(now - 20 * YEAR_MS);
  for (let i = 0; i < 31; i++) await payer.send(spoiled(payer.payword(1, 1), i));
  await paidUpTo(payer, 2);
  jumpTo(now + 50 * YEAR_MS);
  for (let i = 0; i < 40; i++) await payer.send(spoiled(payer.payword(1, 3), i));
  const { byReason } = hub.counters();
  expect(byReason['bad-payword']).toBe(31 + 32);
  expect(byReason['rate-limited']).toBe(8);
});
