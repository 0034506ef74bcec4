// What rails have kept, against payouts that were made and booked by settlement itself.

import { expect, test } from 'vitest';
import { feesByRail } from '../../hub/insight/fees.ts';
import { accountIdOf } from '../../hub/ids.ts';
import { sendPayouts } from '../../hub/send.ts';
import { settle } from '../../hub/settlement.ts';
import { termsWith } from '../../hub/terms.ts';
import { startStore } from '../hub/fixture.ts';
import { openChannel } from '../settle/owing.ts';
import { toldRail } from '../settle/told-rail.ts';

test('fees are those that were booked, over what has really moved', async () => {
  const store = startStore();
  const rail = toldRail();
  const terms = termsWith([rail], {});
  const payees = ['bob', 'carol', 'dave'];
  const channels = payees.map((payee) =>
    openChannel(store, payee, { payer: 'alice', payee, currency: 'EUR', priceMicros: 1_000_000 }),
  );
  store.atomically(() => payees.forEach((payee) => store.routes.route(accountIdOf(payee), 'pay', 'sepa', 1)));
  for (const channel of channels) channel.accept(20, 2);
  settle(store, { dryRun: false, nowSeconds: 1000, terms, all: true });
  rail.says.set('bob', { kind: 'settled', reference: 'r1', feeMicros: 250_000 });
  rail.says.set('carol', { kind: 'settled', reference: 'r2' });
  rail.says.set('dave', { kind: 'rejected', why: 'no such account' });
  await sendPayouts(store, terms, 1001);
  const all = { fromSeconds: 0, untilSeconds: Infinity };
  expect(feesByRail(store, all)).toEqual([
    {
      rail: 'sepa',
      direction: 'pay',
      currency: 'EUR',
      payouts: 2,
      movedMicros: 40_000_000,
      feeMicros: 250_000,
      share: 0.00625,
      withoutFee: 1,
    },
  ]);
  expect(feesByRail(store, { ...all, fromSeconds: 1001 })).toEqual([]);
  expect(feesByRail(store, { ...all, currency: 'USD' })).toEqual([]);
});
