// `tallystick account`, as an operator uses it: terms, a wallet filled once under an id, budgets, and refusals by name that leave everything as it was.

import { expect, test } from 'vitest';
import type { AccountView } from '../../hub/wallet-view.ts';
import { freshFolder, lastJson, tallystick } from './run.ts';

test('an account gets terms and money, once for each id, and shows where both stand', async () => {
  const folder = freshFolder();
  const run = (...words: string[]) => tallystick('account', ...words, '--data', folder);
  expect((await run('add', 'acme')).stdout).toBe('acme is an account now\n');
  expect(lastJson(await run('terms', 'acme', '--prepaid', '--currency', 'EUR', '--json'))).toEqual({
    kind: 'prepaid',
    currency: 'EUR',
    creditMicros: 0,
  });
  const topUp = ['top-up', 'acme', '50.00', '--id', 'bank-17', '--text', 'by transfer'];
  const { entry } = lastJson<{ entry: number }>(await run(...topUp, '--json'));
  expect((await run(...topUp)).stdout).toBe(`entry ${entry} has it already, word for word; nothing changed\n`);
  const other = await run('top-up', 'acme', '60.00', '--id', 'bank-17');
  expect(other).toMatchObject({ code: 6, stdout: '' });
  expect(other.stderr).toMatch(/bank-17/);
  const device = ['--label', 'lobby', '--payer', 'acme', '--payee', 'snacks', '--profile', 'vending'];
  const added = await tallystick('device', 'add', ...device, '--data', folder);
  expect(added.stderr).toMatch(/^limit: 2 vend, worth 5.00 EUR, at most a tenth of the 50.00 EUR that the payer has free/);
  await run('promote', 'acme', '5', '--id', 'gift', '--expires', '2099-01-01');
  const view = lastJson<AccountView>(await run('show', 'acme', '--json'));
  expect(view).toMatchObject({ account: 'acme', wallet: { heldMicros: 55_000_000, withdrawableMicros: 50_000_000 } });
  expect((await run('show', 'acme')).stdout).toMatch(
    /^acme {2}prepaid {2}wallet 55.00 EUR, 55.00 free for new channels\n {2}held 55.00 EUR, of it promotions 5.00 EUR\n/,
  );
}, 120_000);

test('what cannot be is refused by name, and changes nothing', async () => {
  const folder = freshFolder();
  const run = (...words: string[]) => tallystick('account', ...words, '--data', folder);
  await run('add', 'acme');
  await run('terms', 'acme', '--prepaid', '--currency', 'EUR');
  await run('top-up', 'acme', '10', '--id', 'a');
  for (const [words, code, sentence] of [
    [['terms', 'acme', '--prepaid', '--post-paid'], 2, /expected either --prepaid or --post-paid/],
    [['top-up', 'acme', '-5', '--id', 'b'], 2, /-5/],
    [['withdraw', 'acme', '10.01', '--id', 'b'], 6, /amount: expected at most 10\.00 EUR/],
    [['budget', 'acme', '--per-day', '--zone', 'Mars/Base', '--limit', '5'], 6, /Mars/],
    [['top-up', 'nobody', '5', '--id', 'b'], 6, /nobody/],
  ] as const) {
    const refused = await run(...words);
    expect(refused).toMatchObject({ code, stdout: '' });
    expect(refused.stderr).toMatch(sentence);
  }
  expect(lastJson<AccountView>(await run('show', 'acme', '--json'))).toMatchObject({
    wallet: { heldMicros: 10_000_000 },
    budgets: [],
  });
}, 120_000);
