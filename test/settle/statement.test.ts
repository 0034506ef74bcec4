// What payouts and settlements are for, as statements tell it: units of channels, and the cents between payouts.

import { expect, onTestFinished, test } from 'vitest';
import { accountIdOf } from '../../hub/ids.ts';
import type { Outcome } from '../../hub/rails/rail.ts';
import { sendPayouts } from '../../hub/send.ts';
import { settle } from '../../hub/settlement.ts';
import { partsOfEntries } from '../../hub/statement-lines.ts';
import type { Store } from '../../hub/store.ts';
import { openStore } from '../../hub/store.ts';
import { termsWith } from '../../hub/terms.ts';
import type { PriceStep } from '../../hub/tariff/price-steps.ts';
import { freshFolder } from '../hub/fixture.ts';
import type { OwingChannel } from './owing.ts';
import { openChannel } from './owing.ts';
import type { ToldRail } from './told-rail.ts';
import { toldRail } from './told-rail.ts';

interface Scene {
  readonly store: Store;
  readonly channel: OwingChannel;
  readonly rail: ToldRail;
  /** So many units more, settled, and what the rail says of it. */
  readonly round: (units: number, says?: Outcome) => Promise<void>;
  readonly entriesOf: (name: string) => ReadonlyArray<{ kind: string; amountMicros: number; parts: readonly PriceStep[] }>;
}

/** Alice owes bob, at 1.2345 cents a unit. */
function scene(): Scene {
  const store = openStore(freshFolder());
  onTestFinished(() => store.close());
  const rail = toldRail();
  const terms = termsWith([rail]);
  const channel = openChannel(store, 'one', { payer: 'alice', payee: 'bob', currency: 'EUR', priceMicros: 12_345 });
  return {
    ...{ store, channel, rail },
    async round(units, says) {
      channel.accept(units, 1000);
      settle(store, { dryRun: false, nowSeconds: 1000, terms });
      if (says !== undefined) rail.says.set('bob', says);
      await sendPayouts(store, terms, 1000);
    },
    entriesOf(name) {
      const partsOf = partsOfEntries(store, accountIdOf(name), 'EUR');
      return store.books.movesWithin(accountIdOf(name), 'EUR', 0, 2000).map((move) => ({ ...move, parts: partsOf(move) }));
    },
  };
}

test('a payout is for the units of its own batch, of lost ones before it, and for cents', async () => {
  const { store, channel, round, entriesOf } = scene();
  store.atomically(() => store.routes.route(accountIdOf('bob'), 'pay', 'sepa', 1));
  await round(100, { kind: 'rejected', why: 'no such account' });
  await round(100, { kind: 'settled', reference: 'r' });
  await round(50);
  const words = (from: number, to: number): string => `channel ${channel.device}/1, use ${from} to ${to}`;
  expect(entriesOf('bob').map(({ kind, amountMicros, parts }) => [kind, amountMicros, parts])).toEqual([
    [
      'payout',
      -2_460_000,
      [
        { what: words(1, 100), micros: -1_234_500 }, // of the payout that was rejected
        { what: words(101, 200), micros: -1_234_500 },
        { what: 'left for the next payout', micros: 9_000 },
      ],
    ],
    [
      'payout',
      -620_000,
      [
        { what: words(201, 250), micros: -617_250 },
        { what: 'left over by the payout before', micros: -9_000 },
        { what: 'left for the next payout', micros: 6_250 },
      ],
    ],
  ]);
});

test('what is cleared in the books is told to both, and to a prepaid payer not: it stays on its wallet', async () => {
  const { store, channel, round, entriesOf } = scene();
  const cleared = (name: string): unknown[] => entriesOf(name).map(({ kind, parts }) => [kind, parts]);
  const part = (micros: number, units: string): unknown => [
    'settlement',
    [{ what: `channel ${channel.device}/1, use ${units}`, micros }],
  ];
  await round(10);
  expect([cleared('alice'), cleared('bob')]).toEqual([[part(123_450, '1 to 10')], [part(-123_450, '1 to 10')]]);
  const prepaid = { kind: 'prepaid', currency: 'EUR', creditMicros: 0 } as const;
  store.atomically(() => store.wallets.setTerms(accountIdOf('alice'), prepaid, 1000));
  await round(2);
  expect(cleared('alice')).toHaveLength(1);
  expect(cleared('bob')[1]).toEqual(part(-24_690, '11 to 12'));
});
