// A batch of more lines than are read at once: it is closed in one pass and written, cleared and shown line by line. A dry run, which holds its lines and hashes them apart, is the second opinion.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { cellOf } from '../../hub/csv-cell.ts';
import { settle } from '../../hub/settlement.ts';
import { openStore } from '../../hub/store.ts';
import { fillClosedChannels } from '../bench/closed-channels.ts';
import { freshFolder } from '../hub/fixture.ts';

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
