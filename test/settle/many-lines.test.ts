// A batch of more lines than are read at once: it is closed in one pass and written, cleared and shown line by line. A dry run, which writes nothing, is the second opinion.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { BatchLineView } from '../../hub/batch-view.ts';
import { batchViewOf, nameOfIn } from '../../hub/batch-view.ts';
import { cellOf } from '../../hub/csv-cell.ts';
import { accountIdOf } from '../../hub/ids.ts';
import { settle } from '../../hub/settlement.ts';
import type { Store } from '../../hub/store.ts';
import { openStore } from '../../hub/store.ts';
import { termsWith } from '../../hub/terms.ts';
import { fillClosedChannels } from '../bench/closed-channels.ts';
import { freshFolder } from '../hub/fixture.ts';
import { toldRail } from './told-rail.ts';

const CHANNELS = 4096 + 1024 + 1;

test('each line is once in the rows, in the file and in what is shown, in one order, under the id that a dry run has named', () => {
  const folder = freshFolder();
  fillClosedChannels(folder, CHANNELS);
  const store = openStore(folder);
  onTestFinished(() => store.close());
  const preview = settle(store, { dryRun: true, nowSeconds: 2 }).batch;
  const { batch } = settle(store, { dryRun: false, nowSeconds: 2 });
  const lines = batch?.lines ?? [];
  expect(batch).toMatchObject({ id: preview?.id, state: 'settled' });
  expect(lines).toHaveLength(CHANNELS);
  expect(lines).toEqual(preview?.lines);
  const rows = readFileSync(join(folder, 'settlements', `${batch?.id ?? ''}.csv`), 'utf8').split('\r\n');
  const filed = rows.filter((row) => row.startsWith('line,')).map((row) => row.split(',')[2]);
  expect(filed).toEqual(lines.map(({ channel }) => cellOf(channel)));
  expect(store.channels.unsettled()).toEqual([]);
});

test('of a payee that is held back nothing is in, of one whose payout is full what fits, and a dry run has named the same batch', () => {
  const folder = freshFolder();
  fillClosedChannels(folder, CHANNELS);
  const store = openStore(folder);
  onTestFinished(() => store.close());
  const [paid, held] = ['payee 1', 'payee 2'];
  const MAX_MICROS = 10_000_000;
  const terms = termsWith([toldRail({ maxMicros: MAX_MICROS })]);
  store.atomically(() => {
    store.routes.route(accountIdOf(paid), 'pay', 'sepa', 1);
    store.routes.route(accountIdOf(held), 'pay', 'paypal', 1); // which is not configured
  });
  let paidMicros = 0;
  const expected = viewsOfDue(store).filter(({ payee, amountMicros }) => {
    if (payee === paid && paidMicros + amountMicros < MAX_MICROS + 10_000) paidMicros += amountMicros;
    else if (payee === paid) return false;
    return payee !== held;
  });
  const preview = settle(store, { dryRun: true, nowSeconds: 2, terms });
  const { batch, payouts, ...rest } = settle(store, { dryRun: false, nowSeconds: 2, terms });
  expect(expected.length).toBeGreaterThan(4096);
  expect(batch?.lines).toEqual(expected);
  expect(preview.batch).toMatchObject({ id: batch?.id, lines: expected });
  expect(payouts).toMatchObject([{ grossMicros: paidMicros, amountMicros: paidMicros - (paidMicros % 10_000) }]);
  expect(rest.held.map(({ why }) => why)).toEqual([
    'rail paypal is not configured',
    'rail sepa moves at most 10.00 EUR at once: the rest waits for the next batch',
  ]);
  expect(preview).toMatchObject({ payouts, held: rest.held });
});

function viewsOfDue(store: Store): BatchLineView[] {
  const nameOf = nameOfIn(store);
  const lines = [...store.batches.due('claimed')];
  return batchViewOf({ id: '', state: 'prepared', preparedAtSeconds: 2, lines }, nameOf).lines.slice();
}
