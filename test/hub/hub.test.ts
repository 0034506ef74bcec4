// The hub from end to end, over real MQTT and TCP: from a commitment to a settled batch, and across restarts.

import { expect, test } from 'vitest';
import { freshFolder, payAt, startHub } from './fixture.ts';
import { connectPayer } from './payer.ts';

test('a commitment opens a channel, paywords are accepted, a closing voucher closes it, and it is settled', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  expect(await payer.hears((answer) => answer.kind === 'receipt')).toEqual({
    kind: 'receipt',
    channel: 1,
    acceptedUnits: 0,
    closed: false,
  });
  for (let units = 1; units <= 20; units++) await payer.send(payer.payword(1, units));
  await payer.hears((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 20);
  await payer.send(payer.signed(1, 25, true));
  await payer.hears((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 25 && answer.closed);

  const settlement = hub.settle({ dryRun: false });
  const line = {
    channel: `${payer.config.device}/1`,
    payer: 'alice',
    payee: 'bob',
    units: 25,
    amountMicros: 250_000,
    currency: 'EUR',
  };
  expect(settlement.batch).toMatchObject({ state: 'settled', lines: [line] });
  const status = hub.status();
  expect(status.faults).toEqual([]);
  expect(status.units).toEqual({ accepted: 25, settled: 25 });
  expect(status.amounts).toEqual([{ currency: 'EUR', chargedMicros: 250_000, settledMicros: 250_000, unsettledMicros: 0 }]);
  expect(hub.counters()).toMatchObject({ accepted: 21, duplicate: 0, rejected: 0, commitments: { accepted: 1 } });
});

test('the same voucher 100 times, across restarts, is counted once', async () => {
  const dataDir = freshFolder();
  let hub = await startHub({ dataDir });
  const first = await payAt(hub);
  await first.send(first.commitment(1));
  const voucher = first.payword(1, 7);
  const receipts = { accepted: 0, duplicate: 0 };
  for (let restart = 0; restart < 4; restart++) {
    const payer = await connectPayer({ ...first.config, port: hub.port });
    for (let i = 0; i < 25; i++) await payer.send(voucher);
    await payer.hears((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 7);
    await payer.end();
    const { accepted, duplicate } = hub.counters();
    receipts.accepted += accepted;
    receipts.duplicate += duplicate;
    expect(hub.status().units.accepted).toBe(7);
    await hub.close();
    hub = await startHub({ dataDir });
  }
  expect(receipts).toEqual({ accepted: 1, duplicate: 99 });
  expect(hub.status()).toMatchObject({ balanced: true, units: { accepted: 7 } });
});

test('vouchers shuffled, repeated and all under way at once, at QoS 0 and 1, end at the highest', async () => {
  const hub = await startHub();
  const payer = await payAt(hub);
  await payer.send(payer.commitment(1));
  const up = `t/${payer.config.device}/up`;
  const order = Array.from({ length: 300 }, (_, i) => 1 + ((i * 77) % 150)); // 77 and 150 have no common divisor: every number twice
  const sent = order.map((units, i) => {
    return payer.client.publishAsync(up, Buffer.from(payer.payword(1, units), 'latin1'), { qos: i % 3 === 0 ? 0 : 1 });
  });
  await Promise.all(sent);
  await payer.hears((answer) => answer.kind === 'receipt' && answer.acceptedUnits === 150);
  await expect.poll(() => hub.counters().accepted + hub.counters().duplicate).toBe(300);
  expect(hub.status()).toMatchObject({ balanced: true, units: { accepted: 150 } });
});
