// `tallystick statement`, as a bookkeeper uses it: a business of three days, told as text, CSV, JSON and a page, with its taxes and the steps of every price.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'csv-parse/sync';
import type { Statement } from '../../hub/statement.ts';
import { makeBusiness } from '../audit/whole-business.ts';
import { freshFolder, lastJson, tallystick } from './run.ts';

/** The business begins there, in 2027. */
const DAYS = ['--from', '2027-01-15', '--to', '2027-01-18'];

test('every number is explained, alike in every format', async () => {
  const folder = freshFolder();
  makeBusiness(folder).close();
  const data = ['--data', folder];
  const told = (...words: string[]) => tallystick('statement', 'alice', ...DAYS, ...words, ...data);

  const { currencies } = lastJson<Statement>(await told('--json'));
  const euros = currencies.find(({ currency }) => currency === 'EUR') ?? expect.fail('no EUR');
  const timed = euros.channels.filter(({ unit }) => unit === 'minute');
  expect(timed.length).toBeGreaterThan(0);
  for (const { amountMicros, taxMicros, steps, beforeMicros } of euros.channels) {
    expect((steps.at(-1)?.micros ?? 0) - beforeMicros).toBe(-amountMicros);
    expect(-taxMicros).toBeLessThanOrEqual(-amountMicros);
  }
  for (const { amountMicros, taxMicros, beforeMicros } of timed)
    expect(-taxMicros).toBe(Math.floor(((beforeMicros - amountMicros) * 19) / 119) - Math.floor((beforeMicros * 19) / 119));
  expect(euros.taxPaidMicros).toBe(timed.reduce((sum, { taxMicros }) => sum + taxMicros, 0));

  for (const { kind, amountMicros, parts } of euros.entries) {
    if (kind === 'settlement') expect(parts.reduce((sum, { micros }) => sum + micros, 0)).toBe(amountMicros);
    else expect(parts).toEqual([]);
  }

  const text = (await told()).stdout;
  const page = (await told('--format', 'html')).stdout;
  for (const words of [
    'the first 2 minute are free: 0.00',
    'in force, in Europe/Berlin: the prices 09:00-09:02',
    'with 19 % tax: ',
    'rounded down to millionths: ',
    'tax in it: ',
    'tax in what was paid: ',
    'vend at 2.50 per 1, rounded down to millionths: ',
  ]) {
    expect(text).toContain(words);
    expect(page).toContain(words);
  }
  const rows = parse<Record<string, string>>((await told('--format', 'csv')).stdout, { columns: true });
  const channels = rows.filter(({ record, currency }) => record === 'channel' && currency === 'EUR');
  expect(channels.map(({ tax }) => Math.round(Number(tax) * 1e6) + 0)).toEqual(
    euros.channels.map(({ taxMicros }) => taxMicros + 0),
  );
  expect(channels.map(({ steps }) => steps)).toEqual(
    expect.arrayContaining([expect.stringMatching(/the first 2 minute are free: 0.00; in force, .*; tax in it: 0\.\d+$/)]),
  );
}, 120_000);

test('a later period is told by what is new in it, and its parts sum to the whole', async () => {
  const folder = freshFolder();
  makeBusiness(folder).close();
  const over = async (from: string, to: string): Promise<Statement> =>
    lastJson(await tallystick('statement', 'alice', '--from', from, '--to', to, '--json', '--data', folder));
  const days = ['2027-01-15', '2027-01-16', '2027-01-17', '2027-01-18'];
  const whole = await over('2027-01-15', '2027-01-18');
  const parts = await Promise.all(days.map((day) => over(day, day)));
  for (const { currency, taxPaidMicros, closingMicros } of whole.currencies) {
    const each = parts.map((part) => part.currencies.find((one) => one.currency === currency) ?? expect.fail(currency));
    expect(each.reduce((sum, one) => sum + one.taxPaidMicros, 0)).toBe(taxPaidMicros);
    expect(each.at(-1)?.closingMicros).toBe(closingMicros);
  }
  const text = (await tallystick('statement', 'alice', '--from', '2027-01-16', '--to', '2027-01-17', '--data', folder)).stdout;
  expect(text).toMatch(/less \d+\.\d+ for the first \d+ minute, claimed before: \d/);
}, 120_000);

test('it writes a file that only its owner reads, and says what is wrong in one sentence', async () => {
  const folder = freshFolder();
  makeBusiness(folder).close();
  const file = join(folder, 'alice.html');
  expect(await tallystick('statement', 'alice', ...DAYS, '--format', 'html', '-o', file, '--data', folder)).toMatchObject({
    code: 0,
    stdout: '',
  });
  expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  for (const [words, code, sentence] of [
    [['nobody'], 6, /no account "?nobody|nobody/],
    [['alice', '--from', '2027-01-18', '--to', '2027-01-15'], 6, /^.*to: expected a day from 2027-01-18 on, got 2027-01-15/m],
    [['alice', '--from', 'soon'], 2, /soon/],
    [['alice', '--format', 'pdf'], 2, /pdf/],
  ] as const) {
    const refused = await tallystick('statement', ...words, '--data', folder);
    expect(refused).toMatchObject({ code, stdout: '' });
    expect(refused.stderr).toMatch(sentence);
  }
}, 120_000);
