// Settlement as an operator types it: routes, a comparison, a dry run, approval by rail, files out and answers in.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../hub/store.ts';
import { freshFolder } from '../hub/fixture.ts';
import { openChannel } from '../settle/owing.ts';
import { lastJson, tallystick } from './run.ts';

function owingFolder(): string {
  const data = freshFolder();
  const store = openStore(data);
  openChannel(store, 'one', { payer: 'alice', payee: 'bob', currency: 'EUR', priceMicros: 12_345 }).accept(100, 1);
  openChannel(store, 'two', { payer: 'alice', payee: '=carol', currency: 'EUR', priceMicros: 10 }).accept(3, 1);
  store.close();
  return data;
}

const filesOf = (data: string): string[] =>
  readdirSync(join(data, 'settlements')).filter((name) => name.endsWith('.payouts.csv'));

interface Shown {
  readonly batch: { readonly id: string } | null;
  readonly payouts: ReadonlyArray<{ readonly account: string; readonly amountMicros: number }>;
  readonly held: ReadonlyArray<{ readonly account: string; readonly why: string }>;
}

test(
  'a payee is routed to CSV, paid by a file, and the answer settles it; the same answer again changes nothing',
  { timeout: 120_000 },
  async () => {
    const data = owingFolder();
    const run = (...words: string[]) => tallystick('settle', ...words, '--data', data);
    expect((await run('route', 'bob', '--rail', 'csv')).stdout).toContain('bob: paid by csv');
    expect((await run('route', '=carol', '--rail', 'csv')).code).toBe(0);
    expect((await run('route', 'nobody', '--rail', 'csv')).stderr).toContain(
      'account: expected the name of a payer or payee, got "nobody"',
    );
    expect((await run('send')).stdout).toBe('no payout is under way\n');
    expect((await run('compare')).stdout).toContain('csv: moves 1.23, keeps 0.00 (0 %)');
    const dry = lastJson<Shown>(await run('--dry-run', '--json'));
    expect(dry).toMatchObject({ payouts: [{ account: 'bob', amountMicros: 1_230_000 }], held: [{ account: '=carol' }] });
    const settled = await run('--json');
    expect(lastJson<Shown>(settled).batch?.id).toBe(dry.batch?.id);
    const [name = ''] = filesOf(data);
    const file = readFileSync(join(data, 'settlements', name), 'utf8');
    const [payout = ''] = file.split('\r\n')[1]?.split(',') ?? [];
    expect(file.split('\r\n')[1]).toBe(`${payout},${dry.batch?.id ?? ''},pay,bob,1.230000,EUR,,,,`);

    const answer = join(data, 'answer.csv');
    writeFileSync(answer, `payout,state,amount,reference\n${payout},settled,1.22,r1\n${'0'.repeat(32)},settled,1,r2\n`);
    const doubtful = (await run('reply', 'csv', answer)).stdout;
    expect(doubtful).toContain('expected 1.230000, got 1.22: nothing follows from it');
    expect(doubtful).toContain('was never written to a CSV file');
    expect((await run('status')).stdout).toContain('sent by hub');
    writeFileSync(answer, `payout,state,amount,reference\n${payout},settled,1.23,r1\n`);
    expect((await run('reply', 'csv', answer)).stdout).toContain('1 answers, 1 of them news');
    expect((await run('reply', 'csv', answer)).stdout).toContain('1 answers, 0 of them news');
    expect((await run('status')).stdout).toMatch(/bob.*1\.23 EUR.*settled.*r1/);
    writeFileSync(answer, 'payout;state\n1;settled\n');
    expect(await run('reply', 'csv', answer)).toMatchObject({ code: 3 });
    expect((await tallystick('status', '--data', data)).code).toBe(0);
  },
);

test('a batch is prepared, looked at, a payout withheld, and the rest settled', { timeout: 120_000 }, async () => {
  const data = owingFolder();
  const run = (...words: string[]) => tallystick('settle', ...words, '--data', data);
  await run('route', 'bob', '--rail', 'csv');
  const prepared = lastJson<{ waiting: string; payouts: unknown[] }>(await run('prepare', '--json'));
  const [batch] = lastJson<ReadonlyArray<{ id: string; payouts: ReadonlyArray<{ id: string }> }>>(
    await run('status', prepared.waiting, '--json'),
  );
  const payout = batch?.payouts[0]?.id ?? '';
  expect((await run('withhold', payout, '--by', 'dora')).stdout).toContain('is withheld by dora');
  expect(await run('withhold', payout)).toMatchObject({ code: 6 });
  expect((await run('approve', prepared.waiting, '--by', 'dora')).stdout).toContain('is approved by dora');
  expect((await run()).code).toBe(0);
  expect(filesOf(data)).toEqual([]);
  const again = lastJson<Shown>(await run('--all', '--json'));
  expect(again.payouts).toMatchObject([{ account: 'bob', amountMicros: 1_230_000 }]);
  expect((await run('status')).stdout).toContain('rejected');
  expect((await run()).stdout).toMatch(/\.payouts\.csv: 1 to pay, 1\.23 EUR in all\n$/); // what is to be carried
});
