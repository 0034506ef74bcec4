// `tallystick quarantine` as the operator types it: list, show, replay, and its exit codes.

import { expect, it } from 'vitest';
import { enrol } from '../../hub/enrol.ts';
import type { RefusedGroup } from '../../hub/quarantine.ts';
import { openStore } from '../../hub/store.ts';
import type { Payer } from '../hub/payer.ts';
import { payerOf } from '../hub/payer.ts';
import { requestOf } from '../hub/fixture.ts';
import { freshFolder, lastJson, tallystick } from './run.ts';

const SLOW_MS = 60_000;

/** A folder whose hub refused a commitment, a voucher of it and nonsense. */
function refusedFolder(): { readonly data: string; readonly payer: Payer } {
  const data = freshFolder();
  const store = openStore(data);
  const payer = payerOf(enrol(store, requestOf(1883)));
  const refused = (reason: RefusedGroup['reason'], message: string): RefusedGroup => {
    const messageHex = Buffer.from(message, 'latin1').toString('hex');
    return {
      device: payer.config.device,
      reason,
      messages: 2,
      lastAtSeconds: Math.floor(Date.now() / 1000), // a hub that starts forgets samples of long ago
      samples: [{ messageHex, detail: '', times: 2 }],
    };
  };
  store.atomically(() => {
    store.quarantine.keep(refused('unknown-tariff', payer.commitment(1)));
    store.quarantine.keep(refused('unknown-channel', payer.payword(1, 4)));
    store.quarantine.keep(refused('malformed', 'nonsense'));
  });
  store.close();
  return { data, payer };
}

it('lists, shows and replays what was refused', { timeout: SLOW_MS }, async () => {
  const { data, payer } = refusedFolder();
  const { device } = payer.config;
  const listed = lastJson<{ reason: string; samples: number[] }[]>(
    await tallystick('quarantine', 'list', '--data', data, '--json'),
  );
  expect(listed.map((row) => row.reason).sort()).toEqual(['malformed', 'unknown-channel', 'unknown-tariff']);
  const only = await tallystick('quarantine', 'list', '--data', data, '--reason', 'malformed');
  expect(only.stdout).toMatch(new RegExp(`^${device}  malformed  2 messages, last 20\\d\\d\\S+  samples 3\\n$`));
  const shown = await tallystick('quarantine', 'show', '2', '--data', data);
  expect(shown.stdout).toContain('a payword voucher for 4 units on channel 1');
  expect(shown.stdout).toContain('told to send-commitment');
  const good = await tallystick('quarantine', 'replay', '2', '1', '--data', data);
  expect([good.code, good.stdout]).toEqual([
    0,
    `sample 1 of ${device}: good; channel 1 is accepted up to 0 units\nsample 2 of ${device}: good; channel 1 is accepted up to 4 units\n`,
  ]);
  const bad = await tallystick('quarantine', 'replay', '--all', '--data', data, '--json');
  expect(bad.code).toBe(6);
  expect(lastJson(bad)).toEqual([{ sample: 3, device, outcome: { kind: 'rejected', reason: 'malformed' } }]);
  expect(lastJson(await tallystick('status', '--data', data, '--json'))).toMatchObject({ balanced: true, refusedMessages: 7 });
  expect((await tallystick('status', '--data', data)).stdout).toContain('7 messages refused');
});

it.each([
  ['no hub there', ['list'], 3],
  ['a reason that is none', ['list', '--reason', 'bad'], 2],
  ['a device that is none', ['list', '--device', 'x'], 2],
  ['a sample that is none', ['show', 'first'], 2],
  ['nothing to replay named', ['replay'], 2],
  ['both samples and all', ['replay', '1', '--all'], 2],
])('%s: one sentence, and its exit code', { timeout: SLOW_MS }, async (_what, words, code) => {
  const outcome = await tallystick('quarantine', ...words, '--data', freshFolder());
  expect(outcome.code).toBe(code);
  expect(outcome.stderr).toMatch(/^(error|tallystick): /);
  expect(outcome.stderr).not.toMatch(/\n\s+at /);
});

it('a sample that is not kept, and help', { timeout: SLOW_MS }, async () => {
  const { data } = refusedFolder();
  expect((await tallystick('quarantine', 'show', '9', '--data', data)).code).toBe(3);
  expect((await tallystick('quarantine', 'replay', '9', '--data', data)).code).toBe(3);
  for (const words of [[], ['list'], ['show'], ['replay']]) {
    expect((await tallystick('quarantine', ...words, '--help')).code).toBe(0);
  }
});
