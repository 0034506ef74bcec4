// `tallystick retention`, as an operator uses it: what is kept for how long, set, tried out and applied; and that the books do not notice.

import { expect, test } from 'vitest';
import { makeBusiness } from '../audit/whole-business.ts';
import { freshFolder, lastJson, tallystick } from './run.ts';

interface Kept {
  readonly kind: string;
  readonly days: number | null;
  readonly isDefault: boolean;
}

test('shown, set, tried, applied; and the books still audit', async () => {
  const folder = freshFolder();
  makeBusiness(folder).close();
  const run = (...words: string[]) => tallystick('retention', ...words, '--data', folder);
  const kinds = lastJson<Kept[]>(await run('show', '--json'));
  expect(kinds.find(({ kind }) => kind === 'sale-quarters')).toMatchObject({ days: 400, isDefault: true });
  expect((await run('show')).stdout).toMatch(/sale-quarters\s.*400 days \(default\)/);

  expect((await run('set', 'sale-quarters', '90')).stdout).toBe('sale-quarters are kept for 90 days\n');
  expect(lastJson(await run('set', 'refused-samples', 'forever', '--json'))).toMatchObject({ days: null, isDefault: false });
  const after = lastJson<Kept[]>(await run('show', '--json'));
  expect(after.find(({ kind }) => kind === 'sale-quarters')).toMatchObject({ days: 90, isDefault: false });

  const tried = await run('apply', '--dry-run');
  expect(tried).toMatchObject({ code: 0 });
  expect(tried.stdout).toContain('would go');
  const applied = lastJson<{ dryRun: boolean; compacted: boolean }>(await run('apply', '--compact', '--json'));
  expect(applied).toMatchObject({ dryRun: false, compacted: true });
  expect((await tallystick('audit', '--data', folder)).code).toBe(0);
}, 120_000);

test.each([
  [['set', 'entries', '30'], /entries/],
  [['set', 'sale-quarters', 'soon'], /soon/],
  [['set', 'sale-quarters', '-1'], /-1/],
])(
  '%j is refused, and nothing is changed',
  async (words, sentence) => {
    const folder = freshFolder();
    makeBusiness(folder).close();
    const before = (await tallystick('retention', 'show', '--json', '--data', folder)).stdout;
    const refused = await tallystick('retention', ...words, '--data', folder);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(sentence);
    expect((await tallystick('retention', 'show', '--json', '--data', folder)).stdout).toBe(before);
  },
  120_000,
);
