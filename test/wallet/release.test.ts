// Releasing a channel while the hub runs: another process asks, the hub closes it at what its fast lane has accepted, and takes nothing more on it.

import { expect, onTestFinished, test, vi } from 'vitest';
import { openStore } from '../../hub/store.ts';
import type { ChannelNumber } from '../../shared/units.ts';
import { payAt, startHub } from '../hub/fixture.ts';

const CHANNEL = 1 as ChannelNumber;

test('a channel released beside a running hub keeps what was paid, and takes no more', async () => {
  const hub = await startHub({ grantEveryMs: 20 });
  const payer = await payAt(hub);
  const { device } = payer.config;
  await payer.send(payer.commitment(1));
  await payer.send(payer.payword(1, 3));
  const other = openStore(hub.store.dataDir);
  onTestFinished(() => other.close());
  other.atomically(() => other.reservations.ask({ device, number: CHANNEL, reason: 'the board is dead' }, 1));
  await vi.waitFor(() => expect(other.reservations.asked()).toEqual([]), { timeout: 15_000, interval: 10 });
  expect(other.channels.account(device, CHANNEL)).toMatchObject({ closed: true, acceptedUnits: 3 });
  await payer.send(payer.payword(1, 4));
  await payer.hears((answer) => answer.kind === 'reject' && answer.reason === 'channel-closed');
  expect(hub.store.channels.account(device, CHANNEL)).toMatchObject({ closed: true, acceptedUnits: 3 });
  await payer.send(payer.commitment(2));
  await payer.hears((answer) => answer.kind === 'receipt' && answer.channel === 2);
});
