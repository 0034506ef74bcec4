// The real firmware against a real hub whose payer's wallet is empty: the board stops, and after a top-up it goes on by itself, losing nothing.

import { expect, onTestFinished, test, vi } from 'vitest';
import { createFirmware } from '../../device/firmware.ts';
import { createProfile } from '../../device/profiles/generic.ts';
import { settingsOf } from '../../device/settings.ts';
import { topUpWallet } from '../../hub/wallet-events.ts';
import { addAccount, giveTerms } from '../../hub/wallet-terms.ts';
import { createNodeBoard } from '../device/node-board.ts';
import { enrolAt, startHub } from '../hub/fixture.ts';
import { balanceOf, UNIT_MICROS } from './bank.ts';

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 15_000, interval: 5 });
const LIMIT_UNITS = 5;
/** What a board waits after `stop` before it asks again. */
const RETRY_MS = 300_000;

test('a board stopped by an empty wallet goes on after a top-up, and pays what it metered meanwhile', async () => {
  const hub = await startHub();
  const { store } = hub;
  const nowSeconds = Math.floor(Date.now() / 1000);
  addAccount(store, 'alice', nowSeconds);
  giveTerms(store, 'alice', { kind: 'prepaid', currency: 'EUR', creditMicros: 0 }, nowSeconds);
  const meter = { kind: 'pulse', pin: 'D4', unitsPerPulse: 1, debounceMs: 0 } as const;
  const config = enrolAt(hub, { limitUnits: LIMIT_UNITS, chainUnits: LIMIT_UNITS, creditMicros: 1e9, meter });
  let passedMs = 0;
  const board = createNodeBoard(new Map());
  const clockMs = (): number => Math.floor(performance.now());
  board.nowMs = () => clockMs() + passedMs;
  const firmware = createFirmware(board, settingsOf(config), createProfile);
  onTestFinished(() => firmware.halt());
  firmware.start();
  const topUp = (id: string): unknown => topUpWallet(store, 'alice', { id, amountMicros: LIMIT_UNITS * UNIT_MICROS, nowSeconds });

  await until(() => expect(board.pulse).toBeDefined());
  board.pulse?.();
  await until(() => expect(board.lines.join('\n')).toContain('the hub refuses channel 1: excessive-limit'));
  await until(() => expect(firmware.snapshot()).toMatchObject({ state: 'stopped', acceptedUnits: 0, uncoveredUnits: 1 }));
  topUp('first');
  passedMs += RETRY_MS;
  board.pulse?.();
  await until(() => expect(firmware.snapshot()).toMatchObject({ state: 'serving', uncoveredUnits: 0, registerUnits: 2 }));

  // The wallet holds one channel's worth: the second channel has to wait for the next top-up.
  for (let i = 0; i < LIMIT_UNITS; i++) board.pulse?.();
  await until(() => expect(board.lines.join('\n')).toContain('the hub refuses channel 2: excessive-limit'));
  topUp('second');
  passedMs += RETRY_MS;
  board.pulse?.();
  await until(() => expect(firmware.snapshot()).toMatchObject({ registerUnits: 8, uncoveredUnits: 0 }));
  expect(balanceOf(hub.store, 'alice').trueMicros).toBe((2 * LIMIT_UNITS - 8) * UNIT_MICROS);
});
